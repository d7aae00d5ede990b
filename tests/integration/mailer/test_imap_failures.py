"""The watched mailbox against servers that misbehave."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from bot.errors import TransientError
from mailer.imap import Position
from mailer.refusal import RefusedError
from tests.integration.mailer.scripted import HangUp, MiniImap, Say, Silence, eventually, listening
from tests.integration.mailer.watching import Taken, mailbox, watching


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect ten times as fast as in life."""
    monkeypatch.setattr("mailer.imap._FIRST_DELAY_S", 0.02)


def mail(n: int) -> bytes:
    return f"Subject: {n}\r\n\r\nbody {n}\r\n".encode()


def folder(*uids: int) -> dict[int, bytes]:
    return {uid: mail(uid) for uid in uids}


async def test_the_last_message_that_every_search_returns_is_not_taken_again() -> None:
    server = MiniImap(messages=folder(3, 8))
    async with listening(server) as port:
        taken = Taken(Position(uid_validity=7, uid=8))
        async with watching(mailbox(port), taken):
            await server.idling.wait()
            assert taken.messages == []
            server.messages[9] = mail(9)
            await server.push("* 3 EXISTS")
            await eventually(lambda: taken.messages)
    assert taken.uids == [9]
    assert taken.messages[0].internal_date == datetime.fromisoformat("2026-11-24T13:00:00+01:00")


@pytest.mark.parametrize(
    "greeting",
    [HangUp, Silence, "* BYE too busy", "nonsense", "* NO"],
    ids=["gone", "mute", "bye", "odd", "no"],
)
async def test_a_server_that_does_not_greet_us_is_tried_again(greeting: Say) -> None:
    server = MiniImap(messages=folder(1), greeting=greeting)
    async with listening(server) as port:
        taken, box = Taken(), mailbox(port, timeout_s=0.2)
        async with watching(box, taken):
            await eventually(lambda: box.state.failures >= 1)
            assert not box.state.connected
            server.greeting = "* OK better now"
            await eventually(lambda: taken.messages)
            await eventually(lambda: box.state.failures == 0)
            assert box.state.last_error == ""


async def test_a_refused_connection_is_tried_again_at_growing_distances() -> None:
    box = mailbox(1)  # nobody listens there
    async with watching(box, Taken()):
        await asyncio.sleep(1.0)
        assert 4 <= box.state.failures <= 6  # at 0, 0.02, 0.06, 0.14, 0.3 and 0.62 s; the next one at 1.26 s
    with pytest.raises(TransientError):
        await box.check()


@pytest.mark.parametrize("last_words", ["* BYE shutting down", "* 99999 EXI", "* 1 FETCH (UID 1 BODY[] {9999999999}"])
async def test_whatever_ends_an_idle_connection_it_is_replaced(last_words: str) -> None:
    server = MiniImap(messages=folder(1))
    async with listening(server) as port:
        taken, box = Taken(), mailbox(port)
        async with watching(box, taken):
            await server.idling.wait()
            server.messages[2] = mail(2)
            await server.push(last_words)
            server.writers[-1].close()
            await eventually(lambda: len(taken.messages) == 2)
    assert server.connections == 2


async def test_a_server_that_stopped_answering_is_noticed_when_idle_ends() -> None:
    server = MiniImap(messages=folder(1), says={"IDLE": ["+ idling"]})  # DONE gets no answer that fits
    async with listening(server) as port:
        taken, box = Taken(), mailbox(port, idle_s=0.1, timeout_s=0.2)
        async with watching(box, taken):
            await eventually(lambda: "IDLE" in server.commands)
            server.messages[2] = mail(2)
            await eventually(lambda: len(taken.messages) == 2)
    assert server.connections >= 2


async def test_idle_is_renewed_and_mail_that_was_never_announced_is_found() -> None:
    server = MiniImap(messages=folder(1))
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, idle_s=0.2), taken):
            await server.idling.wait()
            server.messages[2] = mail(2)
            await eventually(lambda: len(taken.messages) == 2)
            await eventually(lambda: server.commands.count("IDLE") >= 3)
    assert server.connections == 1


