"""Undo: the old values come back, unless somebody changed them meanwhile. Idempotent by the change's key."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.codec import from_json
from bot.domain.deals import Deal, FieldChange
from bot.domain.notices import Answer
from bot.ports import Change, ChangeState, Disposition, Job, Unit
from handlers.answering import APPLIED
from handlers.learning import Lesson, collect, taken_back
from handlers.people import own_deals
from handlers.services import Services
from handlers.speak import answer_to
from handlers.understanding import Said, case_of


async def on_undo(services: Services, said: Said, receipt_of: int | None) -> None:
    """Take back what the receipt for the inbound `receipt_of` reported, on deals that are still the partner's; says
    so when there is nothing to undo."""
    inbound, now = said.inbound, services.now()
    taught: tuple[Lesson, ...] = ()
    foreign = False
    async with services.store.unit() as unit:
        inverse = await _inverse(unit, said, receipt_of) if receipt_of is not None else []
    if inverse:
        deals = await own_deals(services, said.person, [c.deal_id for c in inverse])
        shared = {d.id for d in deals if d.is_shared}  # what a manager let through, only a manager takes back
        foreign = any(c.deal_id in shared for c in inverse)
        inverse = [c for c in inverse if c.deal_id in {d.id for d in deals} - shared]
        taught = await _taught(services, said, deals, receipt_of)
    async with services.store.unit() as unit:
        disposition = Disposition.APPLIED if inverse else Disposition.REFUSED
        reason = f"undo of {receipt_of}" if inverse else "nothing to undo"
        if not await unit.dispose(
            inbound.id, disposition, reason, sender=said.person.email, conversation_id=said.conversation.id, now=now
        ):
            return
        if await unit.conversation(said.conversation.id) is None:
            await unit.save_conversation(said.conversation)
        await collect(unit, taught if inverse else (), now=now)
        ids = []
        for change in inverse:
            ids.append(await unit.add_change(change))
            await unit.enqueue(Job(kind="apply", ref=str(ids[-1]), lane=change.deal_id))
        await answer_to(
            unit,
            services,
            key=f"answer:{inbound.id}",
            notice=Answer(refused=() if inverse else ("not_allowed" if foreign else "nothing_to_undo",)),
            conversation=said.conversation,
            person=said.person,
            inbound_id=inbound.id,
            mail_id=said.mail_id,
            extra={"changes": ids},
            waiting=bool(ids),
        )


async def _taught(services: Services, said: Said, deals: Sequence[Deal], receipt_of: int | None) -> tuple[Lesson, ...]:
    about = said.conversation.about
    if about.get("inbound") != receipt_of:
        return ()
    case = case_of(said, deals, await services.crm.pipelines(), services.policies.terms.extension_days)
    return taken_back(from_json(about.get("told") or []), case)


async def _inverse(unit: Unit, said: Said, receipt_of: int) -> list[Change]:
    """The changes that take the receipt's ones back, leaving out those already taken back and those of another
    partner: the number on a button proves nothing."""
    inverse: list[Change] = []
    receipt = await unit.inbound(receipt_of)
    conversation = await unit.conversation(receipt.conversation_id) if receipt.conversation_id else None
    if said.person.partner is None or conversation is None or conversation.partner_id != said.person.partner.id:
        return inverse
    for change in await unit.changes_of(receipt_of):
        applied = [c for c in change.changes if change.results.get(c.field) == APPLIED]
        if not applied or change.state is not ChangeState.DONE or await unit.undone_by(change.id) is not None:
            continue
        inverse.append(
            Change(
                id=0,
                key=f"undo:{change.id}",
                inbound_id=said.inbound.id,
                conversation_id=said.conversation.id,
                deal_id=change.deal_id,
                author_id=said.person.id,
                changes=tuple(FieldChange(field=c.field, old=c.new, new=c.old) for c in applied),
                state=ChangeState.PENDING,
                undo_of=change.id,
            )
        )
    return inverse
