from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.imap_text import Item, fetch_items, folder_name, quoted, search_result, uid_set, uid_validity

WHEN = datetime(2026, 11, 4, 13, 5, 9, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(1, 2**32), st.binary(max_size=60)), unique_by=lambda pair: pair[0]))
def test_a_fetch_answer_gives_back_what_was_put_into_it(messages: list[tuple[int, bytes]]) -> None:
    lines: list[bytes | bytearray] = []
    for number, (uid, body) in enumerate(messages, 1):
        head = b'%d FETCH (FLAGS (\\Seen (x)) INTERNALDATE " 4-Nov-2026 13:05:09 +0000" UID %d BODY[]<0> {%d}'
        lines += [head % (number, uid, len(body)), bytearray(body), b" RFC822.SIZE %d)" % len(body)]
    lines.append(b"UID FETCH completed (0.001 + 0.000 secs).")
    expected = [Item(uid=uid, size_bytes=len(body), internal_date=WHEN, body=body) for uid, body in messages]
    assert list(fetch_items(lines)) == expected


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.binary(max_size=40).map(bytearray),
            st.sampled_from(
                [
                    b"1 FETCH (UID 7 BODY[] {3}",
                    b"2 FETCH (UID",
                    b")",
                    b'BODY[] "',
                    b"UID 8",
                    b"((",
                    b"NIL",
                    b"INTERNALDATE NIL",
                ]
            ),
        )
    )
)
def test_whatever_a_server_answers_reading_it_does_not_fail(lines: list[bytes | bytearray]) -> None:
    for item in fetch_items(lines):
        assert item.uid >= 0
    search_result([bytes(line) for line in lines], 0)
    uid_validity([bytes(line) for line in lines])


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b'1 FETCH (UID 1 BODY[]<0> "short (\\"quoted\\") body")', b'short ("quoted") body'),
        (b'1 FETCH (UID 1 BODY[] "")', b""),
        (b"1 FETCH (UID 1 BODY[] NIL)", None),
        (b"1 FETCH (UID 1 BODY[] bare)", None),
        (b'1 fetch (uid 1 body[] "lower")', b"lower"),
    ],
)
def test_a_body_is_a_string_or_nothing(line: bytes, body: bytes | None) -> None:
    assert [item.body for item in fetch_items([line, b"done"])] == [body]


@given(st.sets(st.integers(1, 500)))
def test_a_uid_set_names_exactly_these_uids(uids: set[int]) -> None:
    named = set()
    for part in uid_set(sorted(uids)).split(",") if uids else []:
        low, _, high = part.partition(":")
        named |= set(range(int(low), int(high or low) + 1))
    assert named == uids


@given(st.lists(st.integers(0, 100)), st.integers(0, 100))
def test_a_search_never_goes_back(uids: list[int], after: int) -> None:
    found = search_result([" ".join(map(str, uids)).encode()], after)
    assert found == sorted({uid for uid in uids if uid > after})


def unfolded(name: str) -> str:
    """The name that an encoded folder name stands for (RFC 3501 5.1.3)."""

    def decoded(found: re.Match[str]) -> str:
        code = found[1].replace(",", "/")
        return base64.b64decode(code + "=" * (-len(code) % 4)).decode("utf-16-be") if code else "&"

    inner = re.sub(r"\\(.)", r"\1", name[1:-1])
    return re.sub(r"&([^-]*)-", decoded, inner)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_folder_name_can_be_written_in_seven_bits(name: str) -> None:
    written = folder_name(name)
    assert written.isascii()
    assert written.isprintable()
    assert unfolded(written) == name


def test_folder_names_look_as_the_rfc_says() -> None:
    assert folder_name("~peter/mail/台北/日本語") == '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'
    assert folder_name("Tom & Jerry") == '"Tom &- Jerry"'


def test_quotes_are_escaped() -> None:
    assert quoted('a"b\\c') == r'"a\"b\\c"'
