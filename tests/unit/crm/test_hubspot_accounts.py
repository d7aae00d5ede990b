"""How a claimed company is looked for in HubSpot, and what a registration becomes there."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.accounts import by_domain, by_first_word, spellings
from bot.crm.hubspot.countries import country
from bot.crm.hubspot.errors import Call, InvalidError, Reply, error_of
from bot.crm.hubspot.fields import partner_from
from bot.crm.hubspot.newdeal import contact_properties, deal_properties, refusal
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.wanted import wanted_properties
from bot.domain.partners import Motion
from tests.contracts.crm.test_registrations import NEW

SETTINGS = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "Reseller"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Müller Bau GmbH", ("müller", "mueller", "m*ller")),
        ("Mueller Bau", ("mueller", "müller", "m*ller")),
        ("Muller & Sons", ("muller", "m*ller")),
        ("The Contoso Company", ("contoso", "c*ntoso")),
        ("McDonald's", ("mcdonald", "mcd*nalds")),
        ("Coca-Cola", ("coca", "c*ca")),
        ("3M Deutschland", ("3m",)),
        ("O'Neill", ("neill", "*neill")),
        ("O Neill", ("neill",)),
        ("S.A.P.", ("sap",)),
        ("株式会社日立", None),
        ("😀 🏗", ()),
        ("", ()),
    ],
)
def test_the_first_telling_word_is_spelled_in_its_ways(name: str, words: tuple[str, ...] | None) -> None:
    found = spellings(name)
    assert found if words is None else found == words


@given(st.text(max_size=400), st.sampled_from([None, "acme.example", "WWW.Acme.Example"]))
def test_a_search_for_a_company_is_one_that_hubspot_takes(name: str, domain: str | None) -> None:
    groups = [*by_domain(domain, "hs_additional_domains"), *by_first_word(name)]
    assert len(groups) <= 5
    for (condition,) in groups:
        if condition["propertyName"] != "hs_additional_domains":  # tokens are compared without case
            values = condition.get("values") or [condition["value"]]
            assert all(v.strip("* ") and v == v.lower() for v in values)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Germany", "DE"),
        (" deutschland ", "DE"),
        ("Pays-Bas", "NL"),
        ("Reino Unido", "GB"),
        ("UK", "GB"),
        ("gb", "GB"),
        ("U.S.A.", "US"),
        ("DACH", "DACH"),
        ("Bavaria", "Bavaria"),
    ],
)
def test_a_country_is_known_by_its_name_in_our_languages(said: str, code: str) -> None:
    assert country(said) == code


@pytest.mark.parametrize(
    ("text", "names"),
    [(None, ()), ("", ()), ("a", ("a",)), ("b; a;;", ("b", "a")), ("Sales, Technical", ("Sales", "Technical"))],
)
def test_certifications_are_listed_as_boxes_or_in_words(text: str | None, names: tuple[str, ...]) -> None:
    record = {"id": "7", "properties": {"name": "Brandt", "partner_certifications": text}}
    assert partner_from(record, SETTINGS).certifications == names


def test_empty_terms_are_left_out_and_halves_of_characters_are_not_sent() -> None:
    new = replace(NEW, amount=None, currency=" ", owner_id=None, name="Acme \ud83d ", need=None)
    held = deal_properties(new, SETTINGS, pipeline_id="1", stage_id="2", zone=ZoneInfo("America/New_York"))
    assert {"amount", "deal_currency_code", "hubspot_owner_id", "description"}.isdisjoint(held)
    assert (held["dealname"], held["closedate"], held["protected_until"]) == (
        "Acme ?",
        "2027-03-31T12:00:00.000Z",
        "2027-02-22",
    )


@pytest.mark.parametrize(
    ("name", "email", "held"),
    [
        ("Petra van der Meer", None, {"firstname": "Petra van der", "lastname": "Meer"}),
        ("Cher", "Cher@X.example", {"lastname": "Cher", "email": "cher@x.example"}),
        (None, "a@x.example", {"email": "a@x.example"}),
        (" ", "", {}),
        (None, None, {}),
    ],
)
def test_a_contact_is_what_the_partner_said_of_it(name: str | None, email: str | None, held: dict[str, str]) -> None:
    assert contact_properties(replace(NEW, contact_name=name, contact_email=email, owner_id=None)) == held


def test_a_refusal_names_our_terms() -> None:
    errors = b'[{"message":"bad","code":"INVALID_OPTION","context":{"propertyName":["partner_certification","x"]}}]'
    body = b'{"message":"no","category":"VALIDATION_ERROR","errors":' + errors + b"}"
    error = error_of(Call(what="create", writes=True), Reply(status=400, body=body))
    assert isinstance(error, InvalidError)
    assert refusal(NEW, SETTINGS, error).fields == {"certification": "bad", "x": "bad"}


def test_only_the_registration_number_is_made_unique() -> None:
    unique = [p.name for p in wanted_properties(SETTINGS) if p.unique]
    assert unique == ["registration_id"]
    made = next(p for p in wanted_properties(SETTINGS) if p.unique).definition()
    assert made["hasUniqueValue"] is True
