"""A mail of ours came back, or a recipient complained. Only reports about what we sent count."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.announcements import Engaged, Engagement, Recipient, RecipientState
from bot.domain.notices import Trouble
from bot.ports import Disposition, Inbound, IncomingMail, MailKind, Message
from handlers.people import manager_of
from handlers.services import Services
from handlers.speak import CONCERN_NOBODY, tell_manager
from handlers.threads import conversation_of


async def on_undelivered(services: Services, inbound: Inbound, mail: IncomingMail) -> None:
    """Suppress addresses that failed for good or complained, and tell the partner manager; never touches a deal."""
    if (recipient := await _recipient(services, mail)) is not None:
        await _announcement_came_back(services, inbound, mail, recipient)
        return
    message = await _our_message(services, mail)
    ours = [u for u in mail.undelivered if message and u.address.casefold() in {"", message.to.casefold()}]
    now = services.now()
    if message is None or not ours:
        async with services.store.unit() as unit:
            await unit.dispose(inbound.id, Disposition.IGNORED, f"{mail.kind} of nothing we sent", now=now)
        return
    partner_id = message.partner_id
    partner = await services.crm.partner(partner_id) if partner_id else None
    manager = await manager_of(services, partner)
    async with services.store.unit() as unit:
        if not await unit.dispose(inbound.id, Disposition.IGNORED, f"{mail.kind}: {mail.reason}", now=now):
            return
        for report in ours:
            if not report.permanent and mail.kind is MailKind.BOUNCE:
                continue
            await unit.suppress(message.to, f"{mail.kind} {report.status}", now=now)
            if message.event in CONCERN_NOBODY:
                continue
            await tell_manager(
                unit,
                services,
                key=f"undelivered:{message.to.casefold()}:{now.date().isoformat()}",
                notice=Trouble(
                    what="bounced", reference=f"inbox {inbound.id}", detail=report.status, contact=message.to
                ),
                manager=manager,
                about={"kind": "trouble"},
                partner_id=partner_id,
            )


async def on_life_sign(services: Services, address: str) -> None:
    """Somebody proven wrote from this address: what came back before counts no more. A complaint still does."""
    async with services.store.unit() as unit:
        reason = await unit.suppressed(address)
        if reason is not None and not reason.startswith(MailKind.COMPLAINT):
            await unit.lift_suppression(address)


async def _recipient(services: Services, mail: IncomingMail) -> Recipient | None:
    """Whose copy of an announcement the report is about, by the signed address it came to."""
    conversation = await conversation_of(services, mail)
    if conversation is None or conversation.about.get("kind") != "announcement" or conversation.contact_id is None:
        return None
    async with services.store.unit() as unit:
        for one_id in mail.bounced_ids:
            if await unit.message_by_mail_id(one_id) is not None:
                return None  # an answer of ours that followed
        return await unit.recipient(int(conversation.about["announcement"]), conversation.contact_id)


async def _announcement_came_back(
    services: Services, inbound: Inbound, mail: IncomingMail, recipient: Recipient
) -> None:
    """The address is written to no more. The announcement's report has it; a message for each would flood its author
    the first time that an old list is written to."""
    now = services.now()
    lasting = [
        report
        for report in mail.undelivered
        if report.address.casefold() in {"", recipient.to.casefold()}
        and (report.permanent or mail.kind is not MailKind.BOUNCE)
    ]
    async with services.store.unit() as unit:
        if not await unit.dispose(inbound.id, Disposition.IGNORED, f"{mail.kind}: {mail.reason}", now=now):
            return
        for report in lasting[:1]:
            await unit.suppress(recipient.to, f"{mail.kind} {report.status}", now=now)
            if mail.kind is MailKind.BOUNCE:
                came_back = replace(recipient, state=RecipientState.BOUNCED, reason=report.status)
                await unit.save_recipients([came_back])
                continue
            await unit.engage(
                Engagement(
                    announcement_id=recipient.announcement_id,
                    contact_id=recipient.contact_id,
                    what=Engaged.UNSUBSCRIBED,
                    key=f"inbound:{inbound.id}",
                    at=now,
                    detail="complaint",
                )
            )


async def _our_message(services: Services, mail: IncomingMail) -> Message | None:
    """The message of ours that the report is about: by the signed address it came to, else by the enclosed id."""
    conversation = await conversation_of(services, mail)
    async with services.store.unit() as unit:
        for one_id in mail.bounced_ids:
            if (message := await unit.message_by_mail_id(one_id)) is not None:
                return message
        return await unit.last_message_of(conversation.id) if conversation is not None else None
