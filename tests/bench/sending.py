"""Mails a second by one worker into Postfix's smtp-sink, beside smtp-source into the same one. Asserts nothing.

The worker's part is whole: notices stored as messages and jobs, rendered, composed with signed reply addresses, handed
over, marked as sent. Only the CRM is in memory.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from bot.clock import utc_now
from bot.domain.deals import DealField, FieldChange
from bot.domain.notices import DealChanged, DealView
from bot.domain.partners import Role
from bot.ports import Conversation, Email, MessageState
from bot.render import TemplateRenderer
from mailer.addressing import ReplyAddressing
from mailer.post import MailPost
from mailer.smtp import Smtp, SmtpSettings
from tests.bench.proc import cpu_s
from tests.bench.report import Report
from tests.bench.sending_worker import DESK, worker

MAILS = 2_000
NAIVE_MAILS = 500
SESSIONS = 4  # of [mail.smtp] connections in config.toml


def measure(report: Report) -> None:
    sink, source = (shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("smtp-sink", "smtp-source"))
    if sink is None or source is None:
        report.missing("everything", "skipped: smtp-sink and smtp-source are not installed (apt install postfix)")
        return
    with sink_running(sink) as port:
        asyncio.run(_measure(report, source, port))


async def _measure(report: Report, source: str, port: int) -> None:
    size = len(_composed_like_ours())
    rates: list[float] = []

    async def source_again() -> float:
        """smtp-source beside each part: the machine may be busier at one time than at another."""
        rates.append(await asyncio.to_thread(_source_rate, source, port, size))
        return rates[-1]

    settings = SmtpSettings(host="127.0.0.1", port=port, tls="none", pool_size=SESSIONS)
    parts: tuple[tuple[str, Callable[[], Awaitable[_Rate]]], ...] = (
        ("our mailer: render, compose, send", lambda: _mailer(settings)),
        ("naive: EmailMessage, aiosmtplib, connection a mail", lambda: _naive(port)),
    )
    for name, part in parts:
        base = await source_again()
        rate = await part()
        report.add(name, rate.mails_per_s, "mails/s", f"{rate.mails_per_s / base:.2f} of smtp-source; {rate.cpu}")
    await _worker(report, settings, await source_again())
    await source_again()
    note = f"{SESSIONS} sessions, {size} bytes, from {min(rates):,.0f} to {max(rates):,.0f}"
    report.add("smtp-source, connections kept, median", statistics.median(rates), "mails/s", note)


@dataclass(frozen=True, slots=True)
class _Rate:
    mails_per_s: float
    cpu_ms: float

    @property
    def cpu(self) -> str:
        return f"{self.cpu_ms:.2f} ms CPU a mail"


async def _timed(mails: int, sending: Awaitable[object]) -> _Rate:
    used, since = cpu_s(), time.perf_counter()
    await sending
    return _Rate(mails / (time.perf_counter() - since), (cpu_s() - used) / mails * 1000)


async def _worker(report: Report, settings: SmtpSettings, base: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        async with Smtp(settings) as smtp, worker(Path(scratch), smtp, contacts=MAILS) as running:
            told = await _timed(MAILS, running.tell())
            report.add("the worker: notices stored", told.mails_per_s, "mails/s", told.cpu)
            sent = await _timed(MAILS, running.deliver(MAILS))
            note = f"{sent.mails_per_s / base:.2f} of smtp-source; {sent.cpu}"
            report.add("the worker: delivered and marked as sent", sent.mails_per_s, "mails/s", note)
            async with running.store.unit() as unit:
                left = await unit.list_messages(state=MessageState.FAILED)
            if left:
                raise RuntimeError(f"sending: {len(left)} mails failed: {left[0].error}")


async def _mailer(settings: SmtpSettings) -> _Rate:
    """Everything but the store: what the worker could reach at most."""
    addressing, renderer = ReplyAddressing(DESK, (b"secret",)), TemplateRenderer(("en",), programme="Desk")
    async with Smtp(settings) as smtp:
        post = MailPost(smtp, address=DESK, name="Desk")
        numbers = iter(range(MAILS))

        async def send_some() -> None:
            for number in numbers:
                await post.send(_email(addressing, renderer, number))

        return await _timed(MAILS, asyncio.gather(*(send_some() for _ in range(2 * SESSIONS))))


def _email(addressing: ReplyAddressing, renderer: TemplateRenderer, number: int) -> Email:
    conversation = Conversation(id=number, role=Role.PARTNER, partner_id="P", contact_id="C", deal_id="D", subject="")
    token = addressing.token(conversation)
    change = FieldChange(field=DealField.STAGE, old="Qualification", new="Configure & Quote")
    deal = DealView(id="D", name="Acme rollout", company="Acme GmbH", stage="Configure & Quote")
    notice = DealChanged(deal=deal, changes=(change,), outcome="open")
    rendered = renderer.email(notice, "en", reply_to=addressing.reply_to(token))
    return Email(
        message_id=addressing.message_id(token, number),
        envelope_from=addressing.bounce_to(token),
        to_address=f"person{number}@partner.example",
        to_name=f"Robin Person{number}",
        reply_to=addressing.reply_to(token),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        in_reply_to=None,
        references=(),
        sent_at=utc_now(),
        automatic="auto-generated",
    )


async def _naive(port: int) -> _Rate:
    """What one writes first: the standard library's message, a new connection for each."""
    email = _email(ReplyAddressing(DESK, (b"secret",)), TemplateRenderer(("en",), programme="Desk"), 1)
    numbers = iter(range(NAIVE_MAILS))

    async def send_some() -> None:
        for number in numbers:
            await aiosmtplib.send(_message(email, number), hostname="127.0.0.1", port=port, start_tls=False)

    return await _timed(NAIVE_MAILS, asyncio.gather(*(send_some() for _ in range(SESSIONS))))


def _message(email: Email, number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = f"Desk <{DESK}>", f"{email.to_name} <{email.to_address}>"
    message["Reply-To"], message["Subject"] = email.reply_to, email.subject
    message["Message-ID"], message["Date"] = f"<{number}.{email.message_id}>", email.sent_at
    message.set_content(email.text)
    message.add_alternative(email.html or "", subtype="html")
    return message


def _composed_like_ours() -> bytes:
    email = _email(ReplyAddressing(DESK, (b"secret",)), TemplateRenderer(("en",), programme="Desk"), 1)
    return _message(email, 1).as_bytes()


def _source_rate(source: str, port: int, size: int) -> float:
    since = time.perf_counter()
    addresses = ("-f", DESK, "-t", "robin@partner.example")
    command = (source, "-d", "-s", str(SESSIONS), "-l", str(size), "-m", str(MAILS), *addresses, f"127.0.0.1:{port}")
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return MAILS / (time.perf_counter() - since)


@contextmanager
def sink_running(sink: str) -> Iterator[int]:
    """smtp-sink on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    unprivileged = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([sink, *unprivileged, f"127.0.0.1:{port}", "100"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
