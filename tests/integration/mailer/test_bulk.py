"""Many letters over one connection: each is heard of before the next body goes out, and refused ones hold up nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import SetupError, TransientError, UnknownOutcomeError
from bot.ports import Letter, RecipientError
from mailer.bulk import MailBulk
from mailer.refusal import RefusedError
from tests.integration.mailer.scripted import HangUp, MiniSmtp, Say, listening
from tests.integration.mailer.test_smtp import LOCKSTEP, PIPELINED, smtp_to
from tests.unit.mailer.test_mail_circular import LETTER
from tests.unit.mailer.test_mail_dkim import ED, record, signer, verifies

EXTENSIONS = pytest.mark.parametrize("extensions", [LOCKSTEP, PIPELINED], ids=["lockstep", "pipelined"])


def letters(count: int) -> list[Letter]:
    return [replace(LETTER, number=n, to_address=f"reader{n}@brandt.example") for n in range(count)]


def bodies(server: MiniSmtp) -> list[bytes]:
    """Without the lone dots that end a DATA nobody is to get."""
    return [mail for mail in server.mails if mail]


class Hearing:
    """Keeps what was heard; says "go on" until `enough` letters."""

    def __init__(self, server: MiniSmtp, enough: int = 1000) -> None:
        self.heard: list[tuple[int, Exception | None]] = []
        self._server, self._enough = server, enough

    async def __call__(self, letter: Letter, error: Exception | None) -> bool:
        assert len(bodies(self._server)) <= len(self.heard) + 1, "the next went out before this one was heard of"
        self.heard.append((letter.number, error))
        await asyncio.sleep(0)
        return len(self.heard) < self._enough

    @property
    def taken(self) -> list[int]:
        return [number for number, error in self.heard if error is None]


async def send(
    server: MiniSmtp,
    count: int = 5,
    *,
    per_second: float = 10_000,
    enough: int = 1000,
    some: list[Letter] | None = None,
) -> Hearing:
    hearing = Hearing(server, enough)
    async with listening(server) as port, smtp_to(port) as smtp:
        bulk = MailBulk(smtp, address="partners@meridian.example", name="Desk", per_second=per_second)
        try:
            await bulk.send_all(some or letters(count), hearing)
        except Exception as exc:
            exc.add_note(f"heard {hearing.heard}")
            exc.hearing = hearing  # type: ignore[attr-defined]
            raise
    return hearing


@EXTENSIONS
async def test_all_letters_arrive_in_their_order_and_each_is_heard_of(extensions: tuple[str, ...]):
    server = MiniSmtp(extensions=extensions)
    hearing = await send(server)
    assert hearing.heard == [(n, None) for n in range(5)]
    assert [f"reader{n}@brandt.example".encode() in mail for n, mail in enumerate(server.mails)] == [True] * 5
    assert (server.connections, server.commands[-1]) == (1, "QUIT")


@EXTENSIONS
@pytest.mark.parametrize(
    ("verb", "said", "error"),
    [
        ("RCPT", "550 5.1.1 no such user", RecipientError),
        ("RCPT", "450 4.2.0 greylisted", TransientError),
        ("RCPT", "550 5.7.1 content policy of the recipient", RefusedError),
        ("DATA", "451 4.3.0 later", TransientError),
        ("DOT", "550 5.1.10 recipient not found", RecipientError),
        ("DOT", "554 5.6.0 no", RefusedError),
        ("MAIL", "452 4.3.1 full", TransientError),
    ],
)
async def test_a_refused_letter_holds_up_nobody(
    extensions: tuple[str, ...], verb: str, said: str, error: type[Exception]
):
    ok = {"RCPT": "250 ok", "DATA": "354 go", "DOT": "250 ok", "MAIL": "250 ok"}[verb]
    server = MiniSmtp(extensions=extensions, says={verb: [ok, ok, said]})
    hearing = await send(server)
    assert [number for number, _ in hearing.heard] == list(range(5))
    assert hearing.taken == [0, 1, 3, 4]
    assert isinstance(hearing.heard[2][1], error)
    assert len(bodies(server)) == (5 if verb == "DOT" else 4)


async def test_a_letter_that_cannot_be_a_mail_is_heard_of_too():
    odd = letters(3)
    odd[1] = replace(odd[1], to_address="reader\r\nBcc: all@x.example")
    server = MiniSmtp()
    hearing = await send(server, some=odd)
    assert hearing.taken == [0, 2]
    assert [type(error) for _, error in hearing.heard if error] == [RecipientError]


@EXTENSIONS
async def test_who_hears_may_stop_it_and_nothing_more_goes_out(extensions: tuple[str, ...]):
    server = MiniSmtp(extensions=extensions)
    hearing = await send(server, enough=2)
    assert hearing.taken == [0, 1]
    assert len(server.mails) == 2


@EXTENSIONS
@pytest.mark.parametrize(
    ("says", "error", "taken"),
    [
        ({"DOT": ["250 ok", HangUp]}, UnknownOutcomeError, [0]),
        ({"MAIL": ["250 ok", HangUp]}, TransientError, [0]),
        ({"DOT": ["250 ok", "421 4.3.2 going down"]}, TransientError, [0]),
        ({"MAIL": ["250 ok", "421 4.3.2 going down"]}, TransientError, [0]),
        ({"RCPT": ["250 ok", "554 5.7.1 Relay access denied"]}, SetupError, [0]),
        ({"GREETING": ["554 5.7.1 not you"]}, SetupError, []),
    ],
)
async def test_what_concerns_every_letter_ends_it(
    extensions: tuple[str, ...], says: dict[str, list[Say]], error: type[Exception], taken: list[int]
):
    says = {verb: [*script] for verb, script in says.items()}
    with pytest.raises(error) as caught:
        await send(MiniSmtp(extensions=extensions, says=says))
    assert caught.type is error
    assert caught.value.hearing.taken == taken  # type: ignore[attr-defined]


async def test_letters_are_signed_where_a_key_is_set():
    server = MiniSmtp()
    async with listening(server) as port, smtp_to(port) as smtp:
        bulk = MailBulk(smtp, address="partners@meridian.example", name="Desk", per_second=1000, sign=signer(ED))
        await bulk.send_all(letters(2), Hearing(server))
    assert [verifies(mail, record(ED)) for mail in server.mails] == [True, True]


async def test_it_goes_out_at_the_pace_that_was_set():
    loop = asyncio.get_running_loop()
    for per_second, least_s in ((10.0, 0.4), (40.0, 0.1)):
        began_s = loop.time()
        await send(MiniSmtp(), per_second=per_second)
        assert least_s <= loop.time() - began_s < least_s + 1
