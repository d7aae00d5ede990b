"""An announcement's file is read whole, or every fault of it is named."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.announcement_file import MAX_FILE_BYTES, MAX_TEXT_CHARS, AnnouncementError, Draft, read
from bot.domain.announcements import Text
from bot.domain.partners import Channel
from bot.domain.preferences import Topic

HEAD = '+++\nslug = "q1-incentives"\nkind = "incentive"\n'
EN = "+++\nSubject: Five per cent more\n\nHello {name},\n\nfive per cent."


def parsed(source: str | bytes) -> Draft:
    raw = source if isinstance(source, bytes) else source.encode()
    return read(raw, languages=("en", "de"), default="en")


def faults_of(source: str | bytes) -> str:
    with pytest.raises(AnnouncementError) as caught:
        parsed(source)
    return "\n".join(caught.value.faults)


def test_a_head_and_a_text_for_each_language():
    head = HEAD + 'to = "tier:gold"\nchannels = ["email"]\nat = 2027-01-11 09:00:00\nin_their_timezone = true\n'
    draft = parsed(f"{head}{EN}\n\n+++ de\nSubject: Fünf Prozent mehr\n\nGuten Tag {{name}}\n".replace("\n", "\r\n"))
    assert draft == Draft(
        slug="q1-incentives",
        topic=Topic.INCENTIVE,
        texts={
            "en": Text(subject="Five per cent more", body="Hello {name},\n\nfive per cent."),
            "de": Text(subject="Fünf Prozent mehr", body="Guten Tag {name}"),
        },
        to="tier:gold",
        channels=(Channel.EMAIL,),
        at=datetime(2027, 1, 11, 9),  # noqa: DTZ001 - a wall clock's
        their_time=True,
    )


def test_the_first_text_may_be_in_another_language():
    assert list(parsed(HEAD + 'language = "de"\n' + EN).texts) == ["de"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "has to begin with"),
        (b"\xff\xfe+", "no UTF-8"),
        (b"x" * (MAX_FILE_BYTES + 1), "at most 500,000"),
        (HEAD + EN + "x" * MAX_TEXT_CHARS, "link to the rest"),
        (HEAD.replace("incentive", "party") + EN, "kind: 'party' is not one of programme, enablement"),
        (HEAD.replace("q1-incentives", "Q1 & more") + EN, "slug: 'Q1 & more'"),
        (HEAD + "speed = 3\n" + EN, "speed: unknown; known are at, channels"),
        (HEAD + 'at = "soon"\n' + EN, "at: 'soon'"),
        (HEAD + "at = 3\n" + EN, "at: 3"),
        (HEAD + 'channels = ["fax"]\n' + EN, "channels: ['fax']"),
        (HEAD + "to = 3\n" + EN, "to: 3 has to stand in quotes"),
        (HEAD + "in_their_timezone = 1\n" + EN, "in_their_timezone: true or false"),
        (HEAD + "slug\n" + EN, "the head is no TOML"),
        (HEAD + EN + "\n+++ fr\nSubject: x\n\ny", "+++ fr: not one of en, de"),
        (HEAD + EN + "\n+++ en\nSubject: x\n\ny", "two texts in this language"),
        (HEAD + "+++\nFive per cent", 'has to begin with a line "Subject: …"'),
        (HEAD + "+++\nSubject: Five", "nothing stands below the subject"),
        (HEAD + "+++\nSubject: Five\x0bBcc: all@x.example\n\nx", "control character U+000B"),
        (HEAD + EN.replace("{name}", "{nane}"), "{nane} is not filled in"),
        (HEAD + EN.replace("Five", "{name}, five"), "{name} is not filled in; {name} in the text is"),
        (HEAD + EN + "\n\n[Yes](button:confirm)", "no buttons"),
    ],
)
def test_a_fault_is_named(source: str | bytes, said: str):
    assert said in faults_of(source)


def test_all_faults_are_named_at_once():
    assert faults_of("+++\nkind = 'x'\n+++\nHello").count("\n") >= 3


@given(st.text(max_size=300) | st.text(alphabet='+\nSubject: {name}="q1 de', max_size=200).map(lambda s: HEAD + s))
def test_reading_never_fails_in_another_way(source: str):
    try:
        draft = parsed(source.encode("utf-8", "surrogatepass"))
    except AnnouncementError:
        return
    for text in draft.texts.values():
        assert "\n" not in text.subject
        assert text.subject
        assert text.body
