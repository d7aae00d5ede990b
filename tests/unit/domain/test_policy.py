"""Who hears of a deal, over what, in which language, and what they may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.deals import Deal, DealField
from bot.domain.partners import Channel, Contact, Motion, Partner
from bot.domain.policy import Policies, Skipped, language_of, view, who_hears
from bot.domain.sharing import may_see

PARTNER = Partner(id="P1", name="Brandt IT", slack_channel="C1")
JULIA = Contact(id="C1", partner_id="P1", name="Julia", email="julia@brandt-it.example")
LUKAS = Contact(id="C2", partner_id="P1", name="Lukas", email="lukas@brandt-it.example")
DEAL = Deal(
    id="D1",
    name="Acme",
    company="Acme GmbH",
    partner_id="P1",
    motion=Motion.RESELLER,
    stage="Qualification",
    amount=Decimal(1),
    currency="EUR",
    close_date=date(2027, 1, 1),
    next_step="call",
    url="https://crm.example/1",
    updated_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def hear(
    *contacts: Contact,
    partner: Partner = PARTNER,
    users: dict[str, str] | None = None,
    ways: frozenset[Channel] = frozenset(Channel),
) -> list[tuple[str, str]]:
    hearers, _ = who_hears(partner, contacts, Policies(), users or {}, ways)
    return [(h.channel.value, h.slack_channel or (h.contact.email if h.contact else "")) for h in hearers]


def test_a_channel_is_told_once_and_each_contact_by_mail():
    assert hear(JULIA, LUKAS) == [("slack", "C1"), ("email", JULIA.email), ("email", LUKAS.email)]


def test_a_contacts_own_wish_wins():
    assert hear(replace(JULIA, channels=(Channel.SLACK,))) == [("slack", "C1")]
    assert hear(replace(JULIA, channels=(Channel.EMAIL,))) == [("email", JULIA.email)]


def test_without_a_channel_a_linked_contact_gets_a_direct_message():
    nowhere = replace(PARTNER, slack_channel=None)
    wish = replace(JULIA, channels=(Channel.SLACK,))
    assert hear(wish, partner=nowhere, users={"C1": "U1"}) == [("slack", "U1")]


def test_whom_slack_cannot_reach_gets_mail():
    assert hear(replace(JULIA, channels=(Channel.SLACK,)), partner=replace(PARTNER, slack_channel=None)) == [
        ("email", JULIA.email)
    ]


def test_a_wish_for_a_channel_that_the_programme_has_not_falls_back_to_what_it_has():
    slack, mail = frozenset({Channel.SLACK}), frozenset({Channel.EMAIL})
    assert hear(replace(JULIA, channels=(Channel.EMAIL,)), ways=slack) == [("slack", "C1")]
    assert hear(replace(JULIA, channels=(Channel.SLACK,)), ways=mail) == [("email", JULIA.email)]
    nowhere = replace(PARTNER, slack_channel=None)
    assert who_hears(nowhere, (JULIA,), Policies(), {}, slack) == ([], [Skipped(contact=JULIA, reason="no_mail")])


@pytest.mark.parametrize(
    ("partner", "contact", "reason"),
    [
        (replace(PARTNER, active=False), JULIA, "partner_ended"),
        (PARTNER, replace(JULIA, active=False), "inactive"),
        (replace(PARTNER, slack_channel=None), replace(JULIA, email=""), "no_address"),
    ],
)
def test_who_is_not_told_has_a_reason(partner, contact, reason):
    hearers, skipped = who_hears(partner, (contact,), Policies(), {})
    assert hearers == []
    assert [s.reason for s in skipped] == [reason]


@pytest.mark.parametrize(
    ("locale", "partner", "spoken"),
    [("de-CH", "fr", "de"), (None, "fr", "fr"), ("pl-PL", None, "en"), ("pt_BR", None, "pt"), ("", "xx", "en")],
)
def test_the_contacts_language_wins_then_the_organisations_then_the_default(locale, partner, spoken):
    assert language_of(locale, partner, ("en", "de", "fr", "pt"), "en") == spoken


def test_a_partner_sees_approved_fields_only_and_never_the_crms_link():
    seen = view(DEAL, Policies(shown=frozenset({DealField.STAGE})))
    assert (seen.stage, seen.amount, seen.currency, seen.close_date, seen.next_step, seen.url) == (
        "Qualification",
        None,
        None,
        None,
        None,
        None,
    )
    assert view(DEAL, Policies(shown=frozenset()), for_manager=True).url == DEAL.url


def test_only_active_people_of_the_deals_own_partner_see_it():
    assert may_see(JULIA, DEAL)
    assert not may_see(replace(JULIA, partner_id="P2"), DEAL)
    assert not may_see(replace(JULIA, partner_id=None), replace(DEAL, partner_id=None))
    assert not may_see(replace(JULIA, active=False), DEAL)
