"""One company is one company however its name is written, and two are two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.accounts import Account
from bot.domain.actions import Draft
from bot.domain.companies import LONGEST_KEY, Match, company_key, same_claim, same_company
from bot.domain.registrations import Registration, State

SAME = {
    "umlauts": ["Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"],
    "an umlaut beside a vowel": ["Bäuerle GmbH", "Baeuerle"],
    "sharp s and ligatures": ["Großmann", "Grossmann AG", "GROSSMANN"],
    "accents": ["Société Générale S.A.", "societe generale"],
    "Nordic letters": ["Ørsted A/S", "Orsted", "Oersted AS"],
    "Polish": ["Łódź Stal Sp. z o.o.", "Lodz Stal sp. z o. o.", "LODZ STAL"],
    "German forms": [
        "Acme GmbH & Co. KG", "Acme GmbH", "Acme AG", "Acme KGaA", "Acme SE", "acme e.K.", "Acme Ges.m.b.H.",
        "Acme UG (haftungsbeschränkt)", "Acme Gesellschaft mit beschränkter Haftung", "ACME G.m.b.H",
    ],
    "English forms": ["Acme", "Acme Ltd.", "Acme Limited", "Acme, Inc.", "Acme LLC", "The Acme Company", "Acme PLC"],
    "French forms": ["Acme SARL", "Acme S.A.R.L.", "SARL Acme", "Acme SAS", "Acme", "Acme S.A.", "Acme & Cie"],
    "Dutch forms": ["Acme B.V.", "Acme BV", "Acme N.V.", "Acme", "Acme BVBA"],
    "Italian forms": ["Rossi S.p.A.", "Rossi SpA", "Rossi S. p. A.", "Rossi S.r.l.", "Rossi Società per Azioni"],
    "Spanish forms": ["Acme S.L.", "Acme SL", "Acme, S.A. de C.V.", "Acme S.L.U.", "Acme Sociedad Limitada"],
    "Portuguese forms": ["Acme Lda.", "Acme Ltda", "Acme Unipessoal Lda", "Acme S/A", "Acme"],
    "and": ["Smith & Sons", "Smith and Sons Ltd", "Smith + Sons", "SMITH SONS"],
    "letters that stand alone": ["H & M", "H&M", "HM", "H. M.", "h and m"],
    "quotes, emoji and marks": ["„Acme“ GmbH", "'Acme'", "🚀 Acme 🚀", "Acme™", "Acme®", "❤️Acme", "Ac\u00adme\u200b"],
    "apostrophes": ["McDonald's", "McDonald’s Corp.", "McDonalds"],
    "hyphens and blanks": ["Coca-Cola", "Coca Cola", " coca\tcola \n", "Coca_Cola"],
    "articles": ["The Coca-Cola Company", "Coca-Cola Company, The", "Coca-Cola"],
    "wide letters": ["ＡＣＭＥ", "acme"],
}  # fmt: skip

DIFFERENT = [
    ("Blue", "Blu"),
    ("Bauer", "Baur"),
    ("Siemens", "Siemens Energy"),
    ("Acme", "Acne"),
    ("AG Insurance", "Insurance"),
    ("Company", "Limited"),
    ("1&1", "11"),
    ("हिन्दी", "हन्दी"),
    ("株式会社", "有限会社"),
    ("ガス", "カス"),
]


@pytest.mark.parametrize("names", SAME.values(), ids=SAME)
def test_one_company_has_one_key_however_it_is_written(names: list[str]):
    assert len({company_key(name) for name in names}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_companies_have_two_keys(one: str, other: str):
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize("name", ["AG", "SE", "The", "GmbH & Co. KG", "S.A.", "and", "Inc. Ltd."])
def test_a_name_that_is_only_a_legal_form_stays_a_name(name: str):
    assert company_key(name)


@pytest.mark.parametrize("name", ["", "   ", "🚀", "---", "™", "❤️", "\0"])
def test_what_has_no_letter_has_no_key(name: str):
    assert not company_key(name)


names = st.text() | st.lists(
    st.sampled_from(
        "Müller Mueller GmbH & Co. KG AG S.A. S A e y and The the sp z o.o. Blue Queen 1 🚀 H M o ue oe' - / .".split()  # noqa: SIM905
    ),
    max_size=8,
).map(" ".join)


@given(names)
@example("ﹰ")
@example("ŉ and e")
@example("A GmbH B")
@example("x " * 99 + "agx")
def test_the_key_of_a_key_is_itself(name: str):
    key = company_key(name)
    assert company_key(key) == key
    assert len(key) <= LONGEST_KEY
    assert key == " ".join(key.split())


@given(names)
def test_a_name_with_a_letter_or_digit_has_a_key(name: str):
    assert bool(company_key(name)) >= any(c.isalnum() for c in name)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_case_and_outer_blanks_do_not_count(name: str):
    assert company_key(f"  {name.casefold()}\n") == company_key(name.casefold())


def test_a_name_of_any_length_has_a_key_that_an_index_can_hold():
    assert len(company_key("Ä" * 100_000)) == LONGEST_KEY


CLAIM = Registration(
    id=1,
    key="k",
    number="REG-1001",
    state=State.SUBMITTED,
    partner_id="p",
    contact_id="c",
    conversation_id=1,
    inbound_id=1,
    claimed_at=datetime(2026, 11, 24, tzinfo=UTC),
    draft=Draft(),
)


@pytest.mark.parametrize(
    ("claimed", "domain", "name", "its_domain", "match"),
    [
        pytest.param("Acme", "acme.example", "Something else", "acme.example", Match.DOMAIN, id="one domain"),
        pytest.param("Acme", "acme.example", "Acme", "www.ACME.example", Match.DOMAIN, id="a host of the domain"),
        pytest.param("Acme", None, "ACME GmbH", "acme.example", Match.NAME, id="one name, one domain unknown"),
        pytest.param("Acme", "acme.de", "Acme Inc", "acme.com", Match.NAME, id="one name in two countries"),
        pytest.param("Delta", "delta.com", "Delta", "deltafaucet.com", Match.ALIKE, id="one name, two domains"),
        pytest.param("Acme", "gmail.com", "Other", "gmail.com", Match.NONE, id="both write from Gmail"),
        pytest.param("Acme", "gmail.com", "Acme AG", "acme.com", Match.NAME, id="one writes from Gmail"),
        pytest.param("Acme Deutschland", None, "Acme GmbH", None, Match.ALIKE, id="a part of it"),
        pytest.param("Acme Robotics", None, "Acme Robotcs", None, Match.ALIKE, id="a letter is missing"),
        pytest.param("AcmeSoft", None, "Acme-Soft Ltd", None, Match.ALIKE, id="one word or two"),
        pytest.param("ABC", None, "ABC Trading", None, Match.NONE, id="too short to say"),
        pytest.param("Acme", None, "Acme2", None, Match.ALIKE, id="a digit more"),
        pytest.param("Acme", "acme.example", "Zenith", "zenith.example", Match.NONE, id="nothing in common"),
        pytest.param("", None, "", None, Match.NONE, id="nothing known"),
        pytest.param("🚀", None, "🚀🚀", None, Match.NONE, id="no names at all"),
        pytest.param("", "acme.example", "", "acme.example", Match.DOMAIN, id="a domain without names"),
    ],
)  # fmt: skip
def test_a_claim_and_a_company_meet_by(claimed, domain, name, its_domain, match):
    claim = replace(CLAIM, company_key=company_key(claimed), domain=domain)
    account = Account(id="1", name=name, domain=its_domain)
    assert same_company(claim, account) is match
    assert same_claim(claim, replace(CLAIM, company_key=company_key(name), domain=its_domain)) is match


def test_only_a_domain_or_a_name_is_sure():
    assert {match for match in Match if match.is_sure} == {Match.DOMAIN, Match.NAME}


domains = st.none() | st.sampled_from(["acme.example", "www.acme.example", "acme.co.uk", "gmail.com", "", "not one"])


@given(names, domains, names, domains)
def test_it_does_not_matter_who_is_compared_with_whom(one: str, domain, other: str, other_domain):
    left = replace(CLAIM, company_key=company_key(one), domain=domain)
    right = replace(CLAIM, company_key=company_key(other), domain=other_domain)
    assert same_claim(left, right) is same_claim(right, left)
    if company_key(one):
        assert same_claim(left, left).is_sure
