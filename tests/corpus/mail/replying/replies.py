"""Answers to our notices and to a manager's mails: every client in seven languages, above, below and between.

The notices quoted are those that offportal renders today.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from bot.config import LANGUAGES
from bot.examples import example
from bot.render import TemplateRenderer
from tests.corpus.mail.made import OUR_ID, US, Field, Part, mail
from tests.corpus.mail.replying.clients import CLIENTS
from tests.corpus.mail.replying.draft import Body, Draft
from tests.corpus.mail.replying.variants import below, between, drawn, outlook_plain, plain_above, stamped

_NOTICES = ("deal_changed", "answer", "deal_list", "approval_request")
_OF_MANAGERS = ("outlook-desktop", "outlook-web", "gmail-web", "apple-ios", "yahoo-app", "samsung")
_BELOW = ("gmail", "apple", "thunderbird")
_REPLY = {"de": "AW", "fr": "RE", "it": "R"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A mail, the paragraphs that must be left of it, in order, and lines of which none may be left.

    A salutation and a sign-off with the name may stay: they do no harm.
    """

    id: str
    raw: bytes
    said: tuple[str, ...]
    may: tuple[str, ...]
    foreign: tuple[str, ...]
    is_inline: bool = False


def replies() -> Iterator[Reply]:
    """Every reply, in the same order and with the same bytes each time (until a notice's words change)."""
    table = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
    for lang, words in table.items():
        turn = count()
        for client in CLIENTS:
            draft, said = _draft(lang, words, next(turn))
            yield _reply(f"{lang}-{client}", words, draft, CLIENTS[client](draft), said)
        for client in _OF_MANAGERS:
            draft, said = _draft(lang, words, next(turn), of_manager=True)
            yield _reply(f"{lang}-{client}-manager", words, draft, CLIENTS[client](draft), said)
        for key in _BELOW:
            draft, said = _draft(lang, words, next(turn))
            yield _reply(f"{lang}-{key}-below", words, draft, below(draft, key), said)
            draft, _ = _draft(lang, words, next(turn), of_manager=True, said="")
            answers = list(words["answers"])
            yield _reply(f"{lang}-{key}-between", words, draft, between(draft, key, answers), answers, is_inline=True)
        others = list(table.values())
        foreign = others[(others.index(words) + 1) % len(others)]
        yield from _harder(lang, words, foreign, turn)
        yield from _others(lang, words, turn)
        yield from _ends(lang, words)


def _harder(lang: str, words: Mapping[str, Any], foreign: Mapping[str, Any], turn: Iterator[int]) -> Iterator[Reply]:
    """Shapes that meet several clients: one part only, threads, gateways, drawn signatures, a foreign client."""
    for client in ("outlook-web", "gmail-web", "zimbra"):
        draft, said = _draft(lang, words, next(turn))
        text, html = CLIENTS[client](draft)
        yield _reply(f"{lang}-{client}-html-only", words, draft, ("", html), said)
        draft, said = _draft(lang, words, next(turn), of_manager=True)
        text, _ = CLIENTS[client](draft)
        yield _reply(f"{lang}-{client}-text-only", words, draft, (text, None), said)
    for client in ("outlook-desktop", "gmail-web", "apple-mac", "outlook-mobile"):
        first, _ = _draft(lang, words, next(turn))
        inner = CLIENTS[client](first)
        draft, said = _draft(lang, words, next(turn), said=words["said"][1])
        thread = replace(draft, quoted_text=inner[0], quoted_html=_body_of(inner[1] or ""))
        yield _reply(f"{lang}-{client}-thread", words, thread, CLIENTS[client](thread), said, of_thread=first)
    for client in ("outlook-desktop", "outlook-web", "samsung"):
        draft, said = _draft(lang, words, next(turn))
        yield _reply(f"{lang}-{client}-gateway", words, draft, stamped(CLIENTS[client](draft), words), said)
    for client in ("outlook-web", "gmail-web", "thunderbird-html"):
        draft, said = _draft(lang, words, next(turn), signed=False)
        yield _reply(f"{lang}-{client}-drawn", words, draft, CLIENTS[client](drawn(draft)), said, drawn_below=True)
    for client in ("outlook-desktop", "gmail-web", "apple-ios", "samsung", "yahoo-web"):
        draft, said = _draft(lang, words, next(turn))
        mixed = {**foreign, "person": words["person"]}
        body = CLIENTS[client](replace(draft, words=mixed))
        yield _reply(f"{lang}-{client}-foreign", words, replace(draft, words=mixed), body, said)
    draft, said = _draft(lang, words, next(turn), of_manager=True)
    yield _reply(f"{lang}-outlook-plain", words, draft, outlook_plain(draft), said)


def _others(lang: str, words: Mapping[str, Any], turn: Iterator[int]) -> Iterator[Reply]:
    """The lines that other programs put above a quote, which is marked below the one kind and bare below the other."""
    for kind, is_marked in (("attributions", True), ("headers", False)):
        for number, above in enumerate(words[kind]):
            draft, said = _draft(lang, words, next(turn), of_manager=number % 2 == 0)
            body = plain_above(draft, above, is_marked=is_marked)
            yield _reply(f"{lang}-{kind}-{number}", words, draft, body, said, above=draft.filled(above))


