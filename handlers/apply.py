"""A change is due: the deal is read again, compared, written once, and the answer released. Idempotent.

Before the write its intention is committed (state `writing`, with the old values), so that after a crash the deal
itself tells whether the write happened.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.domain.actions import Certainty, Field, Set
from bot.domain.codec import to_json
from bot.domain.deals import Deal, DealField, FieldChange, Outcome, Pipelines, same
from bot.domain.sharing import seen_by, sides
from bot.errors import OffportalError
from bot.ports import Change, ChangeState, GoneError, Job, MessageState, RefusedFieldsError, Unit
from handlers.answering import APPLIED, UNCHANGED, UNVERIFIED
from handlers.services import Services
from handlers.speak import delivery

log = structlog.get_logger()


async def on_apply(services: Services, ref: str) -> None:
    """Write one change to the CRM. Raises TransientError for what is worth another try."""
    async with services.store.unit() as unit:
        change = await unit.change(int(ref))
        conversation = await unit.conversation(change.conversation_id) if change is not None else None
    if change is None or change.state not in {ChangeState.PENDING, ChangeState.WRITING}:
        return
    partner_id = conversation.partner_id if conversation is not None else None
    deal = await services.crm.deal(change.deal_id)
    if deal is None or seen_by(deal, partner_id) is None:  # given to another partner since it was decided
        await _finish(services, change, {c.field.value: "gone" for c in change.changes})
        return
    results = judge(change, deal)
    others = len(sides(deal)) > 1
    to_write = tuple(c for c in change.changes if c.field.value not in results)
    if to_write:
        writing = replace(change, state=ChangeState.WRITING)
        async with services.store.unit() as unit:
            await unit.save_change(writing, now=services.now())
        results |= await _write(services, deal, to_write)
    await _finish(services, change, results, author=partner_id if others else None)


def judge(change: Change, deal: Deal) -> dict[str, str]:
    """What is known without writing: unchanged, applied (by a try that was cut short), or in conflict with what
    somebody else wrote since the words were decided on. Fields not named are to be written. Pure."""
    results: dict[str, str] = {}
    for c in change.changes:
        present = deal.value(c.field)
        if same(present, c.new):
            results[c.field.value] = APPLIED if change.state is ChangeState.WRITING else UNCHANGED
        elif not same(present, c.old):
            results[c.field.value] = "conflict"
    return results


async def _write(services: Services, deal: Deal, changes: tuple[FieldChange, ...]) -> dict[str, str]:
    """Write what the CRM takes; a refused field leaves the others standing, unless the change closes the deal."""
    wanted, results = changes, dict[str, str]()
    pipelines = await services.crm.pipelines()
    while wanted:
        try:
            await services.crm.write(deal.id, wanted)
        except RefusedFieldsError as exc:
            refused = {c.field.value for c in wanted} & exc.fields.keys()
            if not refused or closes(deal, wanted, pipelines):
                refused = {c.field.value for c in wanted}
            results |= {f: f"crm_refused: {exc.fields.get(f, str(exc))}" for f in refused}
            wanted = tuple(c for c in wanted if c.field.value not in refused)
        except GoneError:
            return results | {c.field.value: "gone" for c in wanted}
        else:
            return results | {c.field.value: APPLIED for c in wanted}
    return results


def closes(deal: Deal, changes: tuple[FieldChange, ...], pipelines: Pipelines) -> bool:
    """Whether these changes win or lose the deal: then they belong together, all or none."""
    pipeline = pipelines.get(deal.motion) if deal.motion else None
    closing = {s.label for s in pipeline.stages if s.outcome is not Outcome.OPEN} if pipeline else set()
    return any(c.field is DealField.STAGE and c.new in closing for c in changes)


async def _finish(services: Services, change: Change, results: dict[str, str], author: str | None = None) -> Change:
    """Note what became of it, and let the answer go. Other partners on the deal hear of it as of any change; `author`
    is the partner who need not, None where there are no others."""
    done = replace(change, state=ChangeState.DONE, results=results)
    async with services.store.unit() as unit:
        await unit.hold(f"changes:{done.inbound_id}")  # the last of them to be finished lets the answer go
        await unit.save_change(done, now=services.now())
        if any(r == "conflict" for r in results.values()):
            await _ask_about_conflicts(unit, done)
        await _forget_unwritten(unit, done)
        note = str(done.id) if done.key.endswith(f":{ChangeState.PROPOSED}") else "said"  # approved later
        await unit.enqueue(Job(kind="note", ref=f"{done.inbound_id}:{done.deal_id}:{note}"))
        if {DealField.PROTECTED_UNTIL, DealField.REGISTRATION_STATUS} & {c.field for c in done.changes}:
            await unit.enqueue(Job(kind="settle", ref=f"{done.deal_id}:{done.id}"))
        written = [to_json(c) for c in done.changes if results.get(c.field.value) == APPLIED]
        if author is not None and written:
            ref, now = f"{done.deal_id}:own:{done.id}", services.now()
            happening = {"deal": done.deal_id, "changes": written, "author": author}
            await unit.remember(f"happening:{ref}", happening, now=now)
            await unit.enqueue(Job(kind="deal_changed", ref=ref))
        await release(unit, done.inbound_id)
    log.info("change.done", change=done.id, deal=done.deal_id, results={f: r.split(":")[0] for f, r in results.items()})
    return done


async def _ask_about_conflicts(unit: Unit, change: Change) -> None:
    """A field that somebody changed meanwhile waits for the partner's yes; the thread remembers it."""
    conversation = await unit.conversation(change.conversation_id)
    if conversation is None or change.undo_of is not None:
        return
    askable = {f.value for f in Field}
    pending = [
        Set(certainty=Certainty.CONFIRM, deal=change.deal_id, field=Field(c.field.value), value=c.new)
        for c in change.changes
        if change.results.get(c.field) == "conflict" and c.field.value in askable and c.new is not None
    ]
    about = dict(conversation.about)
    about["pending"] = [*about.get("pending", []), *(to_json(p) for p in pending)]
    await unit.save_conversation(replace(conversation, about=about))


