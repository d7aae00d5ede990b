"""What somebody wants to hear, as properties of a HubSpot contact and back. Pure; what it cannot read is no wish.

Channel, language and time zone are the contact's own properties, so that one wish holds for all that is sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, time

from bot.crm.hubspot.fields import instant, language_tag, listed, time_zone, written_zone
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.partners import Channel
from bot.domain.preferences import ALWAYS, Cadence, Preferences, QuietHours, Topic

Properties = Mapping[str, str | None]

OPTED_OUT_OF_ALL = "hs_email_optout"  # HubSpot's own, which nobody can set
OPTIONAL = tuple(t for t in Topic if t not in ALWAYS)
TERMS = ("channels", "language", "timezone", "quiet_hours", "paused_until")
CADENCES: Mapping[Cadence, str] = {  # the last to name a topic wins, should somebody have ticked it twice
    Cadence.IMMEDIATE: "topics_immediate",
    Cadence.DIGEST: "topics_digest",
    Cadence.OFF: "topics_off",
}
_PLAIN_WEEKENDS = "weekends like weekdays"
_QUIET = re.compile(r"(\d{1,2}(?::\d\d)?)\s*(?:-|–|to)\s*(\d{1,2}(?::\d\d)?)\s*(?:,\s*(.*))?", re.IGNORECASE)


def opted_out_property(subscription_id: str) -> str:
    """The contact's property that says "Opted out of email" of a subscription type; HubSpot makes and keeps it."""
    return f"{OPTED_OUT_OF_ALL}_{subscription_id}"


def wish_names(settings: HubSpotSettings) -> list[str]:
    """The properties that `preferences_from` reads."""
    ours = [settings.contact(term) for term in (*CADENCES.values(), *TERMS)]
    return [*ours, OPTED_OUT_OF_ALL, *map(opted_out_property, settings.subscriptions.values())]


def opted_out(held: Properties, settings: HubSpotSettings) -> frozenset[Topic]:
    """The topics whose subscription type the contact has unsubscribed from, as the contact's properties say."""
    return frozenset(t for t, id_ in settings.subscriptions.items() if _is_true(held.get(opted_out_property(id_))))


def is_out_of_all(held: Properties) -> bool:
    """Whether the contact has unsubscribed from all email in HubSpot."""
    return _is_true(held.get(OPTED_OUT_OF_ALL))


def preferences_from(held: Properties, settings: HubSpotSettings, out: Collection[Topic]) -> Preferences:
    """The wishes; `out` are the topics that were unsubscribed from."""
    cadences: dict[Topic, Cadence] = {}
    for cadence, term in CADENCES.items():
        cadences |= dict.fromkeys(_topics(held.get(settings.contact(term))), cadence)
    cadences |= dict.fromkeys(OPTIONAL if is_out_of_all(held) else out, Cadence.OFF)
    channels = _channels(held.get(settings.contact("channels")))
    return Preferences(
        cadences=cadences,
        channel=channels[0] if len(channels) == 1 else None,
        language=_language(held.get(settings.contact("language"))),
        quiet=quiet_hours(held.get(settings.contact("quiet_hours"))),
        timezone=time_zone(held.get(settings.contact("timezone"))),
        paused_until=_day(held.get(settings.contact("paused_until"))),
    )


def changed(
    wished: Preferences, held: Properties, settings: HubSpotSettings, managed: Collection[Topic]
) -> dict[str, str]:
    """What to write so that `preferences_from` gives these; nothing that is so already. The OFF of `managed` topics
    is a subscription's business."""
    now = preferences_from(held, settings, ())
    new: dict[str, str] = {}
    for cadence, term in CADENCES.items():
        ticked = _topics(held.get(settings.contact(term)))
        apart = [t for t in managed if t not in ticked] if cadence is Cadence.OFF else []
        topics = [t for t in Topic if wished.cadences.get(t) is cadence and t not in apart]
        if topics != ticked:
            new[term] = ";".join(topics)
    if wished.channel != now.channel:
        new["channels"] = wished.channel or ""
    if wished.language != now.language:
        new["language"] = (wished.language or "").lower()
    if wished.timezone != now.timezone:
        new["timezone"] = written_zone(wished.timezone or "", settings.contact("timezone"))
    if wished.quiet != now.quiet:
        new["quiet_hours"] = quiet_text(wished.quiet)
    if wished.paused_until != now.paused_until:
        new["paused_until"] = wished.paused_until.isoformat() if wished.paused_until else ""
    return {settings.contact(term): text for term, text in new.items()}


def quiet_text(quiet: QuietHours | None) -> str:
    """20:00-08:00; the whole weekend is quiet, too, unless it says "weekends like weekdays"."""
    if quiet is None:
        return ""
    hours = f"{quiet.starts:%H:%M}-{quiet.ends:%H:%M}"
    return hours if quiet.weekends else f"{hours}, {_PLAIN_WEEKENDS}"


def quiet_hours(text: str | None) -> QuietHours | None:
    """Quiet hours as written by `quiet_text` or, much like it, by a person."""
    found = _QUIET.fullmatch((text or "").strip())
    if found is None:
        return None
    try:
        starts, ends = _hour(found[1]), _hour(found[2])
    except ValueError:
        return None
    return QuietHours(starts=starts, ends=ends, weekends=(found[3] or "").strip().casefold() != _PLAIN_WEEKENDS)


def _hour(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0))


def _topics(text: str | None) -> list[Topic]:
    ticked = {part.casefold() for part in listed(text)}
    return [t for t in Topic if t in ticked]


def _channels(text: str | None) -> list[Channel]:
    ticked = {part.casefold() for part in listed(text)}
    return [c for c in Channel if c in ticked]


def _language(text: str | None) -> str | None:
    return (language_tag(text) or "").partition("-")[0] or None


def _day(text: str | None) -> date | None:
    try:
        return instant(text).date() if text else None
    except ValueError:
        return None


def _is_true(text: str | None) -> bool:
    return (text or "").casefold() == "true"
