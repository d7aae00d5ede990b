"""Renders notices from the files under templates/. Refuses to start when a language lacks a notice or a word."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, select_autoescape

from bot.domain.deals import DealField
from bot.domain.notices import (
    EVENTS,
    Answer,
    ApprovalRequest,
    Notice,
    ProtectionEnding,
    RegisterForm,
    RegistrationLate,
    RegistrationRequest,
)
from bot.errors import ConfigError
from bot.ports import RenderedEmail, RenderedSlack
from bot.render.compiled import CompiledTemplates
from bot.render.markdown import Md, as_html, as_slack, as_text, blocks_of, literal, quoted, slack_escape
from bot.render.words import Words, load_words

TEMPLATES = Path(__file__).parents[2] / "templates"
_EVENT_OF = {cls: name for name, cls in EVENTS.items()}
MARKER = "##- {} -##"  # what mailer.extract cuts a reply at


class TemplateRenderer:
    """Implements ports.Renderer over templates/<event>.<language>.md and templates/words.<language>.toml."""

    def __init__(self, languages: Sequence[str], *, programme: str, folder: Path = TEMPLATES) -> None:
        """Load everything, and compile what is new.

        Args:
            languages: The languages spoken; the first is the one whose words the others must all have.
            programme: The programme's name as partners know it.
            folder: Where the templates are.

        Raises:
            ConfigError: Every template or word that is missing or broken.
        """
        self._programme = programme
        self._words: dict[str, Words] = {}
        self._templates: dict[tuple[str, str], Template] = {}
        compiled = CompiledTemplates(folder)
        sources = Environment(  # noqa: S701  Markdown is escaped by finalize, not as HTML
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=compiled,
        )
        pages = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("html",)),
            bytecode_cache=compiled,
        )
        self._layout = pages.get_template("layout.html")
        self._load(folder, languages, sources)

    def _load(self, folder: Path, languages: Sequence[str], environment: Environment) -> None:
        faults: list[str] = []
        first: Words | None = None
        for language in languages:
            try:
                self._words[language] = load_words(folder, language, first)
                first = first or self._words[language]
            except ConfigError as exc:
                faults += exc.faults
            for event in EVENTS:
                name = f"{event}.{language}.md"
                try:
                    self._templates[event, language] = environment.get_template(name)
                except TemplateError as exc:
                    faults.append(f"templates: {name}: {type(exc).__name__}: {exc}")
        if faults:
            raise ConfigError(faults)

    def email(self, notice: Notice, language: str, *, reply_to: str) -> RenderedEmail:
        """A mail's subject, plain text and HTML; all three say the same."""
        subject, source = self._source(notice, language)
        words = self._words[language]
        blocks = blocks_of(source)
        marker = MARKER.format(words.reply["above"])
        footer = words.mail["footer"].format(programme=self._programme)
        text = as_text(blocks, words.buttons, words.reply["button"])
        html = self._layout.render(
            language=language,
            subject=subject,
            marker=marker,
            footer=footer,
            body=as_html(blocks, words.buttons, reply_to),
        )
        return RenderedEmail(subject=subject, text=f"{marker}\n\n{text}\n-- \n{footer}\n", html=html)

    def slack(self, notice: Notice, language: str) -> RenderedSlack:
        """A Slack message: blocks, and the text that notifications show, which Slack reads as mrkdwn too
        (docs.slack.dev/reference/methods/chat.postMessage, 2026-11)."""
        subject, source = self._source(notice, language)
        return RenderedSlack(
            text=slack_escape(subject), blocks=tuple(as_slack(blocks_of(source), _button_values(notice, language)))
        )

    def _source(self, notice: Notice, language: str) -> tuple[str, str]:
        """The subject, and the Markdown of the body."""
        words = self._words[language]
        helpers: dict[str, Any] = {
            "programme": self._programme,
            "change": words.change,
            "reason": words.reason,
            "value": lambda name, value, currency=None: words.value(DealField(name), value, currency),
            "field": lambda name: words.fields[name],
            "quote": quoted,
            "markdown": lambda body, name: Md(body.replace("{name}", literal(name))),
            "day": words.day,
            "moment": words.moment,
            "listed": words.listed,
            "word": words.word,
            "rule": words.rule,
            "criterion": words.criterion,
            "detail": words.detail,
        }
        # A notice's own fields win over helpers of the same name.
        fields = {f.name: getattr(notice, f.name) for f in dataclasses.fields(notice)}
        text = self._templates[_EVENT_OF[type(notice)], language].render({**helpers, **fields})
        head, _, body = text.lstrip().partition("\n")
        blocks = blocks_of(head.removeprefix("Subject:").strip())
        return as_text(blocks, {}, "").strip(), body


def _button_values(notice: Notice, language: str) -> dict[str, str]:
    """What the buttons of a Slack message carry back."""
    match notice:
        case Answer(reference=reference):
            return {"undo": reference}
        case ApprovalRequest(reference=reference):
            return {"approve": reference, "reject": reference}
        case RegistrationRequest(number=number) | RegistrationLate(number=number):
            return dict.fromkeys(("approve", "reject", "ask"), number)
        case ProtectionEnding(deal=deal):
            return {"confirm": deal.id, "withdraw": deal.id}
        case RegisterForm():
            return {"register": language}  # the form speaks it
    return {}


def _shown(value: object) -> Md:
    """How a template shows a value: Markdown as it is, everything else literally."""
    return value if isinstance(value, Md) else literal("" if value is None else value)
