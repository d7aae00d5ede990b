"""The same promises against Debian's Postfix and Dovecot."""

from __future__ import annotations

import asyncio
import imaplib
import itertools
from typing import TYPE_CHECKING

import pytest

from mailer.imap import Mailbox, Position
from mailer.refusal import Blame, RefusedError
from mailer.smtp import Smtp
from tests.integration.mailer.scripted import eventually
from tests.integration.mailer.test_smtp import smtp_to
from tests.integration.mailer.watching import BOT, Taken, settings, watching

if TYPE_CHECKING:  # pytest itself imports the fixture's module, and wants to be the first
    from tests.realmail import RealMail

pytest_plugins = ["tests.realmail"]
pytestmark = pytest.mark.realmail
ANN = "ann@partner.test"
numbers = itertools.count(1)


def sender(real: RealMail, **changes: object) -> Smtp:
    login: dict[str, object] = {
        "username": ANN,
        "password": "annpw",
        "tls": "starttls",
        "ca_file": real.ca_file,
    }
    return smtp_to(real.smtp_port, **({"timeout_s": 20.0} | login | changes))


def box(real: RealMail, **changes: object) -> Mailbox:
    login: dict[str, object] = {"tls": "tls", "ca_file": real.ca_file, "password": "botpw", "timeout_s": 10.0}
    return Mailbox(settings(**({"port": real.imaps_port} | login | changes)))


def mail(text: str = "") -> tuple[str, bytes]:
    """A mail and the subject that tells it from those of other tests."""
    subject = f"real {next(numbers)}"
    return subject, f"From: {ANN}\r\nSubject: {subject}\r\n\r\n.{text}\r\n..\r\n".encode()


def having(taken: Taken, subject: str) -> list[bytes]:
    return [raw for raw in taken.raws if raw is not None and f"Subject: {subject}\r\n".encode() in raw]


async def at_the_end(real: RealMail) -> Position:
    """The position after all that is there, so that a test sees its own mails only."""
    taken = Taken()
    watched = box(real)
    async with watching(watched, taken):
        await eventually(lambda: watched.state.connected)
        seen = -1
        while seen != len(taken.messages):
            seen = len(taken.messages)
            await asyncio.sleep(0.3)
    return taken.position or Position(uid_validity=0, uid=0)


async def test_a_mail_goes_through_postfix_and_dovecot_byte_for_byte(realmail: RealMail) -> None:
    subject, raw = mail("hello")
    taken = Taken(await at_the_end(realmail))
    async with sender(realmail) as smtp, watching(box(realmail), taken):
        accepted = await smtp.send("bounce+7@vendor.test", "reply+tok42@vendor.test", raw)
        assert "queued as" in accepted.reply
        await eventually(lambda: having(taken, subject))
    (arrived,) = having(taken, subject)
    head, _, body = arrived.partition(b"\r\n\r\n")
    assert body == b".hello\r\n..\r\n"
    assert b"Delivered-To: bot+tok42@vendor.test" in head
    assert b"Return-Path: <bounce+7@vendor.test>" in head


@pytest.mark.parametrize("pool_size", [1, 5])
async def test_many_mails_with_refusals_between_them_all_meet_their_own_fate(
    realmail: RealMail, pool_size: int
) -> None:
    taken = Taken(await at_the_end(realmail))
    mails = [mail(str(n)) for n in range(40)]

    async def outcome(smtp: Smtp, n: int) -> str:
        to = ["bot@vendor.test", "nobody@vendor.test", "ann@elsewhere.example"][n % 3]
        try:
            await smtp.send(BOT, to, mails[n][1])
        except RefusedError as exc:
            return f"{exc.blame} {exc.code}"
        return "sent"

    async with (
        sender(realmail, pool_size=pool_size, username="", password="") as smtp,
        watching(box(realmail), taken),
    ):
        outcomes = await asyncio.gather(*(outcome(smtp, n) for n in range(40)))
        await eventually(lambda: len(taken.messages) == 14)
    assert outcomes == [["sent", "recipient 550 5.1.1", "setup 554 5.7.1"][n % 3] for n in range(40)]
    assert all(len(having(taken, mails[n][0])) == (n % 3 == 0) for n in range(40))


