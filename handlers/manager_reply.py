"""A partner manager answered: approves or rejects what waits for them. Their words never change a deal otherwise."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.actions import Approve, Certainty, Reject
from bot.domain.notices import Answer, ApprovalClosed
from bot.domain.partners import Channel
from bot.language import understand
from bot.ports import Change, ChangeState, Disposition, Job, Unit
from handlers.deciding import ask_back, decide_registration
from handlers.people import Person, as_contact
from handlers.requests import note_decision, who_decided
from handlers.rules import asks_for_rules, on_rules
from handlers.services import Services
from handlers.speak import answer_to
from handlers.understanding import Said, case_of


async def on_manager_reply(services: Services, said: Said) -> None:
    """Handle a manager's words in an approval thread; elsewhere they are kept and answered with what can be done."""
    if asks_for_rules(said.text):
        await on_rules(services, said)
        return
    about = said.conversation.about
    change_id = about.get("change")
    result = understand(case_of(said, (), await services.crm.pipelines(), services.policies.terms.extension_days))
    decided = [a for a in result.actions if isinstance(a, Approve | Reject)]
    if any(a.certainty is not Certainty.APPLY for a in decided):  # a yes with an if is no yes
        await _not_understood(services, said, str(about.get("registration", "")))
        return
    if (claim_id := about.get("claim")) is not None:
        await _about_a_registration(services, said, int(claim_id), decided)
        return
    if change_id is None or len(decided) != 1:
        await _not_understood(services, said, str(about.get("registration", "")))
        return
    match decided[0]:
        case Approve(reason=reason):
            await close_approval(services, said, int(change_id), approve=True, reason=reason)
        case Reject(reason=reason):
            await close_approval(services, said, int(change_id), approve=False, reason=reason)


async def _about_a_registration(
    services: Services, said: Said, registration_id: int, decided: list[Approve | Reject]
) -> None:
    """A yes or no decides; all other words of a mail are a question to the partner. In Slack a button asks."""
    match decided:
        case [Approve(reason=reason, because=words)]:
            await decide_registration(services, said, registration_id, yes=True, reason=reason, words=words)
        case [Reject(reason=reason)]:
            await decide_registration(services, said, registration_id, yes=False, reason=reason)
        case [] if said.inbound.channel is Channel.SLACK:  # colleagues talk in the managers' channel
            await _kept(services, said)
        case []:
            await ask_back(services, said, registration_id)
        case _:
            await _not_understood(services, said, str(said.conversation.about.get("registration", "")))


async def _kept(services: Services, said: Said) -> None:
    async with services.store.unit() as unit:
        await unit.dispose(
            said.inbound.id,
            Disposition.NOTED,
            "words among managers",
            sender=said.person.email,
            conversation_id=said.conversation.id,
            now=services.now(),
        )


async def close_approval(services: Services, said: Said, change_id: int, *, approve: bool, reason: str | None) -> None:
    """Carry out a manager's decision once; a second decision is told that it was already made."""
    now = services.now()
    async with services.store.unit() as unit:
        change = await unit.change(change_id)
        contact_id = change.author_id if change else ""
    contact = await services.crm.contact(contact_id)
    partner_person = await as_contact(services, contact) if contact else None
    async with services.store.unit() as unit:
        change = await unit.change(change_id)
        by = ""
        if change is None:
            decision = "not_understood"
        elif change.state is not ChangeState.PROPOSED:
            decision = "already_rejected" if change.state is ChangeState.REJECTED else "already_approved"
            by = await who_decided(unit, f"CHG-{change_id}")
        else:
            decision = "approved" if approve else "rejected"
            await note_decision(unit, services, f"CHG-{change_id}", decision, said.person.name)
            await _carry_out(unit, services, change, partner_person, approve=approve, reason=reason)
        await unit.dispose(
            said.inbound.id,
            Disposition.APPLIED if decision in {"approved", "rejected"} else Disposition.REFUSED,
            decision,
            sender=said.person.email,
            conversation_id=said.conversation.id,
            now=now,
        )
        await answer_to(
            unit,
            services,
            key=f"answer:{said.inbound.id}",
            notice=ApprovalClosed(reference=f"CHG-{change_id}", decision=decision, by=by),
            conversation=said.conversation,
            person=said.person,
            inbound_id=change.inbound_id if decision == "approved" and change else said.inbound.id,
            mail_id=said.mail_id,
            extra={"changes": [change_id]} if decision == "approved" else None,
            waiting=decision == "approved",
        )


async def _carry_out(
    unit: Unit, services: Services, change: Change, author: Person | None, *, approve: bool, reason: str | None
) -> None:
    state = ChangeState.PENDING if approve else ChangeState.REJECTED
    await unit.save_change(replace(change, state=state), now=services.now())
    if approve:
        await unit.enqueue(Job(kind="apply", ref=str(change.id), lane=change.deal_id))
    else:
        await unit.enqueue(Job(kind="note", ref=f"{change.inbound_id}:{change.deal_id}:{change.id}"))
    conversation = await unit.conversation(change.conversation_id)
    if conversation is None or author is None:
        return
    await unit.save_conversation(
        replace(conversation, about={**conversation.about, "kind": "receipt", "inbound": change.inbound_id})
    )
    await answer_to(
        unit,
        services,
        key=f"decided:{change.id}",
        notice=Answer(
            approval="approved" if approve else "rejected",
            approval_reason=reason,
            reference=str(change.inbound_id),
        ),
        conversation=conversation,
        person=author,
        inbound_id=change.inbound_id,
        extra={"changes": [change.id]},
        waiting=approve,
    )


async def _not_understood(services: Services, said: Said, reference: str) -> None:
    async with services.store.unit() as unit:
        if await unit.conversation(said.conversation.id) is None:
            await unit.save_conversation(said.conversation)
        await unit.dispose(
            said.inbound.id,
            Disposition.ASKED,
            "a manager's words that decide nothing",
            sender=said.person.email,
            conversation_id=said.conversation.id,
            now=services.now(),
        )
        await answer_to(
            unit,
            services,
            key=f"answer:{said.inbound.id}",
            notice=ApprovalClosed(reference=reference, decision="not_understood"),
            conversation=said.conversation,
            person=said.person,
            inbound_id=said.inbound.id,
            mail_id=said.mail_id,
        )
