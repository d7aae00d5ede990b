"""Whatever arrives is read as far as it goes, within bounds, and never raises."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.mail import Mailbox, Protection
from mailer.parse import parse

ALTERNATIVE = b"""From: Jan Brandt <jan@brandt-it.example>
To: partners@vendor.example
Subject: Re: =?utf-8?Q?Acme_l=C3=A4uft?=
Message-ID: <[x]@mail.brandt-it.example>
Date: Tue, 24 Nov 2026 10:00:00 +0100
Return-Path: <jan@brandt-it.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="utf-8"; format=flowed
Content-Transfer-Encoding: quoted-printable

Abschluss im =
M=C3=A4rz
--b
Content-Type: text/html; charset=utf-8

<p>Abschluss im M&auml;rz</p>
--b--
"""


def part(head: str, content: bytes = b"x") -> bytes:
    return head.encode() + b"\n\n" + content


def test_an_ordinary_answer_is_read_whole() -> None:
    mail = parse(ALTERNATIVE)
    assert mail.from_ == (Mailbox(address="jan@brandt-it.example", name="Jan Brandt"),)
    assert mail.message_id == "[x]@mail.brandt-it.example"
    assert mail.subject == "Re: Acme läuft"
    assert mail.sent_at == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert mail.return_path == "jan@brandt-it.example"
    assert (mail.text, mail.html) == ("Abschluss im März", "<p>Abschluss im M&auml;rz</p>")
    assert (mail.attachments, mail.problems, mail.size_bytes) == ((), (), len(ALTERNATIVE))


def test_line_ends_make_no_difference() -> None:
    expected = parse(ALTERNATIVE)
    for ends in (b"\r\n", b"\r"):
        mail = parse(ALTERNATIVE.replace(b"\n", ends))
        assert (mail.text, mail.subject, mail.headers) == (expected.text, expected.subject, expected.headers)


@given(raw=st.binary(max_size=500))
@example(b"Content-Type: text/plain; name*\r\n\r\nx")
@example(b"Content-Disposition: attachment; filename*0*=x; filename*\r\n\r\nx")
@example(b"To: x@[1.2.3\r\nFrom: <\r\nMessage-ID: <[x@y>\r\n\r\n")
@example(b"Content-Type: multipart/mixed\r\n\r\nx")
@example(b'Content-Type: text/plain; charset="utf\0-8"\r\n\r\n\xe4\0')
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert parse(raw).size_bytes == len(raw)


@given(at=st.integers(0, len(ALTERNATIVE)), cut=st.integers(0, 30), junk=st.binary(max_size=12))
def test_no_damage_to_an_ordinary_mail_breaks_the_reader(at: int, cut: int, junk: bytes) -> None:
    mail = parse(ALTERNATIVE[:at] + junk + ALTERNATIVE[at + cut :])
    for text in (mail.subject, mail.text or "", mail.html or "", *(value for _, value in mail.headers)):
        text.encode()  # no surrogate is left
        assert "\0" not in text
    assert "\n" not in mail.subject


@pytest.mark.parametrize(
    ("name", "raw", "problem"),
    [
        ("2,000 levels", b"Content-Type: multipart/mixed; boundary=b0\n\n" + b"".join(
            b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(2000)),
         "unreadable_structure"),
        ("100 levels", b"Content-Type: multipart/mixed; boundary=b0\n\n" + b"".join(
            b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(100)), "too_deep"),
        ("10,000 parts", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000, "too_many_parts"),
        ("20,000 parameters", b"Content-Type: text/plain; " + b"; ".join(b"name*%d*=a" % n for n in range(9_000))
         + b"\n\nx", "parameters_too_long"),
        ("5 MB of header", b"X-A: b\n" * 800_000 + b"\nx", "header_too_big"),
        ("256 kB of lines that are no fields", b"x\n" * 120_000 + b"Subject: x\n\nx", "header_repaired"),
        ("one header of 5 MB", b"From: " + b"(" * 5_000_000 + b"\n\nx", "header_too_big"),
        ("5 MB of text", b"Subject: x\n\n" + b"word " * 1_000_000, "text_too_long"),
    ],
)  # fmt: skip
def test_hostile_mails_cost_less_than_a_second(name: str, raw: bytes, problem: str) -> None:
    begun = time.process_time()
    mail = parse(raw)
    assert time.process_time() - begun < 1, name
    assert problem in mail.problems


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("bogus", "é".encode(), "é"),
        ("", "é".encode(), "é"),
        ("cp-850", "é".encode("cp850"), "é"),
        ("utf-8 junk", "é".encode(), "é"),
        ("idna", b"x", "x"),
        ("hex", b"6869", "6869"),
        ("zlib", "é".encode(), "é"),
        ("unicode_escape", rb"\x41", r"\x41"),
        ("us-ascii", "é".encode("cp1252"), "é"),
        ("us-ascii", "é".encode(), "é"),
        ("iso-8859-1", "€".encode("cp1252"), "€"),
        ("utf-8", "é à".encode("cp1252"), "é à"),
        ("utf-8", "€ é".encode()[:-1], "€ �"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("KS_C_5601-1987", "똠".encode("cp949"), "똠"),
        ("big5", "中文".encode("big5"), "中文"),
        ("windows-1258", "đ".encode("cp1258"), "đ"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
        ("iso-2022-jp-ms", "日本".encode("iso2022_jp"), "日本"),
        ("utf-7", b"+AOk-", "é"),
    ],
)
def test_a_charset_is_what_it_means_in_practice(charset: str, content: bytes, text: str) -> None:
    assert parse(part(f'Content-Type: text/plain; charset="{charset}"', content)).text == text


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "é"),
        ("Re: =?iso-8859-1?Q?a_b?= =?utf-8?Q?c?= d", "Re: a bc d"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?gb2312?B?1tA=?=", "日本中"),
        ("=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("=?bogus?Q?=C3=A9?=", "é"),
        ("=?utf-8?B?####?=", ""),
        ("=?utf-8?X?a?= =?utf", "=?utf-8?X?a?= =?utf"),
        ("caf\u00e9", "café"),
        ("a\u202eb\u200bc", "abc"),
        ("folded\n\tsubject", "folded subject"),
        ("=?utf-8*de?Q?=C3=A4?=", "ä"),
    ],
)
def test_a_subject_is_one_decoded_line(written: str, subject: str) -> None:
    assert parse(f"Subject: {written}\n\n".encode()).subject == subject


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("a@x.example, b@x.example,", ["a@x.example", "b@x.example"]),
        ("Doe, John <j@x.example>", ["j@x.example"]),
        ('"Doe, John" <j@x.example>', ["j@x.example"]),
        ('"unterminated <j@x.example>, b@x.example', ["j@x.example", "b@x.example"]),
        ("team: a@x.example, b@x.example;, c@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
        ("undisclosed-recipients:;", []),
        ("<>", []),
        ("x@[192.0.2.1", ["x@[192.0.2.1"]),
        ("=?utf-8?q?a=40evil.example=2C?= <j@x.example>", ["j@x.example"]),
        ("j@x.example (John (J) Doe)", ["j@x.example"]),
        ("<mailto:j@x.example>", ["j@x.example"]),
        ("'j@x.example'", ["j@x.example"]),
        ("J Doe <j@x.example>>", ["j@x.example"]),
        ("<@relay.example:j@x.example>", ["j@x.example"]),
        ("(" * 3000, []),
    ],
)
def test_addresses_are_split_before_they_are_decoded(written: str, addresses: list[str]) -> None:
    assert [box.address for box in parse(f"To: {written}\n\n".encode()).to] == addresses


def test_an_unquoted_comma_stays_in_the_name() -> None:
    assert parse(b"From: Doe, John <j@x.example>\n\n").from_ == (Mailbox(address="j@x.example", name="Doe, John"),)


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("<a@x> <b@x>", ("a@x", "b@x")),
        ("<a@x>,<b@x>", ("a@x", "b@x")),
        ("<a@x>\n\t<b@\n x>", ("a@x", "b@x")),
        ("<a b@x> <a@x> <a@x>", ("ab@x", "a@x")),
        ("a@x, b@x", ("a@x", "b@x")),
        ("Your message of Tuesday", ()),
        ("<unterminated@x", ("unterminated@x",)),
    ],
)
def test_references_are_read_however_they_are_written(written: str, ids: tuple[str, ...]) -> None:
    assert parse(f"References: {written}\n\n".encode()).references == ids


def test_of_very_many_references_the_root_and_the_newest_stay() -> None:
    raw = b"References: " + b"\n ".join(b"<m%d@x>" % n for n in range(900)) + b"\n\n"
    references = parse(raw).references
    assert (len(references), references[0], references[-1]) == (500, "m0@x", "m899@x")


@pytest.mark.parametrize("written", ["", "yesterday", "Tue, 99 Nov 2026 10:00", "1 Jan 99999 00:00 +0000", "\0"])
def test_an_absurd_date_is_none(written: str) -> None:
    assert parse(f"Date: {written}\n\n".encode()).sent_at is None


def test_a_date_without_a_zone_is_utc() -> None:
    assert parse(b"Date: Tue, 24 Nov 2026 10:00:00\n\n").sent_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_null_return_path_is_not_an_absent_one() -> None:
    assert parse(b"Return-Path: <>\n\n").return_path == ""
    assert parse(b"Subject: x\n\n").return_path is None


def test_flowed_lines_are_joined_and_quotes_and_signature_stay() -> None:
    body = b"One line \nthat flows\n> quoted \n> too\n>> deeper\n stuffed\n-- \nJan"
    assert parse(part("Content-Type: text/plain; format=flowed", body)).text == (
        "One line that flows\n> quoted too\n> > deeper\nstuffed\n-- \nJan"
    )
    assert parse(part("Content-Type: text/plain; format=flowed; delsp=yes", b"Donau \ndampf")).text == "Donaudampf"


MIXED = "Content-Type: multipart/mixed; boundary=b\n"


def mixed(*parts: tuple[str, str]) -> bytes:
    return (MIXED + "\n" + "".join(f"--b\n{head}\n\n{body}\n" for head, body in parts) + "--b--\n").encode()


def test_a_text_file_beside_the_body_is_not_the_body() -> None:
    mail = parse(mixed(
        ("Content-Type: text/plain", "won"),
        ("Content-Type: text/plain; name=notes.txt", "lost"),
        ("Content-Type: text/plain\nContent-Disposition: attachment", "lost"),
        ("Content-Type: text/html; charset=utf-8\nContent-Disposition: attachment; filename=a.html", "<p>lost"),
    ))  # fmt: skip
    assert (mail.text, mail.html) == ("won", None)
    assert [one.file_name for one in mail.attachments] == ["notes.txt", "attachment.txt", "a.html"]


def test_a_text_around_a_picture_is_one_text() -> None:
    plain = "Content-Type: text/plain"
    picture = (
        "Content-Type: image/png\nContent-Disposition: inline; filename=logo.png\nContent-Transfer-Encoding: base64"
    )
    mail = parse(mixed((plain, "first"), (picture, "aGVsbG8="), (plain, "second")))
    assert mail.text == "first\nsecond"
    assert [(one.file_name, one.size_bytes, one.is_inline) for one in mail.attachments] == [("logo.png", 5, True)]


def test_an_enclosed_message_is_a_file_and_never_the_answer() -> None:
    inner = "From: x@y.example\nTo: partners+token@vendor.example\nSubject: Old offer\n\nwe won"
    mail = parse(mixed(("Content-Type: text/plain", "see attached"), ("Content-Type: message/rfc822", inner)))
    assert mail.text == "see attached"
    assert mail.to == ()
    assert [one.name for one in mail.attachments] == ["Old offer.eml"]


@pytest.mark.parametrize(
    ("raw", "protection"),
    [
        (part("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"), Protection.OPAQUE),
        (part("Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data"), Protection.ENCRYPTED),
        (part("Content-Type: multipart/encrypted; boundary=b", b"--b\n\nx\n--b--"),
         Protection.ENCRYPTED),
        (part("Content-Type: multipart/signed; boundary=b", b"--b\n\nhello\n--b\n"
              b"Content-Type: application/pgp-signature; name=s.asc\n\nx\n--b--"), Protection.SIGNED),
        (part("Subject: x", b"-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----"), Protection.ENCRYPTED),
        (part("Subject: x", b"hello"), Protection.NONE),
    ],
)  # fmt: skip
def test_protection_is_recognised(raw: bytes, protection: Protection) -> None:
    assert parse(raw).protection is protection


def test_inline_pgp_signatures_are_taken_off() -> None:
    body = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nwon\n- -- \nJan\n-----BEGIN PGP SIGNATURE-----\n\nabc\n"
    )
    mail = parse(part("Subject: x", body + b"-----END PGP SIGNATURE-----\n"))
    assert (mail.text, mail.protection) == ("won\n-- \nJan\n", Protection.SIGNED)


def test_uuencoded_files_leave_the_text() -> None:
    mail = parse(part("Subject: x", b"won\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\nbye\nbegin 2027 well"))
    assert mail.text == "won\nbye\nbegin 2027 well"
    assert [(one.name, one.size_bytes) for one in mail.attachments] == [("a.txt", 5)]


def test_tnef_unknown_encodings_and_missing_boundaries_are_named() -> None:
    assert "tnef" in parse(part("Content-Type: application/ms-tnef; name=winmail.dat")).problems
    unknown = parse(part("Content-Transfer-Encoding: x-mine", b"won"))
    assert (unknown.text, unknown.problems) == ("won", ("transfer_encoding",))
    assert parse(part("Content-Type: multipart/mixed", b"won")).text == "won"


def test_broken_base64_gives_what_can_be_saved() -> None:
    mail = parse(part("Content-Transfer-Encoding: base64", b"d29uIGl0!!\n=broken"))
    assert (mail.text or "").startswith("won")


def test_a_header_line_that_lost_its_fold_does_not_hide_the_rest() -> None:
    mail = parse(b"X-Long: one\nlost fold\nSubject: Acme\nFrom: j@x.example\n\nbody")
    assert (mail.subject, mail.text, mail.problems) == ("Acme", "body", ("header_repaired",))


def test_a_missing_blank_line_begins_the_body() -> None:
    mail = parse(b"Subject: Acme\nhello there\nbye")
    assert (mail.subject, mail.text) == ("Acme", "hello there\nbye")


def test_a_calendar_answer_is_recognised() -> None:
    mail = parse(part("Content-Type: text/calendar", b"BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"))
    assert mail.calendar_method == "REPLY"


@pytest.mark.parametrize(
    ("header", "file_name"),
    [
        ("attachment", "attachment.pdf"),
        ("attachment; filename=../../etc/passwd", "passwd"),
        (r'attachment; filename="C:\\temp\\offer.pdf"', "offer.pdf"),
        ("attachment; filename*=utf-8''%E2%82%AC%20offer.pdf", "€ offer.pdf"),
        ("attachment; filename*0*=bogus''a%E4; filename*1*=b.pdf", "aäb.pdf"),
        ('attachment; filename="=?utf-8?B?w6Q=?=.pdf"', "ä.pdf"),
        ('attachment; filename="a\u202efdp.exe"', "afdp.exe"),
        ('attachment; filename="CON.pdf"', "_CON.pdf"),
        ('attachment; filename="..."', "attachment.pdf"),
        ('attachment; filename="<script>.pdf"', "script.pdf"),
        ('attachment; filename="a\n b.pdf"', "a b.pdf"),
    ],
)
def test_a_file_name_is_safe_to_write(header: str, file_name: str) -> None:
    mail = parse(mixed((f"Content-Type: application/pdf\nContent-Disposition: {header}", "x")))
    assert [one.file_name for one in mail.attachments] == [file_name]


def test_long_and_equal_file_names_stay_apart() -> None:
    head = f"Content-Type: application/pdf; name={'ä' * 300}.pdf"
    names = [one.file_name for one in parse(mixed((head, "x"), (head, "y"))).attachments]
    assert len(set(names)) == 2
    assert all(len(name.encode()) <= 120 and name.endswith(".pdf") for name in names)
