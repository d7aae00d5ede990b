"""Segments are read as people write them, name what is wrong, and obey the algebra of sets."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audience import Reader
from bot.domain.partners import Contact, Motion, Partner
from bot.domain.segments import EVERYONE, Active, Both, Either, Has, Known, Not, Segment, SegmentError, matches, parse

TODAY = date(2026, 11, 24)


def reader(
    *,
    tier: str | None = "Gold",
    motions: frozenset[Motion] = frozenset({Motion.RESELLER}),
    region: tuple[str, ...] = ("DE",),
    locale: str | None = "de-AT",
    seen: date | None = None,
) -> Reader:
    return Reader(
        contact=Contact(id="8001", partner_id="7001", name="Julia", email="julia@brandt-it.example", locale=locale),
        partner=Partner(
            id="7001", name="Brandt IT", tier=tier, territories=region, certifications=("Certified Implementer",)
        ),
        motions=motions,
        last_activity=seen,
        facts={"size": ("50-100",)},
    )


@pytest.mark.parametrize(
    "text",
    [
        "everyone",
        "tier:gold",
        "TIER:Gold",
        "tier: gold",
        "tier:silver, gold",
        "tier:gold motion:reseller",
        "tier:gold AND motion:reseller",
        "tier:silver or motion:reseller",
        "not tier:silver",
        "not (tier:silver or motion:referral)",
        "tier:silver tier:bronze or region:de",
        'certification:"certified implementer"',
        'certification:Nothing,"Certified  Implementer"',
        "language:de",
        "size:50-100",
        "@german",
        "partner:7001",
    ],
)
def test_somebody_belongs_to(text: str):
    assert matches(parse(text, saved={"german": "region:DE,AT"}, facts=["size"]), reader(), today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "not everyone",
        "tier:silver",
        "tier:gold motion:referral",
        "not tier:gold",
        "tier:gold not region:DE",
        "activity:60d",
    ],
)
def test_somebody_does_not_belong_to(text: str):
    assert not matches(parse(text), reader(), today=TODAY)


def test_activity_counts_whole_days_back():
    assert matches(parse("activity:60d"), reader(seen=date(2026, 9, 25)), today=TODAY)
    assert not matches(parse("activity:60d"), reader(seen=date(2026, 9, 24)), today=TODAY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("gold", "tier:gold"),
        ("teir:gold", "did you mean tier"),
        ("tier:", "such as tier:gold"),
        ("tier:,", "empty"),
        ("(tier:gold", "not closed"),
        ("tier:gold)", "never opened"),
        ("tier:gold or", "missing before 'the end'"),
        ("and tier:gold", "missing before"),
        ('certification:"A', "quote"),
        ("activity:soon", "activity:60d"),
        ("@golden", "did you mean gold"),
        ("@loop", "names itself"),
        ("(" * 100 + "tier:gold" + ")" * 100, "too much"),
        ("not " * 100 + "tier:gold", "too much"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, said: str):
    with pytest.raises(SegmentError, match=said):
        parse(text, saved={"gold": "tier:gold", "loop": "not @loop"})


def test_a_value_that_nobody_has_is_named_with_the_nearest():
    known = Known()
    known.add(reader())
    assert known.faults(parse("tier:gold not region:de")) == []
    assert known.faults(parse("tier:gould or not (tier:platinum)")) == [
        "tier:gould: nobody has that; did you mean gold?",
        "tier:platinum: nobody has that; there are gold",
    ]
    assert known.faults(parse("type:msp")) == ["type: nobody has any"]


SEGMENTS: st.SearchStrategy[Segment] = st.recursive(
    st.one_of(
        st.sampled_from(["gold", "silver"]).map(lambda tier: Has("tier", (tier,))),
        st.sampled_from(["reseller", "referral"]).map(lambda motion: Has("motion", (motion,))),
        st.integers(0, 90).map(Active),
        st.just(EVERYONE),
    ),
    lambda part: st.one_of(
        part.map(Not),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: Both(tuple(parts))),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: Either(tuple(parts))),
    ),
    max_leaves=8,
)
READERS = st.builds(
    reader,
    tier=st.sampled_from(["Gold", "silver", None]),
    motions=st.frozensets(st.sampled_from(list(Motion))),
    seen=st.one_of(st.none(), st.dates(date(2026, 8, 1), TODAY)),
)


def written(segment: Segment) -> str:
    match segment:
        case Has(name, values):
            return f"{name}:{','.join(values)}"
        case Active(days):
            return f"activity:{days}d"
        case Not(of):
            return f"not ({written(of)})"
        case Both(()):
            return "everyone"
        case Both(parts):
            return "(" + " ".join(written(part) for part in parts) + ")"
        case Either(parts):
            return "(" + " or ".join(written(part) for part in parts) + ")"


@given(SEGMENTS, READERS)
def test_what_is_written_down_is_read_the_same(segment: Segment, somebody: Reader):
    again = parse(written(segment))
    assert matches(again, somebody, today=TODAY) == matches(segment, somebody, today=TODAY)


@given(SEGMENTS, SEGMENTS, READERS)
def test_segments_are_sets(one: Segment, other: Segment, somebody: Reader):
    def of(segment: Segment) -> bool:
        return matches(segment, somebody, today=TODAY)

    assert of(Not(one)) != of(one)
    assert of(Not(Both((one, other)))) == of(Either((Not(one), Not(other))))
    assert of(Both((one, other))) == (of(one) and of(other)) == of(Both((other, one)))
    assert of(Both((one, EVERYONE))) == of(one)


@given(st.text(alphabet='tiergold:(),@" notadr7', max_size=40))
def test_any_text_is_a_segment_or_a_fault(text: str):
    try:
        matches(parse(text), reader(), today=TODAY)
    except SegmentError:
        return
