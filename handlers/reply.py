"""A partner's words arrived, proven: understand, decide, and record everything that follows in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.actions import AnyAction
from bot.domain.codec import from_json
from bot.domain.deals import Deal, DealField, Pipelines
from bot.domain.decide import Decision, decide
from bot.domain.notices import Answer, Claimed
from bot.domain.partners import Manager
from bot.errors import TransientError
from bot.ports import Change, ChangeState, Conversation, Disposition, Job, Unit
from handlers.answering import about_after, answer_from, words_of_receipt
from handlers.for_manager import ask_to_approve, pass_words_on
from handlers.helping import asks_for_help, on_help
from handlers.holding import holds_after, watch
from handlers.learning import Lesson, collect, lessons
from handlers.people import manager_of, own_deals
from handlers.proposing import with_proposals
from handlers.registering import admitted, record
from handlers.rules import asks_for_rules, on_rules
from handlers.services import Services
from handlers.sharing import give_share_back
from handlers.speak import answer_to
from handlers.undecided import Claims, asked_about, claims_of, for_a_person, give_back, read
from handlers.under_way import with_own_writes
from handlers.understanding import Said, case_of, pending_of, today_of
from handlers.undo import on_undo
from handlers.wishing import keep_wishes

__all__ = ["Said", "on_reply"]

RACES = 5  # two replies in one thread at the same moment: the later one reads again
FAILED_ASKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Understood:
    """A reply read against the deals of the moment."""

    deals: tuple[Deal, ...]
    pipelines: Pipelines
    decision: Decision
    pending: tuple[AnyAction, ...]
    claims: Claims
    dropped: bool = False
    said: tuple[AnyAction, ...] = ()
    lessons: tuple[Lesson, ...] = ()


async def on_reply(services: Services, said: Said) -> None:
    """Handle a contact's message. Idempotent: the message's disposition is given in the same transaction."""
    if asks_for_help(said.text):
        return await on_help(services, said)
    if asks_for_rules(said.text):
        return await on_rules(services, said)
    for _ in range(RACES):
        understood = await _understand(services, said)
        if understood.decision.undo:
            return await on_undo(services, said, said.conversation.about.get("inbound"))
        if await _record(services, said, understood):
            return None
        said = replace(said, conversation=await _reread(services, said.conversation))
    raise TransientError(
        f"reply {said.inbound.id}: its thread changes too fast; it is tried again", retry_after=timedelta(seconds=1)
    )


async def _understand(services: Services, said: Said) -> _Understood:
    since = services.now()
    about = said.conversation.about.get("deal")
    held = await own_deals(services, said.person, [said.conversation.deal_id, about])
    pipelines = await services.crm.pipelines()
    deals = await with_own_writes(services, held, pipelines, read_since=since)
    pending = pending_of(said.conversation)
    claims = await claims_of(services, said)
    if not said.text.strip():
        return _Understood(deals=deals, pipelines=pipelines, decision=Decision(), pending=pending, claims=claims)
    terms = services.policies.terms
    case, result = read(case_of(said, deals, pipelines, terms.extension_days), claims, terms.number_format)
    actions = await with_proposals(services, case, result.actions)
    contact = said.person.contact
    shown = said.conversation.about.get("shown", {})
    decision = decide(
        actions,
        deals=deals,
        pipelines=pipelines,
        policies=services.policies,
        role=contact.role if contact else "partner",
        today=today_of(said),
        pending=pending,
        shown={d: {DealField(f): from_json(v) for f, v in values.items()} for d, values in shown.items()},
        claims=claims.numbers,
    )
    return _Understood(
        deals=deals,
        pipelines=pipelines,
        decision=_to_a_person_at_last(said, for_a_person(said, decision, claims)),
        pending=pending,
        claims=claims,
        dropped=bool(pending) and result.answered is False,
        said=result.actions,
        lessons=lessons(pending, result.actions, case, answered=result.answered),
    )


def _to_a_person_at_last(said: Said, decision: Decision) -> Decision:
    """After two questions that led nowhere, the words go to a person instead of being asked a third time."""
    if not decision.asked or int(said.conversation.about.get("asks", 0)) < FAILED_ASKS:
        return decision
    pending = tuple(a for a in decision.pending if a not in decision.asked)
    return replace(decision, asked=(), pending=pending, routed=(*decision.routed, said.text))


async def _reread(services: Services, conversation: Conversation) -> Conversation:
    async with services.store.unit() as unit:
        return await unit.conversation(conversation.id) or conversation


async def _record(services: Services, said: Said, understood: _Understood) -> bool:
    """One transaction: disposition, changes, notes, answer. False when the thread moved on meanwhile."""
    inbound, decision, now = said.inbound, understood.decision, services.now()
    manager = await manager_of(services, said.person.partner)
    answer = _answer(services, said, understood, manager)
    async with services.store.unit() as unit:
        stored = await unit.conversation(said.conversation.id)
        if stored is not None and stored.about != said.conversation.about:
            return False
        let_in = await admitted(unit, services, said, decision.registers)
        decision = replace(decision, registers=let_in.registers)
        if let_in.too_many:
            answer = replace(answer, refused=(*answer.refused, "too_many_registrations"))
        disposition, reason = disposition_of(decision, answer)
        conversation = _conversation_after(stored or said.conversation, said, understood)
        if not await unit.dispose(
            inbound.id, disposition, reason, sender=said.person.email, conversation_id=conversation.id, now=now
        ):
            return True
        await unit.save_conversation(conversation)
        await collect(unit, understood.lessons, now=now)
        registered = await record(unit, services, said, decision.registers, answer.manager)
        if registered.about:
            conversation = replace(conversation, about={**conversation.about, **registered.about})
            await unit.save_conversation(conversation)
        told = await _told_of_claims(unit, services, said, understood)
        answer = replace(answer, claimed=(*registered.claimed, *told))
        change_ids = await _add_changes(unit, said, decision)
        await keep_wishes(unit, said, decision.wishes, now=now)
        await ask_to_approve(unit, services, said, decision, change_ids, manager)
        await pass_words_on(unit, services, said, decision, understood.deals, understood.claims, manager)
        await _enqueue_notes(unit, said, understood)
        await watch(unit, services, decision, inbound.id, conversation.id)
        enough_said = let_in.told_before and disposition is Disposition.REFUSED and not answer.results
        if not enough_said and (disposition is not Disposition.NOTED or answer.empty or answer.dropped):
            await answer_to(
                unit,
                services,
                key=f"answer:{inbound.id}",
                notice=answer,
                conversation=conversation,
                person=said.person,
                inbound_id=inbound.id,
                mail_id=said.mail_id,
                extra={"changes": [i for i, state in change_ids.values() if state is ChangeState.PENDING]},
                waiting=any(d.apply for d in decision.deals),
            )
    return True


def _answer(services: Services, said: Said, understood: _Understood, manager: Manager | None) -> Answer:
    """What can be answered before anything is stored."""
    answer = answer_from(
        understood.decision,
        understood.deals,
        understood.pipelines,
        services.policies,
        manager.name if manager else None,
    )
    empty = not said.text.strip()
    return replace(answer, empty=empty, dropped=understood.dropped, reference=str(said.inbound.id))


async def _told_of_claims(unit: Unit, services: Services, said: Said, understood: _Understood) -> tuple[Claimed, ...]:
    """What is said of registrations that were there before: given back, or asked about."""
    decision, claims = understood.decision, understood.claims
    given_back = [c for c in claims.open if c.number in decision.given_back]
    told = await give_back(unit, services, said, given_back)
    told += [await give_share_back(unit, services, said, d.deal) for d in decision.deals if d.given_back]
    return (*told, *asked_about(said, claims, decision.claims_asked, services))


def disposition_of(decision: Decision, answer: Answer) -> tuple[Disposition, str]:
    """The one disposition of a reply, by the most telling thing that happened to it, and all of them as reason."""
    happened = {
        Disposition.APPLIED: any(d.apply or d.unchanged or d.given_back for d in decision.deals)
        or decision.status_asked
        or bool(decision.registers or decision.given_back or decision.claims_asked or decision.wishes),
        Disposition.CONFIRMED: any(d.confirm for d in decision.deals),
        Disposition.ASKED: bool(decision.asked)
        or any(r.missing for r in decision.registers)
        or any(d.held for d in decision.deals),
        Disposition.ROUTED: bool(decision.routed) or any(d.manager for d in decision.deals),
        Disposition.REFUSED: any(d.refused for d in decision.deals) or bool(answer.refused),
        Disposition.NOTED: True,
    }
    told = [d for d, true in happened.items() if true]
    if answer.empty:
        return Disposition.NOTED, "no words of its own"
    return told[0], ", ".join(d.value for d in told if d is not Disposition.NOTED) or "no action"


def _conversation_after(conversation: Conversation, said: Said, understood: _Understood) -> Conversation:
    about = conversation.about
    if said.text.strip():
        about = about_after(about, understood.decision, said.inbound.id, understood.deals, dropped=understood.dropped)
        about["held"] = {**about.get("held", {}), **holds_after(understood.decision, said.inbound.id, said.person)}
        about |= words_of_receipt(understood.decision, understood.said)
    mail_ids = conversation.mail_ids
    if said.mail_id is not None and said.mail_id not in mail_ids:
        mail_ids = (*mail_ids, said.mail_id)
    return replace(conversation, about=about, mail_ids=mail_ids)


async def _add_changes(unit: Unit, said: Said, decision: Decision) -> dict[str, tuple[int, ChangeState]]:
    """Store what is to be written, and what waits for the manager; returns ids by '<deal>:<state>'."""
    ids: dict[str, tuple[int, ChangeState]] = {}
    for d in decision.deals:
        for state, wanted in ((ChangeState.PENDING, d.apply), (ChangeState.PROPOSED, d.manager)):
            if not wanted:
                continue
            key = f"{said.inbound.id}:{d.deal.id}:{state}"
            change = Change(
                id=0,
                key=key,
                inbound_id=said.inbound.id,
                conversation_id=said.conversation.id,
                deal_id=d.deal.id,
                author_id=said.person.id,
                changes=wanted,
                state=state,
            )
            ids[f"{d.deal.id}:{state}"] = (await unit.add_change(change), state)
            if state is ChangeState.PENDING:
                await unit.enqueue(Job(kind="apply", ref=str(ids[f"{d.deal.id}:{state}"][0]), lane=d.deal.id))
    return ids


async def _enqueue_notes(unit: Unit, said: Said, understood: _Understood) -> None:
    """The whole reply is put on the timeline of each deal it is about; where something is written to a deal, the
    note follows the write so that it can say what became of it."""
    decisions = understood.decision.deals
    concerned = {d.deal.id for d in decisions} | {d.id for d in understood.decision.motionless}
    concerned |= {d.id for d in understood.deals if d.id == said.conversation.deal_id}
    written = {d.deal.id for d in decisions if d.apply}
    for deal_id in sorted(concerned - written):
        await unit.enqueue(Job(kind="note", ref=f"{said.inbound.id}:{deal_id}:said"))
