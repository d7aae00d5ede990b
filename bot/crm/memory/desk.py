"""The CRM in memory's part in registrations (bot.ports.RegistrationDesk). Refuses the values that `write` refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.crm.memory.records import Records
from bot.domain.accounts import Account
from bot.domain.companies import company_key, compare
from bot.domain.deals import Deal, DealField, FieldChange, Outcome, RegistrationStatus
from bot.domain.partners import Contact
from bot.ports import GoneError, Meeting, NewDeal, RefusedFieldsError

MOST_ACCOUNTS = 100
ENDED = {RegistrationStatus.EXPIRED.value, RegistrationStatus.RELEASED.value}


class Desk:
    """One CRM's registrations; `records` are shared with the rest of it."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def accounts_like(self, *, domain: str | None, name: str) -> tuple[Account, ...]:
        self._records.fail("accounts_like")
        found = [a for a in self._records.all_accounts() if _alike(a, domain, name)]
        return tuple(found[:MOST_ACCOUNTS])

    async def create_deal(self, new: NewDeal) -> str:
        """As a CRM whose registration numbers are unique: a repeated call finds the deal, asked to look or not."""
        failure = self._records.fail("create_deal")
        deal_id = self._held(new.registration)
        if deal_id is not None and self._records.deals[deal_id].partner_id != new.partner_id:
            words = f"deal {deal_id}, which is not this partner's, has the number {new.registration}"
            raise RefusedFieldsError(
                f"memory: create the deal of {new.registration}: {words}", fields={"registration": words}
            )
        deal_id = deal_id or self._create(new)
        if failure is not None:
            raise failure
        return deal_id

    async def deal_by_registration(self, number: str) -> Deal | None:
        self._records.fail("deal_by_registration")
        deal_id = self._held(number)
        return None if deal_id is None else self._records.deals[deal_id]

    async def add_partner(self, deal_id: str, partner_id: str, contact_id: str | None) -> None:
        self._records.fail("add_partner")
        if deal_id not in self._records.deals or partner_id not in self._records.partners:
            raise GoneError(f"memory: add {partner_id} to deal {deal_id}: one of them is not there: tell its manager")
        known = self._records.deal_contacts.get(deal_id, ())
        self._records.deal_contacts[deal_id] = tuple(dict.fromkeys([*known, *([contact_id] if contact_id else [])]))
        self._records.further_partners[deal_id] = self.further_partners(deal_id) | {partner_id}

    async def remove_partner(self, deal_id: str, partner_id: str) -> None:
        self._records.fail("remove_partner")
        self._records.further_partners[deal_id] = self.further_partners(deal_id) - {partner_id}

    def further_partners(self, deal_id: str) -> frozenset[str]:
        return self._records.further_partners.get(deal_id, frozenset())

    async def protected_deals(self, *, until: date) -> tuple[Deal, ...]:
        self._records.fail("protected_deals")
        ending = [(d.protected_until, d) for d in self._partner_deals() if d.registration_status not in ENDED]
        found = [(day, d.id, d) for day, d in ending if day is not None and day <= until]
        return tuple(deal for _, _, deal in sorted(found, key=lambda f: f[:2]))

    async def quiet_deals(self, *, since: datetime) -> tuple[Deal, ...]:
        self._records.fail("quiet_deals")
        return tuple(sorted((d for d in self._partner_deals() if d.updated_at < since), key=lambda d: d.updated_at))

    async def meetings_ended(self, *, after: datetime, before: datetime) -> tuple[Meeting, ...]:
        self._records.fail("meetings_ended")
        theirs = {d.id for d in self._partner_deals()}
        ended = (m for m in self._records.meetings.values() if after < m.ended_at <= before and m.deal_id in theirs)
        return tuple(replace(m, followed_up=m.followed_up or self._noted_since(m)) for m in ended)

    def _noted_since(self, meeting: Meeting) -> bool:
        return any(n.deal_id == meeting.deal_id and n.at > meeting.ended_at for n in self._records.notes)

    def _partner_deals(self) -> list[Deal]:
        return [d for d in self._records.deals.values() if d.partner_id is not None and d.outcome is Outcome.OPEN]

    def _held(self, number: str) -> str | None:
        wanted = number.casefold()
        return next((d.id for d in self._records.deals.values() if (d.registration or "").casefold() == wanted), None)

    def _create(self, new: NewDeal) -> str:
        records = self._records
        at = records.clock()
        deal = Deal(
            id=f"D{len(records.deals) + 1}",
            name=new.name,
            company=new.company,
            partner_id=new.partner_id,
            motion=new.motion,
            stage=new.stage,
            amount=new.amount,
            currency=new.currency,
            close_date=new.close_date,
            registration=new.registration,
            protected_until=new.protected_until,
            registration_status=RegistrationStatus.PROTECTED.value,
            renewals=Decimal(0),
            source=new.source,
            share=new.share,
            owner_id=new.owner_id,
            updated_at=at,
        )
        changes = [FieldChange(field=f, old=None, new=v) for f in DealField if (v := deal.value(f)) is not None]
        if refused := records.refused(deal, changes):
            what = "; ".join(f"{name}: {why}" for name, why in refused.items())
            raise RefusedFieldsError(f"memory: create a deal for {new.registration}: {what}", fields=refused)
        account = self._account(new)
        contact_id = self._contact(new, account)
        records.deals[deal.id] = replace(deal, company=account.name, outcome=records.outcome(deal))
        records.account_of_deal[deal.id] = account.id
        records.deal_contacts[deal.id] = tuple(i for i in (new.partner_contact_id, contact_id) if i)
        for change in changes:
            records.tell(deal, change, at, "INTEGRATION")
        return deal.id

    def _account(self, new: NewDeal) -> Account:
        """The known one, that of the domain, that of the very name, or a new one."""
        accounts, key = self._records.all_accounts(), company_key(new.company)
        known = [a for a in accounts if a.id == new.account_id]
        known += [a for a in accounts if compare(key, new.domain, company_key(a.name), a.domain).is_sure]
        found = next(iter(known), None)
        account = found or Account(id=f"A{len(accounts) + 1}", name=new.company, domain=new.domain)
        self._records.accounts.setdefault(account.id, replace(account, deals=()))
        return account

    def _contact(self, new: NewDeal, account: Account) -> str | None:
        """The contact with that address, or a new one; None when the registration names nobody."""
        contacts, wanted = self._records.contacts, (new.contact_email or "").casefold()
        if not (wanted or new.contact_name):
            return None
        for contact in contacts.values():
            if wanted and wanted in {a.casefold() for a in (contact.email, *contact.other_emails)}:
                return contact.id
        name = new.contact_name or new.contact_email or ""
        contact_id = f"P{len(contacts) + 1}"
        contacts[contact_id] = Contact(id=contact_id, partner_id=account.id, name=name, email=new.contact_email or "")
        return contact_id


def _alike(account: Account, domain: str | None, name: str) -> bool:
    key, other = company_key(name), company_key(account.name)
    begins_alike = bool(key) and other.startswith(key.partition(" ")[0])
    return begins_alike or compare(key, domain, other, account.domain).is_sure
