"""A mail arrived: decide whether a person wrote it, prove who, and answer for those whose words change nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bot.domain.notices import NotVerified
from bot.domain.partners import Channel, Contact, Role
from bot.ports import Conversation, Disposition, Inbound, IncomingMail, MailKind, Unit
from handlers.limits import within
from handlers.manager_reply import on_manager_reply
from handlers.people import Person, as_contact, as_manager, manager_by_email, why_not_heard
from handlers.reply import Said, on_reply
from handlers.services import Services
from handlers.speak import conversation_id, say
from handlers.threads import conversation_of
from handlers.undelivered import on_life_sign, on_undelivered

BIG_BYTES = 200_000
REFUSAL = "refusal"  # the kind of thread that a refusal opens; who answers it begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why a mail changes nothing; `tell` is False where an answer would do harm: our own mail, forged loops, and
    strangers' addresses that nobody vouches for, to whom the answer would be spam."""

    reason: str
    tell: bool = True


async def on_mail(services: Services, inbound: Inbound) -> None:
    """Handle one mail; ends it in its disposition unless it raises."""
    mail = await _read(services, inbound)
    async with services.store.unit() as unit:
        owner = await unit.claim(inbound.id, mail.fingerprint)
    if owner != inbound.id:
        return await _end(services, inbound, Disposition.IGNORED, f"duplicate of {owner}", mail)
    if mail.kind in {MailKind.BOUNCE, MailKind.COMPLAINT}:
        return await on_undelivered(services, inbound, mail)
    if mail.kind is not MailKind.HUMAN:
        return await _end(services, inbound, Disposition.IGNORED, f"{mail.kind}: {mail.reason}", mail)
    if mail.sender is not None and services.addressing.is_own(mail.sender):
        return await _end(services, inbound, Disposition.IGNORED, "our own address", mail)
    if inbound.size_bytes > services.programme.max_size_bytes:
        return await _refuse(services, inbound, mail, _Refusal(reason="too_large"))
    thread = await conversation_of(services, mail)
    conversation = thread if thread is None or thread.about.get("kind") != REFUSAL else None
    person = await _person(services, mail, conversation)
    if isinstance(person, _Refusal):
        return await _refuse(services, inbound, mail, person, thread)
    if (reason := why_not_heard(person)) is not None:
        return await _refuse(services, inbound, mail, _Refusal(reason=reason), thread)
    await on_life_sign(services, person.email)
    said = Said(
        inbound=inbound,
        person=person,
        conversation=conversation or _out_of_the_blue(inbound, person, mail),
        text=mail.text,
        certain=mail.certain,
        forwarded=mail.forwarded,
        attachments=mail.attachments,
        mail_id=mail.message_id,
    )
    if person.role is Role.MANAGER:
        return await on_manager_reply(services, said)
    return await on_reply(services, said)


async def _read(services: Services, inbound: Inbound) -> IncomingMail:
    if len(inbound.raw) > BIG_BYTES:
        return await asyncio.to_thread(services.mail_reader.read, inbound.raw)
    return services.mail_reader.read(inbound.raw)


async def _person(services: Services, mail: IncomingMail, conversation: Conversation | None) -> Person | _Refusal:
    """Who wrote, proven: an address that is known, that the receiving server vouches for, and that may answer here."""
    if mail.sender is None:
        return _Refusal(reason="unknown_sender", tell=False)
    manager = await manager_by_email(services, mail.sender)
    if services.programme.require_authentication and not mail.authenticated:
        known = manager is not None or bool(await services.crm.contacts_by_email(mail.sender))
        return _Refusal(reason="unauthenticated", tell=known)
    if manager is not None and (conversation is None or conversation.role == Role.MANAGER):
        return as_manager(services, manager)
    if conversation is not None and conversation.role == Role.MANAGER:
        return _Refusal(reason="wrong_sender")
    contacts = await services.crm.contacts_by_email(mail.sender)
    if not contacts:
        return _Refusal(reason="wrong_sender" if conversation else "unknown_sender")
    if conversation is None:
        if len({c.partner_id for c in contacts}) > 1:
            return _Refusal(reason="ambiguous_sender")
        return await as_contact(services, contacts[0])
    chosen = _who_answers(services, contacts, conversation)
    return await as_contact(services, chosen) if chosen else _Refusal(reason="wrong_sender")


def _who_answers(services: Services, contacts: tuple[Contact, ...], conversation: Conversation) -> Contact | None:
    """The person the conversation is with, else, where allowed, a colleague of the same partner with own rights."""
    addressed = [c for c in contacts if c.id == conversation.contact_id]
    colleagues = [c for c in contacts if c.partner_id is not None and c.partner_id == conversation.partner_id]
    allowed = addressed or (colleagues if services.programme.colleagues else [])
    return allowed[0] if allowed else None


def _out_of_the_blue(inbound: Inbound, person: Person, mail: IncomingMail) -> Conversation:
    return Conversation(
        id=conversation_id(f"inbound:{inbound.id}"),
        role=person.role,
        partner_id=person.partner.id if person.partner else None,
        contact_id=person.id,
        deal_id=None,
        subject=mail.subject[:200],
    )


async def _end(services: Services, inbound: Inbound, disposition: Disposition, reason: str, mail: IncomingMail) -> None:
    async with services.store.unit() as unit:
        await unit.dispose(inbound.id, disposition, reason, sender=mail.sender, now=services.now())


async def _refuse(
    services: Services, inbound: Inbound, mail: IncomingMail, refusal: _Refusal, thread: Conversation | None = None
) -> None:
    """Nothing changes, and the sender is told so, at most once a day; an answer to such a refusal is not told again:
    it is a machine's, or the first refusal was not understood either."""
    now = services.now()
    tell = refusal.tell and (thread is None or thread.about.get("kind") != REFUSAL)
    async with services.store.unit() as unit:
        first = await unit.dispose(inbound.id, Disposition.REFUSED, refusal.reason, sender=mail.sender, now=now)
        if first and tell and mail.sender is not None and await _may_tell(unit, mail.sender, thread, now):
            conversation = Conversation(
                id=conversation_id(f"refused:{inbound.id}"),
                role=Role.PARTNER,
                partner_id=None,
                contact_id=None,
                deal_id=None,
                subject=mail.subject[:200],
                about={"kind": REFUSAL},
                mail_ids=(mail.message_id,) if mail.message_id else (),
            )
            await unit.save_conversation(conversation)
            await say(
                unit,
                services,
                key=f"refused:{inbound.id}",
                notice=NotVerified(reason=refusal.reason, subject=mail.subject[:200]),
                conversation=conversation,
                channel=Channel.EMAIL,
                to=mail.sender,
                to_name="",
                language=services.programme.default_language,
                inbound_id=inbound.id,
            )


async def _may_tell(unit: Unit, address: str, thread: Conversation | None, now: datetime) -> bool:
    """Once a day an address, once a day a domain in one thread (some machines write from a new address each time),
    and a bounded number of refusals a day a domain, so that no loop can form."""
    day = now.date().isoformat()
    domain = address.rpartition("@")[2].casefold()
    if not await unit.once(f"told:{address.casefold()}:{day}", now=now):
        return False
    if thread is not None and not await unit.once(f"told:thread:{thread.id}:{domain}:{day}", now=now):
        return False
    return await within(unit, f"told:domain:{domain}:{day}", 20, now=now)
