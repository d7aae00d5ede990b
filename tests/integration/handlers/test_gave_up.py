"""What becomes of a message whose handling was given up."""

from __future__ import annotations

import itertools
from decimal import Decimal

from bot.domain.deals import Deal
from bot.errors import PermanentError, TransientError
from bot.ports import Disposition, MessageState, RecipientError
from handlers.gave_up import on_gave_up
from tests.integration.handlers.desk import PRIYA, Desk, desk


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


BROKEN = PermanentError("crm: write deal D1: it broke off")


async def _told_of_a_broken_write(office: Desk, *, written: bool) -> str:
    """Julia's amount is sent to a CRM that breaks off and is given up; returns the mail that she gets."""
    notice = await office.moved(stage="Configure & Quote")
    office.crm.fail_next("write", BROKEN, after=written)
    await office.mail("The amount is 60k.", to=notice)
    return office.last().text


async def test_a_write_that_broke_off_and_did_happen_is_told_as_written(tmp_path):
    async with desk(tmp_path) as office:
        assert "noted. New on Acme rollout" in await _told_of_a_broken_write(office, written=True)
        assert (await office.deal()).amount == Decimal(60000)


async def test_a_write_that_broke_off_and_did_not_happen_is_told_as_refused(tmp_path):
    async with desk(tmp_path) as office:
        assert "Not changed on Acme rollout" in await _told_of_a_broken_write(office, written=False)
        assert "The CRM refused a change" in office.last(PRIYA).subject


async def test_a_write_that_nobody_can_look_at_is_called_unverified_and_a_person_looks(tmp_path):
    async with desk(tmp_path) as office:
        deal, looks = office.crm.deal, itertools.count()

        async def away_for_a_look(deal_id: str) -> Deal | None:
            if office.crm.writes and next(looks) == 0:
                raise TransientError("crm: it is away")
            return await deal(deal_id)

        office.crm.deal = away_for_a_look  # type: ignore[method-assign]
        told = await _told_of_a_broken_write(office, written=True)
        assert "could not make sure whether this is in our CRM on Acme rollout" in told
        assert "40,000 EUR → 60,000 EUR" in told
        assert "Priya Nair is looking into it" in told
        assert "Not changed" not in told
        assert "undo" not in told.casefold()
        assert "perhaps written, the CRM did not answer: amount" in office.crm.notes[-1].body
        assert "A change could not be verified" in office.last(PRIYA).subject