async def _forget_unwritten(unit: Unit, change: Change) -> None:
    """What was not written was not told either: the next words must not meet it as somebody else's change."""
    unwritten = {f for f, result in change.results.items() if result not in {APPLIED, UNCHANGED}}
    conversation = await unit.conversation(change.conversation_id)
    told = conversation.about.get("shown", {}).get(change.deal_id, {}) if conversation is not None else {}
    if conversation is None or not unwritten & told.keys():
        return
    left = {f: value for f, value in told.items() if f not in unwritten}
    about = {**conversation.about, "shown": {**conversation.about["shown"], change.deal_id: left}}
    await unit.save_conversation(replace(conversation, about=about))


async def release(unit: Unit, inbound_id: int) -> None:
    """Let the messages go that waited for the changes of this inbound, once none is left to write."""
    open_states = {ChangeState.PENDING, ChangeState.WRITING}
    if any(c.state in open_states for c in await unit.changes_of(inbound_id)):
        return
    for message in await unit.waiting_messages(inbound_id):
        await unit.save_message(replace(message, state=MessageState.QUEUED))
        await unit.enqueue(delivery(message.id, message.conversation_id))


async def give_up(services: Services, ref: str) -> Change | None:
    """This change cannot be written, now or later: the partner is told so, without our own troubles. What was sent
    to the CRM may stand there all the same: the deal is looked at again, and what even that does not tell is called
    unverified. Returns the finished change. Idempotent."""
    async with services.store.unit() as unit:
        change = await unit.change(int(ref))
    if change is None or change.state not in {ChangeState.PENDING, ChangeState.WRITING}:
        return change
    known = await _as_it_is_now(services, change) if change.state is ChangeState.WRITING else {}
    return await _finish(services, change, {c.field.value: "crm_refused" for c in change.changes} | known)


async def _as_it_is_now(services: Services, change: Change) -> dict[str, str]:
    """What the deal itself says of a change that was sent to the CRM; fields not named are not written."""
    try:
        deal = await services.crm.deal(change.deal_id)
    except OffportalError:
        return {c.field.value: UNVERIFIED for c in change.changes}
    return judge(change, deal) if deal is not None else {c.field.value: "gone" for c in change.changes}
