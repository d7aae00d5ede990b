"""Who else belongs to a deal: a further partner's company and contact, as associations that people see in HubSpot.

Who has a share is what the deal's property says (bot.domain.credits); refuses to take an association for one.
"""

from __future__ import annotations

from contextlib import suppress

from bot.crm.hubspot import newdeal
from bot.crm.hubspot.newdeal import FURTHER_PARTNER, PARTNER_CONTACT, labelled
from bot.crm.hubspot.objects import Objects
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.reads import Reads
from bot.ports import GoneError


class Parties:
    """Adds partners to the deals of one portal and takes them away; a repeated call changes nothing."""

    def __init__(self, objects: Objects, portal: Portal, reads: Reads) -> None:
        self._objects = objects
        self._portal = portal
        self._reads = reads

    async def add(self, deal_id: str, partner_id: str, contact_id: str | None) -> None:
        """As bot.ports.RegistrationDesk.add_partner."""
        labels = await self._portal.labels()
        deal = ("deals", deal_id)
        types = labelled(newdeal.DEAL_TO_COMPANY, labels.get(FURTHER_PARTNER))
        await self._objects.associate(deal, ("companies", partner_id), types)
        if contact_id is not None:
            types = labelled(newdeal.DEAL_TO_CONTACT, labels.get(PARTNER_CONTACT))
            await self._objects.associate(deal, ("contacts", contact_id), types)
        self._reads.forget_links(deal_id)

    async def remove(self, deal_id: str, partner_id: str) -> None:
        """As bot.ports.RegistrationDesk.remove_partner. What somebody else associated as more than that stays."""
        labels = await self._portal.labels()
        ours = {newdeal.DEAL_TO_COMPANY, labels.get(FURTHER_PARTNER)}
        links = (await self._objects.associated("deals", [deal_id], "companies"))[deal_id]
        for link in links:
            if link.id == partner_id and link.types <= ours:
                with suppress(GoneError):
                    await self._objects.dissociate(("deals", deal_id), ("companies", partner_id))
        self._reads.forget_links(deal_id)
