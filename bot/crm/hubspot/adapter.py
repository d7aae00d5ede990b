"""HubSpot behind bot.ports.CRM: puts the modules of this package together. Holds no rule of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime

from bot.crm.hubspot.accounts import Accounts
from bot.crm.hubspot.audience import Audience
from bot.crm.hubspot.changes import Changes
from bot.crm.hubspot.check import Check
from bot.crm.hubspot.desk import Desk
from bot.crm.hubspot.due import Due
from bot.crm.hubspot.objects import Objects
from bot.crm.hubspot.pace import Quotas
from bot.crm.hubspot.parties import Parties
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.reads import Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.setup import Plan, Setup
from bot.crm.hubspot.subscriptions import Subscriptions
from bot.crm.hubspot.transport import Transport
from bot.crm.hubspot.writes import Writes
from bot.domain.accounts import Account
from bot.domain.audience import Reader
from bot.domain.deals import Deal, FieldChange, Pipelines
from bot.domain.partners import Contact, Manager, Partner
from bot.domain.preferences import Preferences
from bot.ports import ChangePage, Meeting, NewDeal


class HubSpotCRM:
    """One HubSpot portal. `quotas` is shared by everything that spends the portal's quota; None paces this object
    alone. Errors are those of bot.ports.CRM."""

    def __init__(self, settings: HubSpotSettings, quotas: Quotas | None = None) -> None:
        self._transport = Transport(settings, quotas)
        objects = Objects(self._transport)
        self._portal = Portal(self._transport, settings)
        self._reads = Reads(self._transport, objects, self._portal, settings)
        self._writes = Writes(objects, self._portal, self._reads, settings)
        self._accounts = Accounts(objects, self._reads, settings)
        self._desk = Desk(objects, self._portal, self._reads, self._accounts, settings)
        self._parties = Parties(objects, self._portal, self._reads)
        self._due = Due(objects, self._portal, self._reads, settings)
        subscriptions = Subscriptions(self._transport, settings)
        self._audience = Audience(objects, self._reads, subscriptions, settings)
        self._changes = Changes(objects, self._portal, settings)
        self._setup = Setup(self._transport, settings)
        self._check = Check(self._transport, self._portal, self._setup, subscriptions)

    async def changes_since(self, cursor: str | None, now: datetime) -> ChangePage:
        return await self._changes.since(cursor, now)

    async def deal(self, deal_id: str) -> Deal | None:
        return next(iter(await self._reads.deals([deal_id])), None)

    async def deals(self, deal_ids: Sequence[str]) -> tuple[Deal, ...]:
        return await self._reads.deals(deal_ids)

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]:
        return await self._reads.open_deals_of(partner_id)

    async def partner(self, partner_id: str) -> Partner | None:
        return await self._reads.partner(partner_id)

    async def partner_by_channel(self, channel: str) -> Partner | None:
        return await self._reads.partner_by_channel(channel)

    async def slack_channels(self) -> Mapping[str, str]:
        return await self._reads.slack_channels()

    async def contact(self, contact_id: str) -> Contact | None:
        return next(iter(await self._reads.contacts([contact_id])), None)

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        return await self._reads.contacts_by_email(address)

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        return await self._reads.contacts_of(deal)

    async def manager(self, manager_id: str) -> Manager | None:
        return await self._reads.manager(manager_id)

    async def managers(self) -> tuple[Manager, ...]:
        return await self._reads.managers()

    async def pipelines(self) -> Pipelines:
        return (await self._portal.stages()).pipelines()

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        return await self._writes.write(deal_id, changes)

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        return await self._writes.note(deal, body, at=at, key=key, contact_id=contact_id, look=look)

    async def accounts_like(self, *, domain: str | None, name: str) -> tuple[Account, ...]:
        return await self._accounts.like(domain=domain, name=name)

    async def create_deal(self, new: NewDeal, *, look: bool) -> str:
        return await self._desk.create(new, look=look)

    async def deal_by_registration(self, number: str) -> Deal | None:
        return await self._desk.by_registration(number)

    async def add_partner(self, deal_id: str, partner_id: str, *, contact_id: str | None) -> None:
        await self._parties.add(deal_id, partner_id, contact_id)

    async def remove_partner(self, deal_id: str, partner_id: str) -> None:
        await self._parties.remove(deal_id, partner_id)

    async def protected_deals(self, *, until: date) -> tuple[Deal, ...]:
        return await self._due.protected(until)

    async def quiet_deals(self, *, since: datetime) -> tuple[Deal, ...]:
        return await self._due.quiet(since)

    async def meetings_ended(self, *, after: datetime, before: datetime) -> tuple[Meeting, ...]:
        return await self._due.meetings(after=after, before=before)

    def readers(self) -> AsyncIterator[Sequence[Reader]]:
        return self._audience.readers()

    async def reader(self, contact_id: str) -> Reader | None:
        return await self._audience.reader(contact_id)

    async def save_preferences(self, contact_id: str, preferences: Preferences) -> None:
        await self._audience.save_preferences(contact_id, preferences)

    async def log_engagement(self, contact_id: str, body: str, *, at: datetime, key: str, look: bool) -> None:
        await self._audience.log_engagement(contact_id, body, at=at, key=key, look=look)

    async def check(self) -> list[str]:
        return await self._check.faults()

    async def plan_setup(self) -> Plan:
        """What the portal lacks for a partner programme; nothing is changed."""
        return await self._setup.plan()

    async def apply_setup(self, plan: Plan) -> list[str]:
        """Create what the plan names; repeating it changes nothing. Returns what a person has to do."""
        return await self._setup.apply(plan)

    async def close(self) -> None:
        await self._transport.close()
