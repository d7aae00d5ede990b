"""What somebody wants to hear, how and when: their own wishes, apart from what a programme sends. Only values and
what follows from them; how wishes are said is bot.language's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum

from bot.domain.partners import Channel


class Topic(StrEnum):
    """What may be wished for apart: the kinds of announcement, surveys, and notices about one's own deals."""

    PROGRAMME = "programme"
    ENABLEMENT = "enablement"
    INCENTIVE = "incentive"
    PRODUCT = "product"
    POLICY = "policy"
    SURVEYS = "surveys"
    DEALS = "deals"


class Cadence(StrEnum):
    IMMEDIATE = "immediate"
    DIGEST = "digest"
    OFF = "off"


#: What nobody can switch off: partners are never surprised by a policy change, nor by what happens to their deals.
#: It can be bundled, and it can wait for the end of a pause, but it comes.
ALWAYS = frozenset({Topic.POLICY, Topic.DEALS})
ANNOUNCEMENTS = (Topic.PROGRAMME, Topic.ENABLEMENT, Topic.INCENTIVE, Topic.PRODUCT, Topic.POLICY)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Local hours in which nothing comes that is not urgent; `starts` after `ends` spans midnight, equal ones mean
    none. `weekends`: Saturday and Sunday are quiet as a whole."""

    starts: time
    ends: time
    weekends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """One contact's wishes; what is None or absent is as the programme has it. `timezone` is an IANA name.
    `paused_until` is the first day on which something may come again, in the contact's time zone."""

    cadences: Mapping[Topic, Cadence] = field(default_factory=dict)
    channel: Channel | None = None
    language: str | None = None
    quiet: QuietHours | None = None
    timezone: str | None = None
    paused_until: date | None = None

    def cadence(self, topic: Topic, default: Cadence = Cadence.IMMEDIATE) -> Cadence:
        """How it comes: never OFF for what nobody can switch off."""
        wished = self.cadences.get(topic, default)
        return Cadence.DIGEST if wished is Cadence.OFF and topic in ALWAYS else wished


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One change of one's preferences; None leaves that part as it is. `topics` go with `cadence`, none of them
    means all announcements and surveys. `resume` ends a pause."""

    topics: tuple[Topic, ...] = ()
    cadence: Cadence | None = None
    channel: Channel | None = None
    language: str | None = None
    quiet: QuietHours | None = None
    timezone: str | None = None
    paused_until: date | None = None
    resume: bool = False


def wish_of(topic: str, *, wanted: bool) -> Wish:
    """What a plain "stop" or "start" of a topic of the contract means: announcements, digest, surveys or all."""
    match topic:
        case "digest":
            return Wish(topics=ANNOUNCEMENTS, cadence=Cadence.DIGEST if wanted else Cadence.OFF)
        case "announcements":
            topics: tuple[Topic, ...] = ANNOUNCEMENTS
        case "surveys":
            topics = (Topic.SURVEYS,)
        case _:
            topics = (*ANNOUNCEMENTS, Topic.SURVEYS)
    return Wish(topics=topics, cadence=Cadence.IMMEDIATE if wanted else Cadence.OFF, resume=wanted)


def wished(preferences: Preferences, wish: Wish) -> Preferences:
    """The preferences after a wish. The same wish again changes nothing."""
    cadences = dict(preferences.cadences)
    if wish.cadence is not None:
        topics = wish.topics or (*ANNOUNCEMENTS, Topic.SURVEYS)
        cadences |= dict.fromkeys(topics, wish.cadence)
    return replace(
        preferences,
        cadences=cadences,
        channel=wish.channel or preferences.channel,
        language=wish.language or preferences.language,
        quiet=wish.quiet or preferences.quiet,
        timezone=wish.timezone or preferences.timezone,
        paused_until=None if wish.resume else wish.paused_until or preferences.paused_until,
    )
