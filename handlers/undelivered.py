"""A mail of ours came back, or a recipient complained. Only reports about what we sent count."""

from __future__ import annotations

from bot.domain.notices import Trouble
from bot.ports import Disposition, Inbound, IncomingMail, MailKind, Message, Undelivered, Unit
from handlers.people import manager_of
from handlers.services import Services
from handlers.speak import tell_manager


async def on_undelivered(services: Services, inbound: Inbound, mail: IncomingMail) -> None:
    """Suppress addresses that failed for good or complained, and tell the partner manager; never touches a deal."""
    ours: list[tuple[Undelivered, Message]] = []
    async with services.store.unit() as unit:
        for report in mail.undelivered:
            message = await _our_message(unit, report)
            if message is not None:
                ours.append((report, message))
    now = services.now()
    if not ours:
        async with services.store.unit() as unit:
            await unit.dispose(inbound.id, Disposition.IGNORED, f"{mail.kind} of nothing we sent", now=now)
        return
    partner_id = ours[0][1].partner_id
    partner = await services.crm.partner(partner_id) if partner_id else None
    manager = await manager_of(services, partner)
    async with services.store.unit() as unit:
        if not await unit.dispose(inbound.id, Disposition.IGNORED, f"{mail.kind}: {mail.reason}", now=now):
            return
        for report, message in ours:
            if not report.permanent and mail.kind is MailKind.BOUNCE:
                continue
            await unit.suppress(message.to, f"{mail.kind} {report.status}", now=now)
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


async def _our_message(unit: Unit, report: Undelivered) -> Message | None:
    """The message of ours that the report is about; its recipient must be the one reported."""
    message = None
    if report.mail_id is not None:
        message = await unit.message_by_mail_id(report.mail_id)
    if message is None and report.conversation_id is not None:
        message = await unit.last_message_of(report.conversation_id)
    if message is None:
        return None
    named = report.address.casefold()
    return message if not named or named == message.to.casefold() else None
