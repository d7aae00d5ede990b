"""What becomes of a message whose handling was given up."""

from __future__ import annotations

from bot.ports import Disposition, MessageState, RecipientError
from handlers.gave_up import on_gave_up
from tests.integration.handlers.desk import PRIYA, desk


async def test_a_message_that_is_given_up_is_quarantined_and_a_person_told_once(tmp_path):
    async with desk(tmp_path) as office:
        await office.engine.stop()
        received = await office.put(office.raw_mail("The amount is 60k."))
        reason = "the worker died 20 times while it ran this job; it is not started again"
        for _ in range(2):
            await on_gave_up(office.services, "arrived", "1", reason)
        async with office.store.unit() as unit:
            inbound = await unit.inbound(1)
        assert inbound.key == received.key
        assert (inbound.disposition, inbound.reason) == (Disposition.QUARANTINED, reason)
        (told,) = await office.outbox()
        assert (told.to, told.event) == (PRIYA, "trouble")


async def test_a_refusal_that_a_stranger_cannot_get_troubles_nobody(tmp_path):
    async with desk(tmp_path) as office:
        office.post.errors.append(
            RecipientError("smtp: mx.test refused at rcpt (550 5.1.1): the address takes no mail")
        )
        await office.mail("Buy this", sender="spam@nowhere.example")
        assert [(m.event, m.state) for m in await office.outbox()] == [("not_verified", MessageState.FAILED)]
