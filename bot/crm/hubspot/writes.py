"""Writing into HubSpot: one PATCH for a deal's changes, one POST for a note. Never decides what may be written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.crm.hubspot.errors import InvalidError
from bot.crm.hubspot.fields import encode, updated_at
from bot.crm.hubspot.objects import Json, Objects
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.reads import Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.timeline import NOTE_TO_COMPANY, NOTE_TO_CONTACT, NOTE_TO_DEAL, Timeline
from bot.domain.deals import Deal, DealField, FieldChange
from bot.errors import UnknownOutcomeError
from bot.ports import GoneError, RefusedFieldsError


class Writes:
    """Writes of one portal. A time-out after sending is UnknownOutcomeError: look before trying again."""

    def __init__(self, objects: Objects, portal: Portal, reads: Reads, settings: HubSpotSettings) -> None:
        self._objects = objects
        self._timeline = Timeline(objects)
        self._portal = portal
        self._reads = reads
        self._settings = settings

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        """Set the new values in one request; returns HubSpot's time of the change.

        A stage's id comes from what we remember of the portal; when HubSpot does not take it we ask once more.

        Raises:
            RefusedFieldsError: nothing was written. GoneError: there is no such deal.
        """
        properties = await self._properties(deal_id, changes, fresh=False)
        try:
            written = await self._patch(deal_id, changes, properties)
        except RefusedFieldsError as refusal:
            if DealField.STAGE not in refusal.fields:
                raise
            again = await self._properties(deal_id, changes, fresh=True)
            if again == properties:
                raise
            written = await self._patch(deal_id, changes, again)
        try:
            return updated_at(written)
        except (KeyError, ValueError, AttributeError) as exc:
            raise UnknownOutcomeError(
                f"hubspot: write deal {deal_id}: HubSpot did not say when: look whether it was carried out"
            ) from exc

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        """Put a note on the timelines of the deal, its partner's company and the contact; returns its id.

        A company or contact that is gone by now is left out.
        """
        if look and (earlier := await self._timeline.find("deals", deal.id, key)):
            return earlier
        wanted = ((deal.id, NOTE_TO_DEAL), (contact_id, NOTE_TO_CONTACT), (deal.partner_id, NOTE_TO_COMPANY))
        targets = {to: type_id for to, type_id in wanted if to is not None}
        what = f"note on deal {deal.id}"
        try:
            return await self._timeline.write(what, body, at=at, key=key, targets=targets)
        except InvalidError as exc:
            if deal.id in exc.missing_ids:
                raise GoneError(f"{exc}: the deal is gone: tell the partner's manager", code=exc.code) from exc
            left = {to: type_id for to, type_id in targets.items() if to not in exc.missing_ids}
            if left == targets:
                raise
        return await self._timeline.write(what, body, at=at, key=key, targets=left)

    async def _patch(self, deal_id: str, changes: Sequence[FieldChange], properties: Mapping[str, str]) -> Json:
        try:
            return await self._objects.update("deals", deal_id, properties)
        except InvalidError as exc:
            raise self._refusal(deal_id, changes, exc) from exc

    async def _properties(self, deal_id: str, changes: Sequence[FieldChange], *, fresh: bool) -> dict[str, str]:
        zone = (await self._portal.account()).zone
        properties = {}
        for change in changes:
            name = self._settings.deal(change.field)
            if change.field is DealField.STAGE:
                properties[name] = await self._stage_id(deal_id, str(change.new), fresh=fresh)
            else:
                properties[name] = encode(change.field, change.new, property_name=name, zone=zone)
        return properties

    async def _stage_id(self, deal_id: str, label: str, *, fresh: bool) -> str:
        for ask_again in (fresh, True):
            stages = await self._portal.stages(fresh=ask_again)
            pipeline_id = await self._reads.pipeline_of(deal_id, fresh=ask_again)
            if (stage_id := stages.stage_id(pipeline_id, label)) is not None:
                return stage_id
        words = f"{label!r} is not a stage of the deal's pipeline"
        raise RefusedFieldsError(
            f"hubspot: write deal {deal_id}: {words}: use one of the pipeline's labels",
            fields={DealField.STAGE.value: words},
            code="INVALID_OPTION",
        )

    def _refusal(self, deal_id: str, changes: Sequence[FieldChange], exc: InvalidError) -> RefusedFieldsError:
        """HubSpot's refusal by our fields.

        A rule may want a property filled in that we did not write. Then the stage is refused, whose rules those
        mostly are, or else all that we wrote; the wanted property is named as well when it is a field of ours.
        """
        written = {c.field for c in changes}
        refused = {field: words for name, words in exc.properties.items() if (field := self._settings.field_of(name))}
        unwritten = {name: w for name, w in exc.properties.items() if self._settings.field_of(name) not in written}
        if unwritten or not refused:
            words = "; ".join(f"{name}: {w}" for name, w in unwritten.items()) or exc.words
            for field in {DealField.STAGE} & written or written:
                refused.setdefault(field, words)
        what = "; ".join(f"{field}: {words}" for field, words in refused.items())
        return RefusedFieldsError(
            f"hubspot: write deal {deal_id}: values refused, nothing was written: {what}",
            fields={field.value: self._plain(words) for field, words in refused.items()},
            code=exc.code,
        )

    def _plain(self, words: str) -> str:
        """HubSpot's words with ours in the place of internal property names: a partner may read them."""
        for field in sorted(DealField, key=lambda f: -len(self._settings.deal(f))):
            words = re.sub(rf"\b{re.escape(self._settings.deal(field))}\b", field.value.replace("_", " "), words)
        return words
