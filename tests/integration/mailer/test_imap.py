"""The watched mailbox against pymap."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from datetime import UTC, date, datetime

import pytest

from bot.sandbox.mail import MailServer
from mailer.imap import Fetched, Mailbox
from mailer.refusal import Blame, RefusedError
from tests.integration.mailer.scripted import eventually
from tests.integration.mailer.watching import BOT, Taken, mailbox, settings, watching

HOURS_S = 10_000.0  # without news no look: what comes in meanwhile was told by the server
ACCOUNTS = {BOT: "pw", "ann@partner.test": "pw"}


def mail(n: int) -> bytes:
    return f"Subject: {n}\r\nMessage-ID: <{n}@partner.test>\r\n\r\nbody {n}\r\n".encode()


async def test_what_was_there_comes_first_and_what_comes_later_follows_at_once() -> None:
    async with MailServer(ACCOUNTS) as server:
        await server.deliver(BOT, mail(1))
        await server.deliver(BOT, mail(2))
        taken = Taken()
        async with watching(mailbox(server.imap_port, idle_s=HOURS_S), taken):
            await eventually(lambda: len(taken.messages) == 2)
            for n in range(3, 30):
                await server.deliver(BOT, mail(n))
                await eventually(lambda: len(taken.messages) == n)  # noqa: B023
    assert taken.raws == [mail(n) for n in range(1, 30)]
    assert taken.messages[0].size_bytes == len(mail(1))
    received = taken.messages[0].internal_date
    assert received is not None
    assert abs((datetime.now(UTC) - received).total_seconds()) < 60


async def test_a_first_start_can_leave_older_mail_alone() -> None:
    moments = iter([datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)])
    async with MailServer(ACCOUNTS, clock=lambda: next(moments)) as server:
        box = mailbox(server.imap_port)
        assert (await box.position_before(date(2026, 11, 22))).uid == 0
        await server.deliver(BOT, mail(1))
        await server.deliver(BOT, mail(2))
        taken = Taken(await box.position_before(date(2026, 11, 22)))
        async with watching(box, taken):
            await eventually(lambda: len(taken.messages) == 1)
    assert taken.raws == [mail(2)]


async def test_no_mail_is_overlooked_at_whatever_moment_it_comes() -> None:
    randomness = random.Random(42)  # noqa: S311 -- moments, not secrets
    async with MailServer(ACCOUNTS) as server:
        taken = Taken()
        async with watching(mailbox(server.imap_port, idle_s=HOURS_S), taken):
            for n in range(300):
                await server.deliver(BOT, mail(n))
                await asyncio.sleep(randomness.choice([0, 0, 0.0005, 0.001, 0.003]))
            await eventually(lambda: len(taken.messages) == 300)
    assert taken.raws == [mail(n) for n in range(300)]


async def test_after_a_restart_only_what_was_not_taken_comes() -> None:
    async with MailServer(ACCOUNTS) as server:
        for n in range(3):
            await server.deliver(BOT, mail(n))
        taken = Taken()
        async with watching(mailbox(server.imap_port), taken):
            await eventually(lambda: len(taken.messages) == 3)
        await server.deliver(BOT, mail(3))
        again = Taken(taken.position)
        async with watching(mailbox(server.imap_port), again):
            await eventually(lambda: again.messages)
            await asyncio.sleep(0.05)
    assert again.raws == [mail(3)]


async def test_a_mail_that_the_consumer_could_not_store_is_not_acknowledged() -> None:
    class FullError(Exception):
        pass

    class Store(Taken):
        async def deliver(self, message: Fetched) -> None:
            if len(self.messages) == 1:
                raise FullError
            await super().deliver(message)

    async with MailServer(ACCOUNTS) as server:
        for n in range(3):
            await server.deliver(BOT, mail(n))
        store = Store()
        with pytest.raises(FullError):
            await mailbox(server.imap_port, mark_seen=True).watch(store.position, store.deliver)
        again = Taken(store.position)
        async with watching(mailbox(server.imap_port), again):
            await eventually(lambda: len(again.messages) == 2)
    assert store.raws + again.raws == [mail(0), mail(1), mail(2)]


async def test_a_server_restart_during_idle_costs_no_mail() -> None:
    async with MailServer(ACCOUNTS) as server:
        taken, box = Taken(), mailbox(server.imap_port)
        async with watching(box, taken):
            for n in range(3):
                await server.deliver(BOT, mail(n))
                await eventually(lambda: len(taken.messages) == n + 1)  # noqa: B023
                server.disconnect()
            await eventually(lambda: box.state.connected and box.state.failures == 0)
    assert taken.raws == [mail(n) for n in range(3)]


async def test_a_changed_uid_validity_brings_everything_again() -> None:
    async with MailServer(ACCOUNTS) as server:
        await server.deliver(BOT, mail(1))
        taken = Taken()
        async with watching(mailbox(server.imap_port), taken):
            await eventually(lambda: taken.messages)
        port = server.imap_port
    async with MailServer(ACCOUNTS, imap_port=port) as server:
        for n in (1, 2):
            await server.deliver(BOT, mail(n))
        again = Taken(taken.position)
        async with watching(mailbox(port), again):
            await eventually(lambda: len(again.messages) == 2)
    assert taken.position is not None
    assert again.messages[0].uid_validity != taken.position.uid_validity
    assert again.raws == [mail(1), mail(2)]


async def test_several_thousand_waiting_mails_come_in_order_and_in_little_memory() -> None:
    body = b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 640 + b"\r\n"  # 10 KB
    async with MailServer(ACCOUNTS) as server:
        for _ in range(1500):
            await server.deliver(BOT, body)
        uids: list[int] = []

        async def count(message: Fetched) -> None:
            assert message.raw == body
            uids.append(message.uid)

        tracemalloc.start()
        watch = asyncio.create_task(mailbox(server.imap_port, timeout_s=60.0).watch(None, count))
        await eventually(lambda: len(uids) == 1500 or watch.done())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    assert uids == sorted(uids)
    assert len(set(uids)) == 1500
    assert peak < 30_000_000


@pytest.mark.parametrize("folder", ["Done", "Erledigt & übertragen"])
async def test_what_is_taken_is_moved_away_and_marked(folder: str) -> None:
    async with MailServer(ACCOUNTS) as server:
        await server.deliver(BOT, mail(1))
        taken = Taken()
        async with watching(mailbox(server.imap_port, done_folder=folder, mark_seen=True), taken):
            await server.deliver(BOT, mail(2))
            await eventually(lambda: len(taken.messages) == 2)
            await asyncio.sleep(0.1)
        assert await server.mails(BOT) == []
        assert sorted(await server.mails(BOT, folder)) == [mail(1), mail(2)]


async def test_what_was_taken_and_not_moved_before_a_crash_is_moved_later() -> None:
    async with MailServer(ACCOUNTS) as server:
        await server.deliver(BOT, mail(1))
        taken = Taken()
        async with watching(mailbox(server.imap_port), taken):
            await eventually(lambda: taken.messages)
        await server.deliver(BOT, mail(2))
        again = Taken(taken.position)
        async with watching(mailbox(server.imap_port, done_folder="Done"), again):
            await eventually(lambda: again.messages)
            await asyncio.sleep(0.1)
        assert again.raws == [mail(2)]
        assert await server.mails(BOT, "Done") == [mail(1), mail(2)]


async def test_a_mail_over_the_limit_comes_as_its_header_alone() -> None:
    async with MailServer(ACCOUNTS) as server:
        big = b"Subject: big\r\nX: y\r\n\r\n" + b"x" * 10_000
        for raw in (mail(1), big, mail(2)):
            await server.deliver(BOT, raw)
        taken = Taken()
        async with watching(mailbox(server.imap_port, limit_bytes=5_000), taken):
            await eventually(lambda: len(taken.messages) == 3)
    assert taken.raws == [mail(1), None, mail(2)]
    assert taken.messages[1].header == b"Subject: big\r\nX: y\r\n\r\n"
    assert taken.messages[1].size_bytes == len(big)
    assert taken.messages[1].error == ""


async def test_check_tells_good_settings_from_bad_ones() -> None:
    async with MailServer(ACCOUNTS) as server:
        await mailbox(server.imap_port).check()
        for changes in ({"password": "wrong"}, {"folder": "Nowhere"}, {"username": 'x" y'}, {"password": "wrong\r\n"}):
            with pytest.raises(RefusedError) as refused:
                await mailbox(server.imap_port, **changes).check()
            assert refused.value.blame is Blame.SETUP
            assert "wrong" not in str(refused.value)


def test_settings_do_not_show_their_password() -> None:
    assert "hush" not in repr(settings(1, password="hush"))


async def test_a_refused_login_is_shown_and_not_hammered() -> None:
    async with MailServer(ACCOUNTS) as server:
        box = mailbox(server.imap_port, password="wrong")
        async with watching(box, Taken()):
            await eventually(lambda: box.state.last_error)
            await asyncio.sleep(0.5)
            assert "login refused" in box.state.last_error
            assert (box.state.failures, box.state.connected) == (1, False)


async def test_every_byte_of_a_strange_mail_arrives() -> None:
    strange = [
        b"Subject: ){5}\r\n\r\n* 1 FETCH (UID 9)\r\nA1 OK done\r\n",
        b"Subject: \xff\x00(\r\n\r\n" + bytes(range(256)) * 4 + b"\r\n",
        b"\r\n",
        b"Subject: {12}\r\n\r\n{12}\r\n",
    ]
    async with MailServer(ACCOUNTS) as server:
        for raw in strange:
            await server.deliver(BOT, raw)
        taken = Taken()
        async with watching(Mailbox(mailbox(server.imap_port)._settings), taken):
            await eventually(lambda: len(taken.messages) == len(strange))
    assert taken.raws == strange
