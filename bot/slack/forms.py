"""Forms: opened while Slack still allows it, checked before they close. Stores nothing and looks nothing up.

A form can be opened within three seconds of the command or the pressed button, so the listener does it, before and
instead of storing: opening changes nothing, and what counts is the form that is sent. What is typed wrong is said in
the form; whether the claim may be made is decided later, from the store.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.partners import Motion
from bot.domain.registration_form import faults
from bot.domain.terms import Terms
from bot.ports import Json
from bot.slack.events import Kind, SlackEvent
from bot.slack.views.decide import ASK, REJECT, ask_view, reject_view
from bot.slack.views.form import FormWords
from bot.slack.views.place import Place
from bot.slack.views.register import REGISTER, errors_of, register_view

OpenView = Callable[[str, Json], Awaitable[str]]
"""Opens a view for whoever made the trigger; returns the view's id."""

_OPEN_S = 2.0  # within the 3 s that Slack waits for our answer
#: The day is the same or earlier in no inhabited place (UTC-12).
_WEST = timedelta(hours=12)
_CHANGE = re.compile(r"CHG-\d+")  # a change of a deal is refused without a form


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSettings:
    """`words` by language; `language` is that of forms for partners whose language is not known yet,
    `manager_language` that of the vendor's people. `motions` are those that the programme runs."""

    words: Mapping[str, FormWords]
    language: str = "en"
    manager_language: str = "en"
    terms: Terms = field(default_factory=Terms)
    motions: tuple[Motion, ...] = ()


class Forms:
    """The forms of one programme. `now` is the clock (aware)."""

    def __init__(self, settings: FormSettings, open_view: OpenView, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._open_view = open_view
        self._now = now

    async def opened(self, event: SlackEvent) -> bool:
        """Open the form that this asks for; False when it asks for none, and is to be stored. Raises what opening
        raises, and TimeoutError when Slack takes too long: then the person is told to try again."""
        view = self.wanted(event)
        if view is None or event.trigger_id is None:
            return False
        async with asyncio.timeout(_OPEN_S):
            await self._open_view(event.trigger_id, view)
        return True

    def wanted(self, event: SlackEvent) -> Json | None:
        """The form that a command or a button asks for."""
        settings, value = self._settings, event.value or ""
        match event.kind, event.action_id:
            case Kind.COMMAND, _ if event.plain.strip().casefold() == REGISTER:
                return self._register(event, settings.language)
            case Kind.ACTION, "register":
                return self._register(event, value if value in settings.words else settings.language)
            case Kind.ACTION, "reject" if not _CHANGE.fullmatch(value):
                return reject_view(self._for_managers(), _place(event, settings.manager_language, value))
            case Kind.ACTION, "ask":
                return ask_view(self._for_managers(), _place(event, settings.manager_language, value))
        return None

    def errors(self, event: SlackEvent) -> dict[str, str]:
        """What is wrong with a sent form, by the name of its field; empty when it may close."""
        if event.callback_id in {REJECT, ASK}:
            name = "reason" if event.callback_id == REJECT else "question"
            blank = not event.values.get(name, "").strip()
            return {name: self._for_managers().labels["needed"]} if blank else {}
        if event.callback_id != REGISTER:
            return {}
        language = Place.from_json(event.private_metadata).language
        words = self._settings.words.get(language) or self._settings.words[self._settings.language]
        found = faults(event.values, self._settings.terms, today=self._earliest_today())
        return errors_of(found, words, self._settings.terms)

    def _register(self, event: SlackEvent, language: str) -> Json:
        settings = self._settings
        return register_view(settings.words[language], _place(event, language), settings.terms, settings.motions)

    def _for_managers(self) -> FormWords:
        return self._settings.words[self._settings.manager_language]

    def _earliest_today(self) -> date:
        return (self._now() - _WEST).date()


def _place(event: SlackEvent, language: str, number: str = "") -> Place:
    return Place(
        channel=event.channel or "",
        ts=event.ts or "",
        thread_ts=event.thread_ts or "",
        number=number,
        language=language,
    )