def _ends(lang: str, words: Mapping[str, Any]) -> Iterator[Reply]:
    """What stands below an answer, each alone and nothing quoted."""
    person, address = words["person"]
    name = person.split()[0]
    said = words["said"][0]
    for kind in ("sign_offs", "devices", "disclaimers"):
        for number, tail in enumerate(words[kind]):
            id_ = f"{lang}-{kind}-{number}"
            written = f"{said}\n\n{tail}" + (f"\n{name}" if kind == "sign_offs" and name not in tail else "")
            raw = mail(id_, from_=f"{person} <{address}>", subject="Re: Acme", body=written)
            yield Reply(id=id_, raw=raw, said=(said,), may=(name,), foreign=(tail,))


def _draft(
    lang: str,
    words: Mapping[str, Any],
    turn: int,
    *,
    of_manager: bool = False,
    said: str | None = None,
    signed: bool = True,
) -> tuple[Draft, list[str]]:
    """Texts, sign-offs and disclaimers take turns of different lengths, so that most pairs are met."""
    said = words["said"][turn % 4] if said is None else said
    hello = words["hello"] if turn % 3 == 0 and said else ""
    sign_off = words["sign_off"][(turn // 4 + turn) % 4] if signed else words["sign_off"][0]
    written = "\n\n".join(part for part in (hello, said, sign_off) if part)
    subject, text, html = _of_manager(words) if of_manager else _of_ours(lang, _NOTICES[turn % len(_NOTICES)])
    draft = Draft(
        words=words,
        written=written,
        disclaimer=words["disclaimer"] if turn % 5 == 1 else "",
        subject=subject,
        quoted_text=text,
        quoted_html=html,
        name="Paul Weber" if of_manager else "Vendor Partner Team",
    )
    return draft, said.split("\n")


def _reply(
    id_: str,
    words: Mapping[str, Any],
    draft: Draft,
    body: Body,
    said: list[str],
    *,
    is_inline: bool = False,
    of_thread: Draft | None = None,
    drawn_below: bool = False,
    above: str = "",
) -> Reply:
    text, html = body
    parts = [Part(type="text/plain", body=text)] if text else []
    parts += [Part(type="text/html", body=html)] if html else []
    person, address = words["person"]
    headers: list[Field] = [("Content-Type", "multipart/alternative"), ("In-Reply-To", f"<{OUR_ID}>")]
    prefix = _REPLY.get(id_[:2], "Re")
    subject = f"{prefix}: {draft.subject}"
    raw = mail(
        id_,
        from_=f"{person} <{address}>",
        subject=subject,
        body=parts if html else text,
        headers=headers if html else headers[1:],
    )
    signed = [line for sign_off in words["sign_off"] for line in sign_off.split("\n\n")[0].split("\n")]
    may = {words["hello"], person, *signed} - {""}
    ours = {line.strip() for line in (of_thread or draft).quoted_text.split("\n")}
    card = {line for sign_off in words["sign_off"] for line in sign_off.split("\n")} - may
    sent = {str(value) for key, value in words.items() if key.startswith("sent_")}
    wrote = {draft.attribution(key) for key in ("gmail", "apple", "thunderbird", "yahoo", "proton")}
    foreign = {*ours, *card, *sent, *wrote, words["disclaimer"], US, *(value for _, value in draft.header())}
    foreign |= set(above.split("\n"))
    foreign |= {"+49 30 7654321"} if drawn_below else set()
    return Reply(
        id=id_,
        raw=raw,
        said=tuple(line for line in said if line),
        may=tuple(sorted(may)),
        foreign=tuple(sorted(line for line in foreign - may if len(line) > 3 and line not in said)),
        is_inline=is_inline,
    )


def _of_manager(words: Mapping[str, Any]) -> tuple[str, str, str]:
    paragraphs = [f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in words["asks"].split("\n\n")]
    return "Acme rollout", words["asks"], "".join(paragraphs)


def _body_of(html: str) -> str:
    """What a client keeps of an HTML mail that it quotes."""
    return html.partition("<body")[2].partition(">")[2].rpartition("</body>")[0] or html


@cache
def _of_ours(lang: str, event: str) -> tuple[str, str, str]:
    """Subject, text, and what a client keeps of the HTML: the body, and the style sheet."""
    notice = _renderer().email(example(event), lang, reply_to=US)
    head, _, body = notice.html.partition("<body")
    style = "<style>" + head.partition("<style>")[2].partition("</style>")[0] + "</style>"
    return notice.subject, notice.text.strip(), f"{style}<div{body.partition('</body>')[0]}</div>"


@cache
def _renderer() -> TemplateRenderer:
    return TemplateRenderer(LANGUAGES, programme="Meridian Partner Desk")
