"""The cut is total, bounded and honest about its doubts."""

from __future__ import annotations

import time
from textwrap import wrap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailer.extract import extract, extract_text
from mailer.lines import clean, without_reserved
from mailer.mail import Headers, Mail, Mailbox
from mailer.parse import parse
from mailer.quotes import marker
from tests.unit.mailer.mail_vocabulary import shipped_words

WORDS = shipped_words()
LINES = st.lists(
    st.one_of(
        st.sampled_from([
            "", "> quoted", ">> deeper", "On Tue, 24 Nov 2026 at 10:00, Jan <jan@x.example> wrote:",
            "-- ", "Best regards",
            "Thanks,", "Jan", "From: Jan <jan@x.example>", "Sent: Tuesday", "To: Emma", "Subject: Acme", "_" * 32,
            "-----Original Message-----", "Sent from my iPhone", "##- Reply above this line -##", "we won", "PS: 60k",
            "---------- Forwarded message ---------", "Get Outlook for iOS<https://aka.ms/x>",
            "\ue002", "\ue0000\ue001",
        ]),
        st.text(max_size=60),
    ),
    max_size=25,
)  # fmt: skip


@given(lines=LINES)
@example(lines=["\ue002", "x"])
def test_no_body_breaks_the_cut_and_no_word_is_invented(lines: list[str]) -> None:
    text = "\n".join(lines).replace("\r", "")
    got = extract_text(text, WORDS)
    assert set(got.new.split()) <= set(clean(without_reserved(text))[0].split())
    assert extract_text(text.replace("\n", "\r\n"), WORDS) == got


@given(lines=LINES)
def test_cutting_twice_finds_no_more_marked_quotes(lines: list[str]) -> None:
    once = extract_text("\n".join(lines), WORDS)
    assert not any(line.lstrip().startswith(">") for line in once.new.split("\n"))


@given(markup=st.text(alphabet="<>/abdivp \"'=stylequoteclasshrmlxhtb&;\n", max_size=400))
@settings(max_examples=200)
def test_no_markup_breaks_the_cut(markup: str) -> None:
    got = extract(Mail(headers=Headers(), html=markup), WORDS)
    assert "\ue000" not in got.new
    assert "\ue002" not in got.new


@given(
    label=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), min_size=3, max_size=80).filter(
        lambda text: "#" not in text and text.strip() and ">" not in text and "|" not in text
    ),
    width=st.integers(40, 100),
    depth=st.integers(0, 3),
)
def test_our_marker_is_known_in_any_language_wrapped_and_quoted(label: str, width: int, depth: int) -> None:
    line = marker(label).replace(" ", "\u00a0", 1) if depth else marker(label)
    wrapped = wrap(line, width, break_long_words=False, break_on_hyphens=False)
    quoted = "\n".join(">" * depth + (" " if depth else "") + piece for piece in wrapped)
    got = extract_text(f"We won.\n\n{quoted}\n{'> ' * (depth > 0)}approve\n", WORDS)
    assert got.new == "We won."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("100 kB of blank lines", "\n" * 100_000),
        ("blank lines with blanks", "\n \n" * 40_000),
        ("2,000 lines that begin like an attribution", "On 24 Nov 2026 something\n" * 2_000),
        ("2,000 that end like one", "On 24 Nov 2026 something:\n" * 2_000),
        ("2,000 attributions", "On 24 Nov 2026 Jan wrote:\n> q\n" * 2_000),
        ("200 kB in one line", "word " * 40_000),
        ("200 kB without a blank", "a@" * 100_000),
        ("deep quotes", ">" * 50_000 + "\n" + "> " * 25_000),
        ("2,000 sign-offs", "Best regards\nwe like it because it is good.\n" * 1_000),
        ("2,000 labels", "From: x\n" * 2_000),
        ("2,000 markers begun", "##- x\n" * 2_000),
        ("brackets", "[" * 50_000 + "<" * 50_000),
        ("links", "<http://" * 12_000),
        ("disclaimers", "this email and any attachments\n\n" * 1_000),
        ("2,000 names", "Emma Clarke\n" * 2_000),
        ("1,000 sign-offs with sentences below", "Kind regards\nthis is a sentence of small words.\n" * 1_000),
        ("devices", "sent from my iphone sent from my\n" * 2_000),
    ],
)
def test_no_text_costs_a_second(name: str, text: str) -> None:
    sender = Mailbox(address="emma.clarke@x.example", name="Emma Clarke")  # names have rules of their own
    begun = time.process_time()
    extract(Mail(headers=Headers(), from_=(sender,), text=text), WORDS)
    assert time.process_time() - begun < 1, name


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("5,000 levels", "<div>" * 5_000 + "x" + "</div>" * 5_000),
        ("150 levels with text in each", "<div>a " * 150),
        ("nested tables", "<table><tr><td>" * 60 + "x"),
        ("100,000 elements", "<b>x</b>" * 100_000),
        ("5,000 quotes", "<blockquote type=cite>q</blockquote>a" * 5_000),
        ("5,000 hidden ones", "<p style='display:none'>q</p>" * 5_000),
        ("2,000 styles", "<style>.a{display:none}</style>" * 2_000),
        ("one big text", "<p>" + "word " * 100_000),
        ("nested quotes", "<blockquote type=cite>" * 150 + "x"),
        ("a long style", f"<p style='{'color:' * 20_000}'>x"),
    ],
)
def test_no_markup_costs_a_second(name: str, markup: str) -> None:
    begun = time.process_time()
    extract(Mail(headers=Headers(), html=markup), WORDS)
    assert time.process_time() - begun < 1, name


