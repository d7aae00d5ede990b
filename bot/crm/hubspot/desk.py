"""An approved registration in HubSpot: one deal, one company, one contact, and how they belong together. Never decides
who gets it.

HubSpot has no transaction and does not keep companies apart ("API-created companies are not deduplicated", knowledge
base, deduplication, 2026), and its search lags. So the deal comes first: its registration number is unique (setup
creates that property so), and its associations, which do not lag, tell after a cut what is there already. The company
is made together with its association to the deal, the contact after it, lest HubSpot makes a company of its own out of
the contact's address. Two requests when the company is known; when it is new four, and a search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog

from bot.crm.hubspot import newdeal
from bot.crm.hubspot.accounts import Accounts
from bot.crm.hubspot.errors import InvalidError
from bot.crm.hubspot.fields import Record
from bot.crm.hubspot.newdeal import PARTNER, PARTNER_CONTACT, hubspots, labelled, link
from bot.crm.hubspot.objects import BATCH, Json, Link, Objects
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.reads import Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.deals import Deal
from bot.ports import GoneError, NewDeal, RefusedFieldsError

log = structlog.get_logger()

# A contact's address: 409 CONFLICT, "Contact already exists. Existing ID: 51". Any other unique value: 400
# VALIDATION_ERROR with CONFLICTING_UNIQUE_VALUE, "Cannot set PropertyValueCoordinates{…, propertyName=registration_id,
# value=REG-1} on 12. 11 already has that value." (as public clients of the API have it, 2024–2026).
_EXISTING = re.compile(r"Existing ID: (\d+)")


class Desk:
    """Puts registrations into one portal; a repeated call completes what an earlier one left."""

    def __init__(
        self, objects: Objects, portal: Portal, reads: Reads, accounts: Accounts, settings: HubSpotSettings
    ) -> None:
        self._objects = objects
        self._portal = portal
        self._reads = reads
        self._accounts = accounts
        self._settings = settings

    async def create(self, new: NewDeal, *, look: bool) -> str:
        """As bot.ports.RegistrationDesk.create_deal."""
        known = await self._own(new) if look else None
        if known is not None:
            await self._complete(known, new)
            return known
        company_id = new.account_id or await self._accounts.known(domain=new.domain, name=new.company)
        try:
            deal_id, company_id = await self._create_deal(new, company_id)
        except InvalidError as exc:
            known = await self._own(new) if _is_clash(exc) else None
            if known is None:
                raise newdeal.refusal(new, self._settings, exc) from exc
            await self._complete(known, new)
            return known
        if company_id is None:
            company_id = await self._create_company(deal_id, new)
            await self._associate_partner(deal_id, new)
        await self._add_contact(deal_id, company_id, new, {})
        self._reads.remember_deal(deal_id, new.partner_id)
        return deal_id

    async def by_registration(self, number: str) -> Deal | None:
        record = await self._find(number, None)
        return None if record is None else next(iter(await self._reads.deals([str(record["id"])])), None)

    # ---- finding ---------------------------------------------------------------------------------------------

    async def _own(self, new: NewDeal) -> str | None:
        """The deal that an earlier call made. Raises RefusedFieldsError when the number is on another partner's."""
        record = await self._find(new.registration, new.partner_contact_id)
        if record is None:
            return None
        if record["properties"].get(self._settings.deal("partner")) == new.partner_id:
            return str(record["id"])
        words = f"deal {record['id']}, which is not this partner's, has the number {new.registration}"
        raise RefusedFieldsError(
            f"hubspot: create the deal of {new.registration}: {words}: there is no deal: clear it there",
            fields={"registration": words},
            code="CONFLICT",
        )

    async def _find(self, number: str, contact_id: str | None) -> Record | None:
        """The deal with that number: by the unique property at once; where the portal's property is not unique, by
        the search and, as that lags, among the newest deals of the partner's contact."""
        name = self._settings.deal("registration")
        shown = [name, self._settings.deal("partner")]
        try:
            return await self._objects.by_unique("deals", name, number, shown)
        except GoneError:
            return None
        except InvalidError:
            log.debug("hubspot.number_not_unique", property=name)
        filters = [{"propertyName": name, "operator": "EQ", "value": number}]
        candidates = [str(hit["id"]) async for hit in self._objects.search_each("deals", [filters])]
        if contact_id is not None:
            links = (await self._objects.associated("contacts", [contact_id], "deals"))[contact_id]
            candidates += sorted((found.id for found in links), key=int)[-BATCH:]
        held = await self._objects.read("deals", candidates, shown)
        wanted = number.casefold()
        named = (r for r in held if (r["properties"].get(name) or "").casefold() == wanted)
        return min(named, key=lambda r: int(r["id"]), default=None)

    # ---- making ----------------------------------------------------------------------------------------------

    async def _create_deal(self, new: NewDeal, company_id: str | None) -> tuple[str, str | None]:
        """The new deal's id and its customer's, which is None when that company is not (or no longer) there."""
        properties = await self._deal_properties(new)
        gone: frozenset[str] = frozenset()
        while True:
            links = await self._deal_links(new, company_id, gone=gone)
            try:
                created = await self._objects.create(
                    "deals", f"create the deal of {new.registration}", properties, links
                )
            except InvalidError as exc:  # HubSpot may name those who are gone one by one
                if new.partner_id in exc.missing_ids:
                    raise GoneError(f"{exc}: the partner is gone: tell its manager", code=exc.code) from exc
                if not (exc.missing_ids - gone) & {company_id, new.partner_contact_id}:
                    raise
                gone |= exc.missing_ids
                company_id = None if company_id in gone else company_id
            else:
                return str(created["id"]), company_id

    async def _deal_links(self, new: NewDeal, company_id: str | None, *, gone: frozenset[str]) -> list[Json]:
        """The customer first, as the primary company. Without one the partner waits, lest HubSpot makes the first
        company of a deal the primary one."""
        labels = await self._portal.labels()
        links = []
        if company_id is not None:
            types = hubspots(newdeal.DEAL_TO_COMPANY, newdeal.DEAL_TO_PRIMARY_COMPANY)
            links += [link(company_id, types)]
            if company_id != new.partner_id:
                links += [link(new.partner_id, labelled(newdeal.DEAL_TO_COMPANY, labels.get(PARTNER)))]
        if new.partner_contact_id not in gone:
            types = labelled(newdeal.DEAL_TO_CONTACT, labels.get(PARTNER_CONTACT))
            links += [link(new.partner_contact_id, types)]
        return links

    async def _deal_properties(self, new: NewDeal) -> dict[str, str]:
        for fresh in (False, True):  # what we remember of the pipelines may be old
            stages = await self._portal.stages(fresh=fresh)
            pipeline_id = stages.pipeline_id(new.motion)
            stage_id = None if pipeline_id is None else stages.stage_id(pipeline_id, new.stage)
            if pipeline_id is not None and stage_id is not None:
                zone = (await self._portal.account()).zone
                return newdeal.deal_properties(
                    new, self._settings, pipeline_id=pipeline_id, stage_id=stage_id, zone=zone
                )
        field, words = ("motion", f"{new.motion} has no pipeline")
        if pipeline_id is not None:
            field, words = ("stage", f"{new.stage!r} is not a stage of the motion's pipeline")
        raise RefusedFieldsError(
            f"hubspot: create the deal of {new.registration}: {words}: there is no deal: mend the configuration",
            fields={field: words},
            code="INVALID_OPTION",
        )

    async def _create_company(self, deal_id: str, new: NewDeal) -> str:
        types = hubspots(newdeal.COMPANY_TO_DEAL, newdeal.COMPANY_TO_PRIMARY_DEAL)
        what = f"create the company of deal {deal_id}"
        properties = newdeal.company_properties(new)
        try:
            created = await self._objects.create("companies", what, properties, [link(deal_id, types)])
        except InvalidError as exc:
            kept = _without(properties, exc)  # such as a domain that HubSpot does not take for one
            log.warning("hubspot.company_made_without", deal=deal_id, left_out=sorted(exc.properties))
            created = await self._objects.create("companies", what, kept, [link(deal_id, types)])
        self._accounts.remember(str(created["id"]), domain=new.domain, name=new.company)
        return str(created["id"])

    async def _associate_partner(self, deal_id: str, new: NewDeal) -> None:
        types = labelled(newdeal.DEAL_TO_COMPANY, (await self._portal.labels()).get(PARTNER))
        await self._objects.associate(("deals", deal_id), ("companies", new.partner_id), types)

    async def _add_contact(self, deal_id: str, company_id: str, new: NewDeal, there: Mapping[str, Link]) -> None:
        """The customer's contact, made or found by its address; `there` are the contacts that stand on the deal."""
        properties = newdeal.contact_properties(new)
        if not properties or ("email" not in properties and await self._is_named(properties, new, there)):
            return
        company = hubspots(newdeal.CONTACT_TO_COMPANY, newdeal.CONTACT_TO_PRIMARY_COMPANY)
        links = [link(deal_id, hubspots(newdeal.CONTACT_TO_DEAL)), link(company_id, company)]
        what = f"create the contact of deal {deal_id}"
        try:
            await self._objects.create("contacts", what, properties, links)
        except InvalidError as exc:
            if (holder := _holder(exc)) is not None:
                if holder not in there and holder != new.partner_contact_id:
                    types = hubspots(newdeal.DEAL_TO_CONTACT)
                    await self._objects.associate(("deals", deal_id), ("contacts", holder), types)
                return
            # The deal is there: a refused address must not cost it its contact.
            kept = _without(properties, exc)
            kept.setdefault("lastname", properties.get("email", ""))
            log.warning("hubspot.contact_made_without", deal=deal_id, left_out=sorted(exc.properties))
            if not await self._is_named(kept, new, there):
                await self._objects.create("contacts", what, kept, links)

    async def _is_named(self, properties: Mapping[str, str], new: NewDeal, there: Mapping[str, Link]) -> bool:
        """Whether a contact of that name stands on the deal already."""
        others = [i for i in there if i != new.partner_contact_id]
        found = await self._reads.contacts(others)
        wanted = " ".join(properties[n] for n in ("firstname", "lastname") if n in properties).casefold()
        return any(c.name.casefold() == wanted for c in found)

    # ---- completing ------------------------------------------------------------------------------------------

    async def _complete(self, deal_id: str, new: NewDeal) -> None:
        """Make what of a deal's company, contact and associations is missing after an earlier call was cut."""
        companies = await self._links(deal_id, "companies")
        company_id = next((i for i in companies if i != new.partner_id), None)
        if company_id is None and new.account_id != new.partner_id:
            company_id = await self._add_company(deal_id, new)
        label = (await self._portal.labels()).get(PARTNER, newdeal.DEAL_TO_COMPANY)
        partner = companies.get(new.partner_id)
        if partner is None or label not in partner.types:
            await self._associate_partner(deal_id, new)
        await self._add_contact(deal_id, company_id or new.partner_id, new, await self._links(deal_id, "contacts"))
        self._reads.remember_deal(deal_id, new.partner_id)

    async def _add_company(self, deal_id: str, new: NewDeal) -> str:
        """Give a deal without customer its company, found or made."""
        known = new.account_id or await self._accounts.known(domain=new.domain, name=new.company)
        if known is None:
            return await self._create_company(deal_id, new)
        types = hubspots(newdeal.DEAL_TO_COMPANY, newdeal.DEAL_TO_PRIMARY_COMPANY)
        try:
            await self._objects.associate(("deals", deal_id), ("companies", known), types)
        except GoneError:
            return await self._create_company(deal_id, new)
        return known

    async def _links(self, deal_id: str, to: str) -> dict[str, Link]:
        return {found.id: found for found in (await self._objects.associated("deals", [deal_id], to))[deal_id]}


def _holder(exc: InvalidError) -> str | None:
    """The id of the contact that has the address already."""
    found = _EXISTING.search(exc.words)
    return found[1] if found else None


def _is_clash(exc: InvalidError) -> bool:
    """Whether a unique value is another record's already."""
    return "CONFLICT" in exc.code or "already has that value" in exc.words


def _without(properties: Mapping[str, str], exc: InvalidError) -> dict[str, str]:
    """The properties that HubSpot did not refuse. Raises its refusal when that leaves all or none."""
    kept = {name: text for name, text in properties.items() if name not in exc.properties}
    if not kept or kept == properties:
        raise exc
    return kept