async def test_a_sign_of_life_is_no_news() -> None:
    server = MiniImap()
    async with listening(server) as port, watching(mailbox(port), Taken()):
        await server.idling.wait()
        searches = sum("SEARCH" in command for command in server.commands)
        for _ in range(3):
            await server.push("* OK Still here")
        await asyncio.sleep(0.1)
        assert sum("SEARCH" in command for command in server.commands) == searches


async def test_a_server_that_repeats_the_number_of_messages_with_every_answer_is_not_hammered() -> None:
    server = MiniImap(messages=folder(1))
    server.says = {"UID SEARCH *": ["* SEARCH 1\r\n* 1 EXISTS\r\n%tag% OK done"] * 99}
    async with listening(server) as port, watching(mailbox(port), Taken()):
        await server.idling.wait()
        for _ in range(3):
            await server.push("* 1 EXISTS")
        await asyncio.sleep(0.1)
        assert sum("SEARCH" in command for command in server.commands) <= 2


async def test_a_mail_that_takes_the_place_of_a_deleted_one_is_noticed() -> None:
    server = MiniImap(messages=folder(1))
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await server.idling.wait()
            server.messages = folder(2)
            await server.push("* 1 EXPUNGE\r\n* 1 EXISTS")
            await eventually(lambda: taken.uids == [1, 2])


async def test_news_that_ride_on_another_answer_are_not_lost() -> None:
    exists = "* SEARCH 1\r\n* 2 EXISTS\r\n%tag% OK done"
    server = MiniImap(messages=folder(1, 2), says={"UID SEARCH UID 1:[*]": [exists]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await eventually(lambda: taken.uids == [1, 2])


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 IDLE"])
async def test_without_idle_the_folder_is_polled(capabilities: str) -> None:
    server = MiniImap(capabilities=capabilities, says={"IDLE": ["%tag% NO not today"]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, poll_s=0.05), taken):
            await eventually(lambda: server.commands.count("NOOP") >= 3)
            server.messages[1] = mail(1)
            await eventually(lambda: taken.messages)
    assert server.commands.count("IDLE") == capabilities.count("IDLE")
    assert server.connections == 1


BAD_FETCHES: dict[str, Say] = {
    "refused": "%tag% NO [SERVERBUG] cannot parse that message",
    "bad": "%tag% BAD internal error",
    "gone": HangUp,
    "mute": Silence,
    "nil": "* 2 FETCH (UID 2 BODY[]<0> NIL)\r\n%tag% OK done",
    "nothing": "%tag% OK done",
    "flags only": "* 2 FETCH (FLAGS (\\Seen))\r\n%tag% OK done",
    "no literal": "* 2 FETCH (UID 2 BODY[]<0> {5\r\n%tag% OK done",
    "too long": "* 2 FETCH (UID 2 BODY[]<0> {99999999999}\r\n",
    "unbalanced": "* 2 FETCH (UID 2 BODY[]<0> ((((\r\n%tag% OK done",
}
NO_UID = {"refused", "bad", "gone", "mute", "nothing", "flags only", "too long"}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        *(pytest.param("BODY", said, id=f"body-{name}") for name, said in BAD_FETCHES.items()),
        *(pytest.param("SIZE", said, id=f"size-{name}") for name, said in BAD_FETCHES.items() if name in NO_UID),
    ],
)
async def test_a_message_that_cannot_be_had_is_reported_and_the_rest_comes(part: str, said: Say) -> None:
    server = MiniImap(messages=folder(1, 2, 3, 4))
    server.says = {f"UID FETCH {uids} *{part}*": [said] * 9 for uids in ("1:4", "2")}
    async with listening(server) as port:
        taken, box = Taken(), mailbox(port, timeout_s=0.15)
        async with watching(box, taken):
            await eventually(lambda: len(taken.messages) == 4)
            await eventually(lambda: box.state.failures == 0)
    assert taken.uids == [1, 2, 3, 4]
    assert taken.raws == [mail(1), None, mail(3), mail(4)]
    assert taken.messages[1].error
    assert taken.messages[1].header is None
    assert [message.error for message in taken.messages if message.uid != 2] == ["", "", ""]


