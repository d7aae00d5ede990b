"""Reads a deal registration out of a reply, written as a form or as prose. Asks for what the form requires."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.domain.actions import Ask, Certainty, Draft, Register
from bot.language.amounts import Kind
from bot.language.choose import meant
from bot.language.currencies import settle_currency
from bot.language.money import candidates
from bot.language.mood import Mood
from bot.language.names import Labels, introductions, name_from, only_a_name, without_title
from bot.language.reading import EMAIL, Reading
from bot.language.text import key_of
from bot.language.view import View

_LEADS = frozenset({"lead", "leads"})


def propose(views: Sequence[View], reading: Reading, known: Draft | None) -> Register:
    """The registration that a reply makes or completes.

    Args:
        views: the clauses that belong to it.
        reading: the whole reply.
        known: what was said before (`about.draft`), which new words replace field by field.
    """
    draft = known or Draft()
    draft = _merge(draft, _form(reading))
    draft = _merge(draft, _prose(views, reading, draft))
    draft = without_title(_bare_name(_contact(draft, reading), views))
    missing = _missing(draft)
    sure = Certainty.APPLY
    if not reading.case.cut_is_certain or any(view.mood in {Mood.DOUBTED, Mood.CONDITIONAL} for view in views):
        sure = Certainty.CONFIRM
    because = views[0].clause.words if views else reading.text.raw
    if draft.close_date is not None and draft.close_date < reading.case.today:
        return Register(
            draft=replace(draft, close_date=None),
            missing=_missing(replace(draft, close_date=None)),
            certainty=Certainty.ASK,
            ask=Ask.MISSING,
            because=because,
            lead=_calls_it_a_lead(views),
        )
    return Register(
        draft=draft,
        missing=missing,
        certainty=Certainty.ASK if missing else sure,
        ask=Ask.MISSING if missing else None,
        because=because,
        lead=_calls_it_a_lead(views),
    )


def _lead_places(view: View) -> list[int]:
    """Where the word stands; partners say it in English in every language."""
    tokens = view.clause.reading.text.tokens
    return [n for n in range(view.clause.first, view.clause.last) if tokens[n].fold in _LEADS]


def _calls_it_a_lead(views: Sequence[View]) -> bool:
    return any(_lead_places(view) for view in views if view.matched("register"))


def _missing(draft: Draft) -> tuple[str, ...]:
    """The required fields absent, in the form's order."""
    present = {
        "company": draft.company,
        "contact": draft.contact_name or draft.contact_email,
        "amount": draft.amount,
        "close_date": draft.close_date,
    }
    return tuple(field for field, value in present.items() if value is None)


def _merge(first: Draft, second: Draft) -> Draft:
    changes = {field: value for field in Draft.__dataclass_fields__ if (value := getattr(second, field)) is not None}
    return replace(first, **changes)


def _labels(reading: Reading, suffix: str = "") -> Labels:
    labels: Labels = {}
    for vocabulary in reversed(reading.vocabularies):
        for field, phrases in vocabulary.register.items():
            if field.endswith("_before") == bool(suffix):
                labels.update((key_of(phrase), field.removesuffix("_before")) for phrase in phrases)
    return labels


def _form(reading: Reading) -> Draft:
    """Lines such as `company: Acme GmbH`, whole lines or parts between semicolons."""
    labels = _labels(reading)
    fields: dict[str, str] = {}
    for part in re.split(r"[\n;]+", reading.text.raw):
        label, sign, value = part.partition(":")
        if not sign:
            label, sign, value = part.partition("=")
        field = labels.get(tuple(word for word in key_of(label) if word not in {"•", "*"}))
        if sign and field and value.strip():
            fields.setdefault(field, _without_full_stop(value))
    return _typed(fields, reading)


def is_form(views: Sequence[View], reading: Reading) -> bool:
    """Whether the reply is filled in like the form for a firm that is none of the deals': a company, a contact and a
    sum in lines of their own. Such a sum is no known deal's value."""
    draft = _form(reading)
    known = any(view.scope.named and view.scope.deals for view in views)
    return not known and None not in (draft.company, draft.contact_name or draft.contact_email, draft.amount)


def _without_full_stop(value: str) -> str:
    """A field's value without the sign that ends its line; the dot of "B.V." belongs to it."""
    value = value.strip().rstrip(",")
    return value if re.search(r"\b\w\.$", value) else value.rstrip(".")


def _typed(fields: dict[str, str], reading: Reading) -> Draft:
    email = EMAIL.search(" ".join(fields.get(one, "") for one in ("email", "contact")))
    contact = EMAIL.sub("", fields.get("contact", "")).strip(" ,;()<>-–|") or None
    amount, currency = _sum_in(reading, fields.get("amount"))
    return Draft(
        company=fields.get("company"),
        contact_name=contact,
        contact_email=email[0] if email else None,
        amount=amount,
        currency=currency,
        close_date=_date_in(reading, fields.get("close_date")),
        need=fields.get("need"),
    )


def _sum_in(reading: Reading, words: str | None) -> tuple[Decimal | None, str | None]:
    start = reading.text.raw.find(words) if words else -1
    if words is None or start < 0:
        return None, None
    for one in reading.numbers:
        wanted = one.kind in {Kind.MONEY, Kind.PLAIN} and not _is_negative(reading, one.start)
        if start <= one.start < start + len(words) and wanted:
            return one.value, _code(reading, one.currency)
    return None, None