async def test_postfix_refuses_a_wrong_password_and_a_mail_that_is_too_large(realmail: RealMail) -> None:
    async with sender(realmail, password="wrong") as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.check()
    assert refused.value.blame is Blame.SETUP
    async with sender(realmail) as smtp:
        await smtp.check()
        with pytest.raises(RefusedError) as refused:
            await smtp.send(ANN, BOT, b"Subject: x\r\n\r\n" + b"x" * 53_000_000)
    assert (refused.value.blame, refused.value.code) == (Blame.MESSAGE, "552 5.3.4")


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
async def test_a_mailbox_is_read_over_every_kind_of_connection(realmail: RealMail, tls: str) -> None:
    port = realmail.imaps_port if tls == "tls" else realmail.imap_port
    await box(realmail, tls=tls, port=port).check()
    with pytest.raises(RefusedError):
        await box(realmail, tls=tls, port=port, password="wrong").check()
    if tls != "none":
        with pytest.raises(RefusedError, match="certificate"):
            await box(realmail, tls=tls, port=port, ca_file=None).check()


async def test_sessions_that_are_kicked_out_lose_no_mail(realmail: RealMail) -> None:
    taken, watched = Taken(await at_the_end(realmail)), box(realmail)
    sent = []
    async with sender(realmail) as smtp, watching(watched, taken):
        for _ in range(4):
            subject, raw = mail()
            sent.append(subject)
            await smtp.send(ANN, BOT, raw)
            await asyncio.sleep(0.1)
            realmail.restart_imap_sessions()
        await eventually(lambda: len(taken.messages) == 4)
    assert [len(having(taken, subject)) for subject in sent] == [1, 1, 1, 1]


async def test_taken_mail_is_moved_and_a_large_one_comes_as_its_header(realmail: RealMail) -> None:
    taken = Taken(await at_the_end(realmail))
    (small, raw), (large, huge) = mail(), mail("x" * 900 + "\r\n" + "y" * 900)
    changes: dict[str, object] = {
        "done_folder": "Erledigt & abgelegt",
        "mark_seen": True,
        "limit_bytes": 2_000,
    }
    async with sender(realmail, pool_size=1) as smtp, watching(box(realmail, **changes), taken):
        await smtp.send(ANN, BOT, huge)
        await eventually(lambda: len(taken.messages) == 1)
        await smtp.send(ANN, BOT, raw)
        await eventually(lambda: len(taken.messages) == 2)
        await asyncio.sleep(0.2)
    assert taken.raws[0] is None
    assert f"Subject: {large}\r\n".encode() in (taken.messages[0].header or b"")
    done = Taken()
    async with watching(box(realmail, folder="Erledigt & abgelegt"), done):
        await eventually(lambda: having(done, small))
    left = Taken()
    async with watching(box(realmail), left):
        await asyncio.sleep(0.5)
    assert having(left, small) + having(left, large) == []


def make_anew(real: RealMail, folder: str, raw: bytes) -> None:
    """Delete a folder, make it again and put one mail into it, which gets UID 1 again."""
    with imaplib.IMAP4(real.host, real.imap_port) as client:
        client.login(BOT, "botpw")
        client.delete(folder)
        client.create(folder)
        client.append(folder, "", "", raw)


async def test_a_folder_that_was_deleted_and_made_anew_starts_over(realmail: RealMail) -> None:
    (_, first), (_, second) = mail("first"), mail("second")
    await asyncio.to_thread(make_anew, realmail, "Cycle", first)
    taken = Taken()
    async with watching(box(realmail, folder="Cycle"), taken):
        await eventually(lambda: taken.messages)
    await asyncio.sleep(1.1)  # Dovecot makes UIDVALIDITY from the time in seconds
    await asyncio.to_thread(make_anew, realmail, "Cycle", second)
    again = Taken(taken.position)
    async with watching(box(realmail, folder="Cycle"), again):
        await eventually(lambda: again.messages)
    assert (taken.uids, again.uids) == ([1], [1])
    assert (taken.raws, again.raws) == ([first], [second])
