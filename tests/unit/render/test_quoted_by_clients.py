"""Our mails come back quoted; whatever client quotes them in whatever language, none of our words is taken for new."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pytest

from bot.config import LANGUAGES
from bot.domain.notices import Answer, Claimed
from bot.examples import example
from bot.ports import RenderedEmail
from bot.render import TemplateRenderer
from mailer.extract import Extracted, extract
from mailer.parse import parse
from mailer.words import Words

DESK = "Meridian Partner Desk"
ADDRESS = "partners+abc@meridian.example"
BOX = f"{DESK} <{ADDRESS}>"
VOCABULARY = Path(__file__).parents[3] / "bot" / "language" / "vocabulary"

# What each client writes above a quote when it is set to that language (Gmail on the web, macOS Mail 16,
# Thunderbird 128, Outlook's labels of From, Sent, To and Subject).
GMAIL = {
    "en": f"On Tue, Nov 24, 2026 at 10:00\u202fAM {BOX} wrote:",
    "de": f"Am Di., 24. Nov. 2026 um 10:00\u202fUhr schrieb {BOX}:",
    "fr": f"Le mar. 24 nov. 2026 à 10:00, {BOX} a écrit\u00a0:",
    "nl": f"Op di 24 nov 2026 om 10:00 schreef {BOX}:",
    "es": f"El mar, 24 nov 2026 a las 10:00, {DESK} (<{ADDRESS}>) escribió:",
    "it": f"Il giorno mar 24 nov 2026 alle ore 10:00 {BOX} ha scritto:",
    "pt": f"Em ter., 24 de nov. de 2026 às 10:00, {BOX} escreveu:",
}
APPLE = {
    "en": f"On 24 Nov 2026, at 10:00, {BOX} wrote:",
    "de": f"Am 24.11.2026 um 10:00 schrieb {BOX}:",
    "fr": f"Le 24 nov. 2026 à 10:00, {BOX} a écrit :",
    "nl": f"Op 24 nov 2026, om 10:00 heeft {BOX} het volgende geschreven:",
    "es": f"El 24 nov 2026, a las 10:00, {BOX} escribió:",
    "it": f"Il giorno 24 nov 2026, alle ore 10:00, {BOX} ha scritto:",
    "pt": f"No dia 24/11/2026, às 10:00, {BOX} escreveu:",
}
THUNDERBIRD = {
    "en": f"On 24/11/2026 10:00, {DESK} wrote:",
    "de": f"Am 24.11.26 um 10:00 schrieb {DESK}:",
    "fr": f"Le 24/11/2026 à 10:00, {DESK} a écrit :",
    "nl": f"Op 24-11-2026 om 10:00 schreef {DESK}:",
    "es": f"El 24/11/26 a las 10:00, {DESK} escribió:",
    "it": f"Il 24/11/2026 10:00, {DESK} ha scritto:",
    "pt": f"Às 10:00 de 24/11/2026, {DESK} escreveu:",
}
GMAIL_OF_PORTUGAL = f"{BOX} escreveu (terça, 24/11/2026 à(s) 10:00):"
OUTLOOK = {
    "en": ("From:", "Sent:", "To:", "Subject:"),
    "de": ("Von:", "Gesendet:", "An:", "Betreff:"),
    "fr": ("De :", "Envoyé :", "À :", "Objet :"),
    "nl": ("Van:", "Verzonden:", "Aan:", "Onderwerp:"),
    "es": ("De:", "Enviado:", "Para:", "Asunto:"),
    "it": ("Da:", "Inviato:", "A:", "Oggetto:"),
    "pt": ("De:", "Enviado:", "Para:", "Assunto:"),
}


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def body_of(mail: RenderedEmail) -> str:
    return mail.html.partition("<body")[2].partition(">")[2].partition("</body>")[0]


def gmail(mail: RenderedEmail, language: str, answer: str) -> tuple[str, str | None]:
    head = GMAIL[language]
    page = (
        f'<div dir="ltr">{answer}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{escape(head)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px '
        f'0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">{body_of(mail)}</blockquote></div>'
    )
    return f"{answer}\n\n{head}\n\n{quoted(mail.text)}\n", page


def outlook(mail: RenderedEmail, language: str, answer: str) -> tuple[str, str | None]:
    values = (BOX, "24 11 2026 10:00", "Julia Brandt <julia@brandt-it.example>", mail.subject)
    fields = list(zip(OUTLOOK[language], values, strict=True))
    rows = "<br>".join(f"<b>{label}</b> {escape(value)}" for label, value in fields)
    page = (
        f'<div class="WordSection1"><p class="MsoNormal">{answer or "&nbsp;"}</p><div><div style="border:none;'
        f'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{rows}</p></div></div>'
        f"{body_of(mail)}</div>"
    )
    lines = "\n".join(f"{label} {value}" for label, value in fields)
    return f"{answer}\n\n{lines}\n\n{mail.text}", page


def apple(mail: RenderedEmail, language: str, answer: str) -> tuple[str, str | None]:
    head = APPLE[language]
    page = (
        f"{answer}<br><div><br><blockquote type='cite'><div>{escape(head)}</div><br class="
        f"'Apple-interchange-newline'><div>{body_of(mail)}</div></blockquote></div>"
    )
    return f"{answer}\n\n{quoted(head + chr(10) + chr(10) + mail.text)}\n", page


def thunderbird(mail: RenderedEmail, language: str, answer: str) -> tuple[str, str | None]:
    return f"{answer}\n\n{THUNDERBIRD[language]}\n{quoted(mail.text)}\n", None


def plain(mail: RenderedEmail, _language: str, answer: str) -> tuple[str, str | None]:
    return f"{answer}\n{quoted(mail.text)}\n", None


#: What people may answer, by a name for the report.
ANSWERED = {
    event: example(event)
    for event in (
        "deal_changed",
        "answer",
        "approval_request",
        "registration_incomplete",
        "registration_dropped",
        "stage_waiting",
        "registration_decided",
        "manager_asks",
        "registration_request",
        "registration_late",
        "protection_ending",
        "protection_ended",
        "nudge",
        "follow_up_due",
        "programme_rules",
    )
} | {
    state: Answer(
        claimed=(Claimed(number="REG-1042", company="Nordwind AG", state=state, missing=("contact", "amount")),)
    )
    for state in ("draft", "submitted")
}
Client = Callable[[RenderedEmail, str, str], tuple[str, str | None]]
CLIENTS: tuple[Client, ...] = (gmail, outlook, apple, thunderbird, plain)


@pytest.fixture(scope="module")
def words() -> Words:
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(VOCABULARY.glob("*.toml"))]
    return Words.merge(table["mail"] for table in tables if "mail" in table)


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer(LANGUAGES, programme=DESK)


@pytest.mark.parametrize("answer", ["", "60k"], ids=["nothing new", "60k"])
@pytest.mark.parametrize("event", ANSWERED)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.__name__)
def test_none_of_our_own_words_come_back_as_a_partners(renderer, words, client, language, event, answer):
    ours = renderer.email(ANSWERED[event], language, reply_to=ADDRESS)
    got = read_back(ours, client(ours, language, answer), words)
    assert got.new == answer
    assert got.certain or not answer, got.reasons


def test_gmail_of_portugal_quotes_without_a_word_of_ours_left(renderer, words, monkeypatch):
    monkeypatch.setitem(GMAIL, "pt", GMAIL_OF_PORTUGAL)
    ours = renderer.email(example("answer"), "pt", reply_to=ADDRESS)
    assert read_back(ours, gmail(ours, "pt", ""), words).new == ""


def read_back(ours: RenderedEmail, bodies: tuple[str, str | None], words: Words) -> Extracted:
    text, page = bodies
    reply = EmailMessage()
    reply["From"], reply["To"] = "Julia Brandt <julia@brandt-it.example>", BOX
    reply["Subject"], reply["Message-ID"] = f"Re: {ours.subject}", "<1@brandt-it.example>"
    reply.set_content(text)
    if page:
        reply.add_alternative(f"<html><body>{page}</body></html>", subtype="html")
    return extract(parse(reply.as_bytes()), words)