def _is_negative(reading: Reading, start: int) -> bool:
    """Whether a minus stands right before a sum: nobody means that, and without its sign it is another one."""
    return re.search(r"(?:^|[\s:(])[-−]$", reading.text.raw[:start]) is not None


def _date_in(reading: Reading, words: str | None) -> date | None:
    start = reading.text.raw.find(words) if words else -1
    for one in reading.dates:
        if words and start >= 0 and start <= one.start < start + len(words) and hasattr(one, "day"):
            return one.day
    return None


def _code(reading: Reading, found: str | None) -> str | None:
    return settle_currency(found, deal_currency=None, locale=reading.case.speaker.locale) if found else None


def _prose(views: Sequence[View], reading: Reading, known: Draft) -> Draft:
    """Values said in sentences; what the form has said stands."""
    found = Draft()
    for view in views:
        if view.mood in {Mood.ASKED, Mood.DENIED} and not view.is_request:
            continue
        clause = view.clause
        sums = [
            one
            for one in meant(clause, candidates(clause, valued=clause.has("c:value")))
            if one.kind is not Kind.RANGE and not _is_negative(reading, one.start)
        ]
        if known.amount is None and sums and found.amount is None:
            found = replace(found, amount=sums[0].value, currency=_code(reading, sums[0].currency))
        dates = [one.day for one in clause.dates if one.day is not None]
        if dates and not clause.has("c:event") and (found.close_date is None or clause.has("c:closing")):
            found = replace(found, close_date=dates[-1])
    if known.amount is not None and found.amount is not None:
        found = replace(found, amount=None, currency=None)
    return replace(
        found,
        close_date=None if known.close_date is not None and not _restated(views) else found.close_date,
        company=None if known.company else _behind(reading, views, "company"),
        contact_name=None if known.contact_name else _behind(reading, views, "contact"),
        need=None if known.need else _need(reading, views),
    )


def _restated(views: Sequence[View]) -> bool:
    return any(view.clause.dates and view.clause.has("c:closing") for view in views)


def _behind(reading: Reading, views: Sequence[View], field: str) -> str | None:
    """The name behind an introducing phrase ("register …", "my contact there is …")."""
    for view in views:
        for place, label in introductions(view.clause, _labels(reading, "_before")):
            name = name_from(view.clause, place) if label == field else None
            if name and name.casefold() not in _LEADS:
                return name
    return _behind_lead(views) or _before_verb(views) if field == "company" else None


def _behind_lead(views: Sequence[View]) -> str | None:
    """The company in "register a lead: Nordwind Logistik AG"."""
    names = (name_from(v.clause, place + 1) for v in views if v.matched("register") for place in _lead_places(v))
    return next(filter(None, names), None)


def _before_verb(views: Sequence[View]) -> str | None:
    """The name right before "register", where German and Dutch put it: "wij willen graag Zenne Chocolade aanmelden"."""
    for view in views:
        places = view.matched("register")
        end = min(places, default=view.clause.first)
        for place in range(view.clause.first, end):
            if place not in view.clause.unknown or not view.clause.reading.text.tokens[place].capital:
                continue
            name = name_from(view.clause, place)
            if name and view.clause.reading.text.words(view.clause.start, _start_of(view, end)).endswith(name):
                return name
            break
    return None


def _start_of(view: View, place: int) -> int:
    return view.clause.reading.text.tokens[place].start


def _need(reading: Reading, views: Sequence[View]) -> str | None:
    """What they need, in the partner's words, up to the end of the clause."""
    tokens = reading.text.tokens
    for view in views:
        clause = view.clause
        asked = min(view.matched("register"), default=clause.first)  # "je souhaite enregistrer …" names no need
        for place, field in introductions(clause, _labels(reading, "_before")):
            if field == "need" and asked < place < clause.last:
                words = reading.text.words(tokens[place].start, clause.end).rstrip(".!")
                if words:
                    return words
    return None


def _contact(draft: Draft, reading: Reading) -> Draft:
    """An address anywhere in the reply belongs to the contact, unless it is the writer's own."""
    if draft.contact_email is not None:
        return draft
    own = reading.case.speaker.email.lower()
    emails = [found[0] for found in EMAIL.finditer(reading.text.raw) if found[0].lower() != own]
    if not emails:
        return draft
    name = draft.contact_name or _name_before(reading, emails[0])
    return replace(draft, contact_email=emails[0].rstrip("."), contact_name=name)


def _bare_name(draft: Draft, views: Sequence[View]) -> Draft:
    """A reply that only gives a name gives the one name that is missing."""
    wanting = [field for field in ("company", "contact_name") if getattr(draft, field) is None]
    if draft.contact_email is not None and "contact_name" in wanting:
        wanting.remove("contact_name")
    names = [view.clause for view in views if only_a_name(view.clause)]
    if len(wanting) != 1 or len(names) != 1:
        return draft
    name = names[0].words.rstrip(".")
    return replace(draft, company=name) if wanting[0] == "company" else replace(draft, contact_name=name)


def _name_before(reading: Reading, email: str) -> str | None:
    """Two or three capitalised words right before an address."""
    before = reading.text.raw[: reading.text.raw.find(email)]
    found = re.search(r"((?:[^\W\d_a-zß-ÿ][\w'’.-]+[ ]+){1,2}[^\W\d_a-zß-ÿ][\w'’.-]+)[\s,:;(<–-]*$", before)
    return found[1].strip() if found else None