async def test_what_was_taken_before_a_message_that_cannot_be_had_is_moved_at_once() -> None:
    server = MiniImap(messages=folder(1, 2), says={"UID FETCH 1:2 *SIZE*": ["* 1 FETCH (UID 1)\r\n%tag% OK done"]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, done_folder="Done"), taken):
            await eventually(lambda: len(taken.messages) == 2)
            await server.idling.wait()
    assert [c for c in server.commands if "MOVE" in c] == ['UID MOVE 1 "Done"', 'UID MOVE 2 "Done"']


@pytest.mark.parametrize("said", ["%tag% OK no need to wait", "+ idling\r\n%tag% OK that is enough"])
async def test_a_server_that_ends_idle_by_itself_is_polled_instead(said: str) -> None:
    server = MiniImap(says={"IDLE": [said] * 99})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, poll_s=0.05), taken):
            await eventually(lambda: server.commands.count("NOOP") >= 2)
            server.messages[1] = mail(1)
            await eventually(lambda: taken.messages)
    assert server.commands.count("IDLE") == 1
    assert server.connections == 1


async def test_a_message_that_is_had_on_the_second_try_is_delivered_whole() -> None:
    server = MiniImap(messages=folder(1, 2), says={"UID FETCH 1:2 *": [HangUp], "UID FETCH 1 *": [HangUp, Silence]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, timeout_s=0.2), taken):
            await eventually(lambda: len(taken.messages) == 2)
    assert taken.raws == [mail(1), mail(2)]


async def test_a_message_that_somebody_deleted_meanwhile_is_passed_over() -> None:
    server = MiniImap(messages=folder(1, 3), says={"UID SEARCH UID 1:[*]": ["* SEARCH 1 2 3\r\n%tag% OK done"]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await eventually(lambda: taken.uids == [1, 3])
    assert [message.error for message in taken.messages] == ["", ""]


@pytest.mark.parametrize("said", ["RFC822.SIZE NIL", "RFC822.SIZE x INTERNALDATE y", "", "BODY[] {5", "(((("])
async def test_a_message_of_unknown_size_and_date_is_delivered_in_its_turn(said: str) -> None:
    server = MiniImap(messages=folder(1, 2, 3))
    sizes = f"* 2 FETCH (UID 2 {said})\r\n%tag% OK done"
    server.says = {"UID FETCH 1:3 *SIZE*": [sizes], "UID FETCH 2 *SIZE*": [sizes]}
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await eventually(lambda: len(taken.messages) == 3)
    assert taken.raws == [mail(1), mail(2), mail(3)]
    assert (taken.messages[1].size_bytes, taken.messages[1].internal_date) == (None, None)


async def test_flags_that_others_change_do_not_disturb_a_fetch() -> None:
    noise = "* 1 FETCH (FLAGS (\\Seen $Junk))\r\n* 4 EXPUNGE\r\n* 3 RECENT\r\n* OK [ALERT] quota 90%\r\n"
    body = f"* 1 FETCH (UID 1 BODY[]<0> {{{len(mail(1))}}}\r\n{mail(1).decode()})\r\n"
    server = MiniImap(messages=folder(1), says={"UID FETCH 1 *BODY*": [noise + body + noise + "%tag% OK done"]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await eventually(lambda: taken.raws == [mail(1)])


async def test_a_server_that_estimates_sizes_cannot_make_us_take_a_cut_mail_for_a_whole_one() -> None:
    server = MiniImap(messages={1: b"Subject: 1\r\n\r\n" + b"x" * 500})
    server.says = {"UID FETCH 1 *SIZE*": ["* 1 FETCH (UID 1 RFC822.SIZE 20)\r\n%tag% OK done"]}
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, limit_bytes=100), taken):
            await eventually(lambda: taken.messages)
    assert taken.raws == [None]
    assert taken.messages[0].header == b"Subject: 1\r\n\r\n"


async def test_thousands_of_lines_in_one_read_are_survived() -> None:
    flood = "".join(f"* {n} FETCH (FLAGS (\\Seen))\r\n" for n in range(3000))
    server = MiniImap(messages=folder(1), says={"UID SEARCH *": [flood + "* SEARCH 1\r\n%tag% OK done"]})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, timeout_s=5.0), taken):
            await eventually(lambda: taken.messages)
    assert server.connections == 1


