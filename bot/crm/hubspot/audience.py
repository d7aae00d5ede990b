"""Who may be told something, as HubSpot has them; what they wish to hear, and what they did with it. Sends nothing.

A walk over everybody searches companies with a partner status, and then the contacts of up to 100 of them at a time,
200 a page: for 10,000 contacts some 70 calls, where reading them by id takes nearly twice as many. The search shows a
change after moments, so that a walk may be that far behind; `reader` never is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import structlog

from bot.crm.hubspot.errors import InvalidError
from bot.crm.hubspot.fields import Record, contact_from, instant, motions_from, partner_from, stamp
from bot.crm.hubspot.objects import SEARCH_PAGE, Objects
from bot.crm.hubspot.reads import CONTACT_TERMS, MOST_IN, PARTNER_TERMS, Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.subscriptions import Subscriptions
from bot.crm.hubspot.timeline import NOTE_TO_CONTACT, Timeline
from bot.crm.hubspot.wishes import OPTIONAL, TERMS, changed, is_out_of_all, opted_out, preferences_from, wish_names
from bot.domain.audience import Reader
from bot.domain.preferences import Cadence, Preferences, Topic
from bot.domain.segments import fold
from bot.ports import GoneError, RefusedFieldsError

log = structlog.get_logger()

SEARCH_CHARS = 3_000  # of a search's body (HubSpot's search guide)
BODY_CHARS, ID_CHARS = 400, 16  # what the body has beside properties and ids; an id with its quotes and comma
LAST_ACTIVITY = "notes_last_updated"  # HubSpot's own: the last note, call, mail, meeting … logged
_PREFERENCE = {"channels": "channel", "quiet_hours": "quiet"}  # our term -> its name in Preferences
_SILENT = "the contact has unsubscribed in HubSpot, and only a wish that names the topic takes that back"
_OUT_OF_ALL = "the contact has unsubscribed from all email in HubSpot, where alone it can be taken back"


class Audience:
    """Readers of one portal."""

    def __init__(self, objects: Objects, reads: Reads, subscriptions: Subscriptions, settings: HubSpotSettings) -> None:
        self._objects = objects
        self._reads = reads
        self._subscriptions = subscriptions
        self._timeline = Timeline(objects)
        self._settings = settings
        self._company_facts = settings.facts_of("company")
        self._contact_facts = settings.facts_of("contact")
        own = [settings.company(t) for t in (*PARTNER_TERMS, "motions")]
        self._of_company = _each("name", "domain", "hubspot_owner_id", *own, *self._company_facts.values())
        names = [settings.contact(t) for t in (*CONTACT_TERMS, "last_engagement")]
        names += [*wish_names(settings), LAST_ACTIVITY, *self._contact_facts.values()]
        self._of_contact = _each("email", "firstname", "lastname", "associatedcompanyid", *names)
        room = SEARCH_CHARS - BODY_CHARS - sum(len(name) + 3 for name in self._of_contact)
        self._at_once = max(1, min(MOST_IN, room // ID_CHARS))

    # ---- reading -------------------------------------------------------------------------------------------

    async def readers(self) -> AsyncIterator[Sequence[Reader]]:
        """As bot.ports.AudienceDesk.readers, a page in memory at a time."""
        partners = [{"propertyName": self._settings.company("status"), "operator": "HAS_PROPERTY"}]
        group: dict[str, Record] = {}
        async for company in self._objects.search_each("companies", [partners], self._of_company):
            group[str(company["id"])] = company
            if len(group) == self._at_once:
                async for page in self._pages(group):
                    yield page
                group = {}
        if group:
            async for page in self._pages(group):
                yield page

    async def reader(self, contact_id: str) -> Reader | None:
        record = await self._contact(contact_id)
        company_id = record and record["properties"].get("associatedcompanyid")
        if not record or not company_id:
            return None
        companies, out, managers = await asyncio.gather(
            self._objects.read("companies", [company_id], self._of_company),
            self._subscriptions.opted_out(record["properties"].get("email") or ""),
            self._managers(),
        )
        if not companies or not companies[0]["properties"].get(self._settings.company("status")):
            return None
        return self._reader(record, companies[0], managers, out)

    async def _pages(self, companies: Mapping[str, Record]) -> AsyncIterator[list[Reader]]:
        """The contacts whose primary company is one of these."""
        managers = await self._managers()
        theirs = [{"propertyName": "associatedcompanyid", "operator": "IN", "values": list(companies)}]
        page: list[Reader] = []
        async for contact in self._objects.search_each("contacts", [theirs], self._of_contact):
            held = contact["properties"]
            company = companies.get(held.get("associatedcompanyid") or "")
            if company is None:  # has moved since the search's index saw it
                continue
            page.append(self._reader(contact, company, managers, opted_out(held, self._settings)))
            if len(page) == SEARCH_PAGE:
                yield page
                page = []
        if page:
            yield page

    async def _managers(self) -> dict[str, str]:
        return {m.id: m.email for m in await self._reads.managers()}

    def _reader(self, contact: Record, company: Record, managers: Mapping[str, str], out: frozenset[Topic]) -> Reader:
        held, settings = contact["properties"], self._settings
        partner = partner_from(company, settings)
        facts = _facts(company["properties"], self._company_facts) | _facts(held, self._contact_facts)
        days = [_day(held.get(LAST_ACTIVITY)), _day(held.get(settings.contact("last_engagement")))]
        return Reader(
            contact=contact_from(contact, settings),
            partner=partner,
            motions=motions_from(company, settings),
            manager=managers.get(partner.manager_id or ""),
            last_activity=max(filter(None, days), default=None),
            facts=facts,
            preferences=preferences_from(held, settings, out),
        )

    async def _contact(self, contact_id: str) -> Record | None:
        return next(iter(await self._objects.read("contacts", [contact_id], self._of_contact)), None)

    # ---- writing -------------------------------------------------------------------------------------------

    async def save_preferences(self, contact_id: str, preferences: Preferences) -> None:
        """As bot.ports.AudienceDesk.save_preferences: subscriptions first, then what differs in one request."""
        held = await self._held(contact_id, "save the preferences of")
        if is_out_of_all(held):
            managed = frozenset(OPTIONAL)
            kept_out = [t for t in OPTIONAL if preferences.cadences.get(t) is not Cadence.OFF]
            refused = dict.fromkeys((t.value for t in kept_out), _OUT_OF_ALL)
        else:
            managed, refused = await self._subscribe(held.get("email") or "", preferences)
        new = changed(preferences, held, self._settings, managed)
        refused |= await self._write(contact_id, new)
        self._reads.forget_contact(contact_id)
        if refused:
            what = "; ".join(f"{name}: {words}" for name, words in refused.items())
            raise RefusedFieldsError(
                f"hubspot: save the preferences of contact {contact_id}: not all can be held, the rest is: {what}",
                fields=refused,
            )

    async def _subscribe(self, email: str, preferences: Preferences) -> tuple[frozenset[Topic], dict[str, str]]:
        """Bring the address's subscriptions to what is wished; the topics that they stand for, and why some are not
        taken back. A wish that is silent on a topic subscribes nobody again."""
        if not email:
            return frozenset(), {}
        managed, refused = set(self._settings.subscriptions), dict[str, str]()
        out = await self._subscriptions.opted_out(email)
        for topic in self._settings.subscriptions:
            cadence = preferences.cadences.get(topic)
            if (cadence is Cadence.OFF) is (topic in out):
                continue
            if cadence is None and topic in out:
                refused[topic.value] = _SILENT
                continue
            try:
                await self._subscriptions.put(email, topic, wanted=cadence is not Cadence.OFF)
            except (InvalidError, GoneError) as exc:
                if cadence is Cadence.OFF:
                    managed.discard(topic)  # our own property holds it
                    log.warning("hubspot.unsubscription_refused", topic=topic, code=exc.code)
                else:
                    refused[topic.value] = str(exc)
        return frozenset(managed), refused

    async def _write(self, contact_id: str, properties: Mapping[str, str]) -> dict[str, str]:
        """Write what HubSpot takes; its words about the rest, by the names of Preferences."""
        if not properties:
            return {}
        try:
            await self._objects.update("contacts", contact_id, properties)
        except InvalidError as exc:
            refused = {name: words for name, words in exc.properties.items() if name in properties}
            if not refused:
                raise
            left = {name: text for name, text in properties.items() if name not in refused}
            if left:
                await self._objects.update("contacts", contact_id, left)
            return {self._name_of(name): words for name, words in refused.items()}
        return {}

    def _name_of(self, property_name: str) -> str:
        term = next((t for t in TERMS if self._settings.contact(t) == property_name), "cadences")
        return _PREFERENCE.get(term, term)

    async def log_engagement(self, contact_id: str, body: str, *, at: datetime, key: str, look: bool) -> None:
        """As bot.ports.AudienceDesk.log_engagement: three requests, or two when something later is known already."""
        held = await self._held(contact_id, "note on")
        if not look or await self._timeline.find("contacts", contact_id, key) is None:
            what = f"note on contact {contact_id}"
            try:
                await self._timeline.write(what, body, at=at, key=key, targets={contact_id: NOTE_TO_CONTACT})
            except InvalidError as exc:
                if contact_id in exc.missing_ids:
                    raise _gone(contact_id, "note on") from exc
                raise
        name = self._settings.contact("last_engagement")
        known = _moment(held.get(name))
        if known is None or known < at:
            await self._objects.update("contacts", contact_id, {name: stamp(at)})

    async def _held(self, contact_id: str, doing: str) -> Mapping[str, str | None]:
        record = await self._contact(contact_id)
        if record is None:
            raise _gone(contact_id, doing)
        held: Mapping[str, str | None] = record["properties"]
        return held


def _each(*names: str) -> list[str]:
    return list(dict.fromkeys(names))


def _gone(contact_id: str, doing: str) -> GoneError:
    return GoneError(f"hubspot: {doing} contact {contact_id}: there is no such contact: tell the partner's manager")


def _facts(held: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found = {word: tuple(map(fold, (held.get(name) or "").split(";"))) for word, name in names.items()}
    return {word: tuple(filter(None, values)) for word, values in found.items() if any(values)}


def _moment(text: str | None) -> datetime | None:
    try:
        return instant(text) if text else None
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    moment = _moment(text)
    return moment and moment.astimezone(UTC).date()
