"""The whole reply is put on the deal's timeline, once: who, when, over which channel, and what was written."""

from __future__ import annotations

import hashlib

from bot.domain.deals import DealField, FieldValue
from bot.domain.sharing import seen_by
from bot.ports import Change, ChangeState, Inbound
from handlers.answering import APPLIED, UNCHANGED, UNVERIFIED
from handlers.people import Person, as_contact
from handlers.services import Services
from handlers.words import words_of

MAX_CHARS = 60_000  # HubSpot's notes hold 65,536


async def on_note(services: Services, ref: str) -> None:
    """Write one note. `ref` is "<inbound>:<deal>:said" for the reply itself, or "<inbound>:<deal>:<change>" for a
    change that a manager let through later. Idempotent by a mark in the note."""
    inbound_id, deal_id, what = ref.split(":")
    key = f"note:{ref}"
    async with services.store.unit() as unit:
        if (state := await unit.recall(key)) is not None and state.get("done"):
            return
        inbound = await unit.inbound(int(inbound_id))
        changes = [c for c in await unit.changes_of(inbound.id) if c.deal_id == deal_id]
        conversation = await unit.conversation(inbound.conversation_id) if inbound.conversation_id else None
        await unit.remember(key, {"done": None}, now=services.now())
    deal = await services.crm.deal(deal_id)
    if deal is None:
        return
    contact = await _author(services, inbound, conversation.contact_id if conversation else None)
    said = what == "said"
    body = note_body(
        inbound,
        contact,
        words_of(services, inbound) if said else "",
        [c for c in changes if said or str(c.id) == what],
    )
    mark = hashlib.sha256(key.encode()).hexdigest()[:16]
    note_id = await services.crm.note(
        seen_by(deal, conversation.partner_id if conversation else None) or deal,  # on its own partner's timeline
        body,
        at=inbound.received_at,
        key=mark,
        contact_id=contact.id if contact and contact.contact else None,
        look=state is not None,
    )
    async with services.store.unit() as unit:
        await unit.remember(key, {"done": note_id}, now=services.now())


async def _author(services: Services, inbound: Inbound, contact_id: str | None) -> Person | None:
    if inbound.sender:
        contacts = await services.crm.contacts_by_email(inbound.sender)
        chosen = [c for c in contacts if c.id == contact_id] or list(contacts)
        if chosen:
            return await as_contact(services, chosen[0])
    return None


def note_body(inbound: Inbound, author: Person | None, text: str, changes: list[Change]) -> str:
    """A note in plain words. Pure; times in UTC."""
    who = f"{author.name} ({author.partner.name})" if author and author.partner else inbound.sender or "unknown"
    when = f"{inbound.received_at:%Y-%m-%d %H:%M} UTC"
    lines = [f"{who} by {inbound.channel.value}, {when}"]
    if text:
        lines += ["", text[:MAX_CHARS]]
    outcome = [line for change in changes for line in _lines(change)]
    return "\n".join([*lines, *([""] if outcome else []), *outcome])


def _lines(change: Change) -> list[str]:
    verb = "taken back" if change.undo_of is not None else "written"
    lines = []
    for c in change.changes:
        name = c.field.value.replace("_", " ")
        step = f"{name}: {_plain(c.field, c.old)} → {_plain(c.field, c.new)}"
        result = change.results.get(c.field)
        if change.state is ChangeState.PROPOSED:
            lines.append(f"waits for the partner manager: {step}")
        elif change.state is ChangeState.REJECTED:
            lines.append(f"rejected by the partner manager: {step}")
        elif result == APPLIED:
            lines.append(f"{verb}: {step}")
        elif result == UNVERIFIED:
            lines.append(f"perhaps {verb}, the CRM did not answer: {step}")
        elif result != UNCHANGED:
            lines.append(f"not written: {step} ({result})")
    return lines


def _plain(field: DealField, value: FieldValue) -> str:
    if value is None:
        return "(empty)"
    return f"{value:,}" if field is DealField.AMOUNT else str(value)