async def test_answers_in_the_smallest_pieces_are_understood() -> None:
    server = MiniImap(messages=folder(1, 2))
    inner = server._say

    async def crumbs(writer: asyncio.StreamWriter, tag: str, said: Say | bytes) -> None:
        if isinstance(said, str | bytes):
            raw = said.encode() if isinstance(said, str) else said
            for byte in raw.replace(b"%tag%", tag.encode()) + b"\r\n":
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
        else:
            await inner(writer, tag, said)

    server._say = crumbs  # type: ignore[method-assign]
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port), taken):
            await eventually(lambda: taken.raws == [mail(1), mail(2)])


async def test_nothing_is_moved_or_marked_in_a_folder_that_is_read_only() -> None:
    server = MiniImap(messages=folder(1), select_code="READ-ONLY")
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, done_folder="Done", mark_seen=True), taken):
            await eventually(lambda: taken.messages)
            await server.idling.wait()
    assert [c for c in server.commands if c.startswith(("UID STORE", "UID MOVE", "UID COPY"))] == []


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ("IMAP4rev1 IDLE MOVE UIDPLUS", ['UID MOVE 1 "Done"']),
        (
            "IMAP4rev1 IDLE UIDPLUS",
            ['UID COPY 1 "Done"', r"UID STORE 1 +FLAGS.SILENT (\Deleted)", "UID EXPUNGE 1"],
        ),
        ("IMAP4rev1 IDLE", []),
    ],
)
async def test_a_taken_message_is_moved_only_where_nothing_else_can_be_deleted(
    capabilities: str, expected: list[str]
) -> None:
    server = MiniImap(messages=folder(1), capabilities=capabilities)
    async with listening(server) as port, watching(mailbox(port, done_folder="Done"), Taken()):
        await server.idling.wait()
    moves = [c for c in server.commands if c.startswith(("UID STORE", "UID MOVE", "UID COPY", "UID EXP", "EXPUNGE"))]
    assert moves == expected


async def test_a_folder_for_done_mail_is_made_when_it_is_missing_and_its_refusal_stops_nothing() -> None:
    server = MiniImap(messages=folder(1), says={"UID MOVE 1 *": ["%tag% NO [TRYCREATE] no such folder"] * 2})
    async with listening(server) as port:
        taken = Taken()
        async with watching(mailbox(port, done_folder="Done"), taken):
            await server.idling.wait()
            server.messages[2] = mail(2)
            await server.push("* 2 EXISTS")
            await eventually(lambda: taken.uids == [1, 2])
    assert server.commands.count('CREATE "Done"') == 1


async def test_a_folder_without_uid_validity_needs_a_person() -> None:
    server = MiniImap(says={"SELECT *": ["* 0 EXISTS\r\n%tag% OK selected"]})
    async with listening(server) as port:
        with pytest.raises(RefusedError, match="UIDVALIDITY"):
            await mailbox(port).check()


async def test_a_server_that_is_only_busy_is_not_taken_for_one_that_refuses_us() -> None:
    server = MiniImap(says={"LOGIN *": ["%tag% NO [UNAVAILABLE] try later"]})
    async with listening(server) as port:
        with pytest.raises(TransientError):
            await mailbox(port).check()
        await mailbox(port).check()
