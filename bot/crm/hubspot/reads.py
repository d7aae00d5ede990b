"""Reading deals, partners, contacts and managers out of HubSpot. Changes nothing; remembers people for a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.crm.hubspot.cache import Cache
from bot.crm.hubspot.errors import Call
from bot.crm.hubspot.fields import Record, contact_from, deal_from, manager_from, partner_from
from bot.crm.hubspot.objects import Link, Objects, next_page
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.settings import DEAL_PROPERTIES, WRITTEN_ONLY, HubSpotSettings
from bot.crm.hubspot.together import Together
from bot.crm.hubspot.transport import Transport
from bot.domain.credits import readable
from bot.domain.deals import Deal, Outcome
from bot.domain.partners import Contact, Manager, Partner
from bot.ports import GoneError

PEOPLE_KEPT_S = 60.0
OPEN_IDS_KEPT_S = 5.0
LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
MOST_IN = 100  # values of one IN filter (HubSpot's search guide)
MOST_SEARCHED = 50  # partners in one search: with 200 open deals each they reach the search's end of 10,000
DEAL_TO_PRIMARY_COMPANY = 5
PARTNER_TERMS = ("status", "tier", "certifications", "territories", "type", "language", "slack_channel")

CONTACT_TERMS = ("role", "channels", "language", "timezone", "other_emails")


class Reads:
    """Reads of one portal. Deals are always read anew; companies, contacts and owners may be a minute old."""

    def __init__(self, transport: Transport, objects: Objects, portal: Portal, settings: HubSpotSettings) -> None:
        self._transport = transport
        self._objects = objects
        self._portal = portal
        self._settings = settings
        self._companies: Cache[str, Record] = Cache(PEOPLE_KEPT_S)
        self._contacts: Cache[str, Contact] = Cache(PEOPLE_KEPT_S)
        self._links: Cache[tuple[str, str, str], list[Link]] = Cache(PEOPLE_KEPT_S)
        self._by_channel: Cache[str, list[str]] = Cache(PEOPLE_KEPT_S)
        self._by_email: Cache[str, str] = Cache(PEOPLE_KEPT_S)
        self._owners: Cache[str, dict[str, Manager]] = Cache(PEOPLE_KEPT_S)
        self._open_ids: Cache[str, list[str]] = Cache(OPEN_IDS_KEPT_S)
        self._open_searches = Together(self._search_open, most=MOST_SEARCHED)
        self._partners_of_deal: Cache[str, tuple[str, ...]] = Cache(PEOPLE_KEPT_S)
        self._pipeline_of_deal: Cache[str, str] = Cache(PEOPLE_KEPT_S)

    # ---- deals ---------------------------------------------------------------------------------------------

    async def deals(self, deal_ids: Sequence[str], *, companies: Mapping[str, str] | None = None) -> tuple[Deal, ...]:
        """The deals that exist, in the order asked for; `companies` are their customers' names where known."""
        if not deal_ids:
            return ()
        records = await self._objects.read("deals", deal_ids, self._deal_properties())
        if not records:
            return ()
        stage = self._settings.deal("stage")
        stages = await self._portal.stages_with(r["properties"].get(stage) or "" for r in records)
        account = await self._portal.account()
        companies = await self._customers(records) if companies is None else companies
        found = {}
        for record in records:
            deal = deal_from(
                record,
                settings=self._settings,
                stages=stages,
                zone=account.zone,
                company=companies.get(str(record["id"]), ""),
                url=account.deal_url(str(record["id"])),
            )
            self._partners_of_deal.put(deal.id, partners_of(deal.partner_id, deal.credits))
            self._pipeline_of_deal.put(deal.id, record["properties"].get("pipeline") or "")
            found[deal.id] = deal
        return tuple(found.pop(i) for i in dict.fromkeys(deal_ids) if i in found) + tuple(found.values())

    def remember_deal(self, deal_id: str, partner_id: str) -> None:
        """A deal that was made just now, which the search does not show yet."""
        self._partners_of_deal.put(deal_id, (partner_id,))
        self.forget_links(deal_id)

    def forget_links(self, deal_id: str) -> None:
        """Who belongs to the deal has changed."""
        for to in ("companies", "contacts"):
            self._links.forget(("deals", deal_id, to))

    def forget_contact(self, contact_id: str) -> None:
        """A contact that was changed just now."""
        self._contacts.forget(contact_id)

    async def pipeline_of(self, deal_id: str, *, fresh: bool = False) -> str:
        """The id of the deal's pipeline. Raises GoneError."""
        known = None if fresh else self._pipeline_of_deal.get(deal_id)
        if known is None:
            records = await self._objects.read("deals", [deal_id], ["pipeline"])
            if not records:
                raise GoneError(f"hubspot: read deal {deal_id}: there is no such deal: tell the partner's manager")
            known = str(records[0]["properties"].get("pipeline") or "")
            self._pipeline_of_deal.put(deal_id, known)
        return known

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]:
        """The open deals that the partner holds or has a share in, each as it is now.

        HubSpot's search finds them (and lags); deals of this partner that were read in the last minute are looked
        at as well, and what is no longer open or theirs falls out.
        """
        ids = self._open_ids.get(partner_id)
        if ids is None:
            ids = await self._open_searches.one(partner_id)
            self._open_ids.put(partner_id, ids)
        lately = [deal_id for deal_id, partners in self._partners_of_deal.items() if partner_id in partners]
        deals = await self.deals([*ids, *lately])
        open_deals = (d for d in deals if d.outcome is Outcome.OPEN)
        return tuple(d for d in open_deals if partner_id in partners_of(d.partner_id, d.credits))

    async def _search_open(self, partner_ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the open deals of each partner, as the search index has them. All deals that partners share come
        along: HubSpot does not say how it cuts a text into the words that a search could ask for."""
        partner, shares = self._settings.deal("partner"), self._settings.deal("credits")
        held: list[dict[str, Any]] = [{"propertyName": partner, "operator": "IN", "values": list(partner_ids)}]
        shared: list[dict[str, Any]] = [{"propertyName": shares, "operator": "HAS_PROPERTY"}]
        stage_ids = (await self._portal.stages()).open_stage_ids()
        if 0 < len(stage_ids) <= MOST_IN:
            is_open = {"propertyName": self._settings.deal("stage"), "operator": "IN", "values": list(stage_ids)}
            held, shared = [*held, is_open], [*shared, is_open]
        found: dict[str, list[str]] = {partner_id: [] for partner_id in partner_ids}
        for hit in await self._objects.search_all("deals", [held, shared], [partner, shares], sort="hs_object_id"):
            for each in partners_of(hit["properties"].get(partner), hit["properties"].get(shares)):
                if each in found:
                    found[each].append(str(hit["id"]))
        return found

    async def _customers(self, records: Sequence[Record]) -> dict[str, str]:
        """The name of each deal's customer: its primary company, or the first, that is none of its partners."""
        links = await self._associated("deals", [str(r["id"]) for r in records], "companies")
        chosen = {}
        for record in records:
            held = record["properties"]
            partners = partners_of(held.get(self._settings.deal("partner")), held.get(self._settings.deal("credits")))
            theirs = [link for link in links[str(record["id"])] if link.id not in partners]
            theirs.sort(key=lambda link: DEAL_TO_PRIMARY_COMPANY not in link.types)
            if theirs:
                chosen[str(record["id"])] = theirs[0].id
        companies = await self._read_companies(list(chosen.values()))
        return {
            deal_id: companies[company_id]["properties"].get("name") or ""
            for deal_id, company_id in chosen.items()
            if company_id in companies
        }

    def _deal_properties(self) -> list[str]:
        ours = [self._settings.deal(term) for term in DEAL_PROPERTIES if term not in WRITTEN_ONLY]
        return ["dealname", "pipeline", "hubspot_owner_id", "hs_lastmodifieddate", *ours]

    # ---- partners and people -------------------------------------------------------------------------------

    async def partner(self, partner_id: str) -> Partner | None:
        record = (await self._read_companies([partner_id])).get(partner_id)
        return partner_from(record, self._settings) if record else None

    async def contacts(self, contact_ids: Sequence[str]) -> tuple[Contact, ...]:
        """The contacts that exist, in the order asked for."""
        found = {i: c for i in contact_ids if (c := self._contacts.get(i))}
        missing = [i for i in dict.fromkeys(contact_ids) if i not in found]
        for record in await self._objects.read("contacts", missing, self._contact_properties()):
            contact = self._remember(record)
            found[contact.id] = contact
        return tuple(found[i] for i in dict.fromkeys(contact_ids) if i in found)

    async def partner_by_channel(self, channel: str) -> Partner | None:
        """By the search index, which may be a minute old; the company itself must say so too. A channel that two
        companies claim is nobody's: whose eyes it is for would be a guess."""
        if (known := self._by_channel.get(channel)) is None:
            group = [{"propertyName": self._settings.company("slack_channel"), "operator": "EQ", "value": channel}]
            hits = await self._objects.search_all("companies", [group], sort="hs_object_id")
            known = [str(hit["id"]) for hit in hits]
            self._by_channel.put(channel, known)
        partners = [p for i in known if (p := await self.partner(i)) and p.slack_channel == channel]
        return partners[0] if len(partners) == 1 else None

    async def slack_channels(self) -> dict[str, str]:
        """By the search index: the channels that companies name, each with a company's name."""
        channel = self._settings.company("slack_channel")
        group = [{"propertyName": channel, "operator": "HAS_PROPERTY"}]
        hits = await self._objects.search_all("companies", [group], ["name", channel], sort="hs_object_id")
        named = ((hit["properties"].get(channel) or "", hit["properties"].get("name") or "") for hit in hits)
        return {place.strip(): name for place, name in named if place.strip()}

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        """By primary address as it is now, else by any address as the search index has it, each then read.

        HubSpot lets an address belong to one contact only (knowledge base, "contact deduplication"), so a hit by
        primary address needs no search, of which there are five a second for the whole account.
        """
        wanted = address.strip().casefold()
        if "@" not in wanted or len(wanted) > LONGEST_ADDRESS:
            return ()
        if (primary := await self._by_primary_email(wanted)) is not None:
            return (primary,)
        if "*" in wanted:  # may stand in an address, and is a wildcard in this search
            return ()
        others = {"propertyName": self._settings.contact("other_emails"), "operator": "CONTAINS_TOKEN", "value": wanted}
        page = await self._objects.search("contacts", [[others]], (), sort="hs_object_id")
        found = await self.contacts([str(hit["id"]) for hit in page["results"]])
        return tuple(c for c in found if wanted in {a.casefold() for a in (c.email, *c.other_emails)})

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        """The deal's contacts whose primary company is its partner; without any, all the partner's contacts."""
        if deal.partner_id is None:
            return ()
        for kind, record_id in (("deals", deal.id), ("companies", deal.partner_id)):
            links = (await self._associated(kind, [record_id], "contacts"))[record_id]
            contacts = await self.contacts([link.id for link in links])
            if theirs := tuple(c for c in contacts if c.partner_id == deal.partner_id):
                return theirs
        return ()

    async def manager(self, manager_id: str) -> Manager | None:
        known = (await self._all_owners()).get(manager_id)
        if known or not manager_id.isdecimal():
            return known
        try:  # the list leaves out owners who have left
            owner = await self._transport.send(
                Call(what=f"read owner {manager_id}"),
                lambda hub: hub.crm.owners.owners_api.get_by_id(int(manager_id), archived=True, _preload_content=False),
            )
        except GoneError:
            return None
        return manager_from({**owner, "archived": True})

    async def managers(self) -> tuple[Manager, ...]:
        return tuple(m for m in (await self._all_owners()).values() if m.active)

    async def _by_primary_email(self, address: str) -> Contact | None:
        if (known_id := self._by_email.get(address)) is not None and (known := self._contacts.get(known_id)):
            return known
        try:
            contact = self._remember(
                await self._objects.by_unique("contacts", "email", address, self._contact_properties())
            )
        except GoneError:
            return None
        self._by_email.put(address, contact.id)
        return contact

    def _remember(self, record: Record) -> Contact:
        contact = contact_from(record, self._settings)
        self._contacts.put(contact.id, contact)
        return contact

    async def _all_owners(self) -> dict[str, Manager]:
        known = self._owners.get("")
        after: str | None = None
        while known is None or after is not None:
            asked = {"after": after} if after else {}
            page = await self._transport.send(
                Call(what="read the owners"),
                lambda hub, asked=asked: hub.crm.owners.owners_api.get_page(  # type: ignore[misc]
                    limit=500, **asked, _preload_content=False
                ),
            )
            people = (manager_from(o) for o in page["results"] if o.get("type", "PERSON") == "PERSON")
            known = {**(known or {}), **{m.id: m for m in people}}
            after = next_page(page)
            if after is None:
                self._owners.put("", known)
        return known

    async def _read_companies(self, ids: Sequence[str]) -> dict[str, Record]:
        found = {i: r for i in ids if (r := self._companies.get(i))}
        properties = ["name", "domain", "hubspot_owner_id"]
        properties += [self._settings.company(t) for t in PARTNER_TERMS]
        for record in await self._objects.read("companies", [i for i in ids if i not in found], properties):
            found[str(record["id"])] = record
            self._companies.put(str(record["id"]), record)
        return found

    async def _associated(self, kind: str, ids: Sequence[str], to: str) -> dict[str, list[Link]]:
        found = {i: links for i in ids if (links := self._links.get((kind, i, to))) is not None}
        if missing := [i for i in ids if i not in found]:
            for owner, links in (await self._objects.associated(kind, missing, to)).items():
                found[owner] = links
                self._links.put((kind, owner, to), links)
        return found

    def _contact_properties(self) -> list[str]:
        ours = [self._settings.contact(t) for t in CONTACT_TERMS]
        return ["email", "firstname", "lastname", "associatedcompanyid", *ours]


def partners_of(partner_id: str | None, credits_: str | None) -> tuple[str, ...]:
    """The partners who have a part in a deal, the one who holds it first."""
    return tuple(i for i in (partner_id, *(c.partner_id for c in readable(credits_))) if i)