def test_too_long_a_text_is_cut_and_said_to_be() -> None:
    got = extract_text("we won\n" * 3_000, WORDS)
    assert not got.certain
    assert got.reasons == ("too_long",)


def test_a_sender_cannot_write_the_signs_that_mark_quotes() -> None:
    assert extract_text("one\n\ue002\ntwo", WORDS).new == "one\n\ntwo"
    page = Mail(headers=Headers(), html="<p>one</p><p>\ue002</p><p>&#xe002;</p><p>\ue0000\ue001</p><p>two</p>")
    got = extract(page, WORDS)
    assert got.new.split() == ["one", "0", "two"]
    assert got.certain


def test_a_quote_beside_the_answer_in_a_table_is_still_a_quote() -> None:
    markup = "<table><tr><td>We won</td><td><blockquote type=cite>lost</blockquote></td></tr></table>"
    got = extract(Mail(headers=Headers(), html=markup), WORDS)
    assert (got.new, got.quoted) == ("We won", "> lost")


def test_a_mail_without_any_body_is_empty_and_certain() -> None:
    got = extract(Mail(headers=Headers()), WORDS)
    assert (got.new, got.certain, got.reasons) == ("", True, ("empty",))


def test_what_could_not_be_read_is_never_certain() -> None:
    encrypted = parse(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx")
    assert extract(encrypted, WORDS).reasons == ("encrypted", "empty")
    inline = parse(b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n")
    assert not extract(inline, WORDS).certain
    many = parse(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nwon\n" * 600)
    assert "partly_read" in extract(many, WORDS).reasons


def test_without_a_name_thanks_are_not_a_sign_off() -> None:
    mail = Mail(
        headers=Headers(), text="We won.\n\nDanke\nJan", from_=(Mailbox(address="jan@x.example", name="Jan Brandt"),)
    )
    assert extract(mail, WORDS).new == "We won."
    assert extract_text("We won.\n\nDanke\nGewonnen", WORDS).new == "We won.\n\nDanke\nGewonnen"


@pytest.mark.parametrize("text", ["", "two\nlines", "  many   blanks  "])
def test_a_marker_is_one_line(text: str) -> None:
    assert "\n" not in marker(text)
    assert "  " not in marker(text).removeprefix("##-").removesuffix("-##").strip()
