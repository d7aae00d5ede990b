"""The domain by which a company is known, out of whatever names it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.domains import is_shared, web_domain


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("acme.example", "acme.example"),
        ("WWW.Acme.Example.", "acme.example"),
        ("https://shop.acme.co.uk/a?b=c@d#e", "acme.co.uk"),
        ("http://user:secret@acme.de:8443/path", "acme.de"),
        ("//acme.de", "acme.de"),
        ("anna.keller@mail.acme.de", "acme.de"),
        ("mailto:anna@acme.de", "acme.de"),
        ("  acme.com.br\n", "acme.com.br"),
        ("müller.example", "xn--mller-kva.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("ACME.中国", "acme.xn--fiqs8s"),
        ("acme.github.io", "acme.github.io"),  # a site of its own
    ],
)
def test_it_is_the_registrable_part(said: str, domain: str):
    assert web_domain(said) == domain


@pytest.mark.parametrize(
    "said",
    [
        None, "", "  ", "Acme", "co.uk", "com", "10.0.0.1", "http://[::1]/", "localhost", "acme", "a b.example",
        "-.example", "x" * 64 + ".example", "@", "://", "\0.example", "http://",
    ],
)  # fmt: skip
def test_where_there_is_none_there_is_none(said: str | None):
    assert web_domain(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "anna@gmail.com", "GMX.net", "gmx.at", "yahoo.co.uk", "web.de", "anna@t-online.de", "orange.fr", "libero.it",
        "uol.com.br", "sapo.pt", "ziggo.nl", "terra.es", "outlook.fr", "hotmail.co.uk", "anna@proton.me", "icloud.com",
    ],
)  # fmt: skip
def test_where_anybody_gets_an_address_no_company_lives(said: str):
    assert web_domain(said) is None


def test_a_company_may_have_a_provider_in_its_name():
    assert web_domain("anna@gmail-consulting.example") == "gmail-consulting.example"
    assert web_domain("live.example") == "live.example"


@given(st.text() | st.from_regex(r"(https?://)?[a-zß]{1,3}\.[a-z.]{1,9}(/|@)?", fullmatch=True))
def test_the_domain_of_a_domain_is_itself(said: str):
    domain = web_domain(said)
    assert domain is None or (web_domain(domain) == domain and not is_shared(domain))
    assert domain is None or ("." in domain and domain.isascii() and domain == domain.lower())
