"""The form by which a deal is registered. Asks for what the programme's terms ask for, and for no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.eligibility import required_in
from bot.domain.partners import Motion
from bot.domain.registration_form import MINIMUM, NEEDED
from bot.domain.terms import Terms
from bot.slack.views.form import Block, FormWords, field, modal, select, text
from bot.slack.views.place import Place

REGISTER = "register"
#: Offered beside the programme's own currency.
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "CZK", "CAD", "AUD", "JPY", "INR", "BRL")


def register_view(words: FormWords, place: Place, terms: Terms, motions: Sequence[Motion]) -> Block:
    """The form. A motion is asked for where there are several; what only some motions demand may stay empty here and
    is asked for when it is sent (`errors_of`)."""
    labels, several = words.labels, len(motions) > 1
    always = terms.required if several else required_in(None, terms)
    currencies = dict.fromkeys((terms.currency, *CURRENCIES))
    blocks = [
        field("company", labels["company"], text(most=150), optional="company" not in always),
        field("contact_name", labels["contact_name"], text(most=150), optional="contact_name" not in always),
        field(
            "contact_email",
            labels["contact_email"],
            {"type": "email_text_input"},
            optional="contact_email" not in always,
        ),
        field(
            "amount",
            labels["amount"],
            # Slack's own client takes nothing but digits and a point here, so no thousands are mistaken for cents.
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "0.01"},
            optional="amount" not in always,
        ),
        field("currency", labels["currency"], select({c: c for c in currencies}, terms.currency)),
        field("close_date", labels["close_date"], {"type": "datepicker"}, optional="close_date" not in always),
        field("need", labels["need"], text(most=1000, several_lines=True), optional="need" not in always),
    ]
    if several:
        named = {m.value: words.motions[m.value] for m in motions}
        blocks.append(field("motion", labels["motion"], select(named, terms.default_motion.value)))
    return modal(REGISTER, words, place, blocks)


def errors_of(found: Mapping[str, str], words: FormWords, terms: Terms) -> dict[str, str]:
    """What Slack shows below the fields: each fault of bot.domain.registration_form.faults as a sentence."""
    return {name: _sentence(reason, words, terms) for name, reason in found.items()}


def _sentence(reason: str, words: FormWords, terms: Terms) -> str:
    if reason == NEEDED:
        return words.labels["needed"]
    sentence = words.rules[reason]
    return f"{sentence} ({terms.minimum_amount} {terms.currency})" if reason == MINIMUM else sentence
