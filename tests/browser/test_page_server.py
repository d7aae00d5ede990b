"""The page's server without a browser: who may ask, and what it answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.errors import PermanentError
from bot.sandbox.demo import PARTNER_DESK, World, world
from bot.sandbox.mail import MailServer
from bot.sandbox.page import serving

JULIA = "julia@brandt-it.example"
PRESS = {"user": "julia", "channel": "#brandt-it", "ts": "1", "action": "undo", "block": "", "value": None}
NOTICE = EmailMessage()
NOTICE["From"] = f"Meridian Partner Desk <{PARTNER_DESK}>"
NOTICE["Reply-To"] = "partners+token@meridian.example"
NOTICE["To"] = JULIA
NOTICE["Subject"] = "Acme rollout"
NOTICE["Message-ID"] = "<one@meridian.example>"
NOTICE["Date"] = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTICE.set_content("Is that right?\nSecond line\n")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as running:
        yield running


@pytest.fixture
async def http(sandbox: World) -> AsyncIterator[ClientSession]:
    async with serving(sandbox) as url, ClientSession(url) as session:
        yield session


async def deliver(sandbox: World, mail: EmailMessage) -> None:
    assert isinstance(sandbox.mail, MailServer)
    await sandbox.mail.deliver(JULIA, mail.as_bytes())


async def test_another_sites_page_may_neither_read_nor_act(http: ClientSession):
    async with http.get("/api/snapshot", headers={"Host": "evil.test"}) as answer:
        assert answer.status == 403
    body = json.dumps({"deal": "9001", "values": {"amount": "1"}, "by": ""})
    async with http.post("/api/change", data=body, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415


async def test_every_answer_carries_a_policy_that_runs_our_files_alone(http: ClientSession):
    for path in ("/", "/static/app.js", "/api/snapshot"):
        async with http.get(path) as answer:
            assert answer.status == 200, path
            directives = answer.headers["Content-Security-Policy"].split("; ")
            assert {"default-src 'none'", "script-src 'self'"} <= set(directives), path
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
    async with http.get("/") as answer:
        assert "https://" not in await answer.text()


@pytest.mark.parametrize(
    ("act", "body", "words"),
    [
        ("change", {"deal": "9001", "values": {"dealname": "x"}, "by": ""}, "cannot be edited here"),
        ("change", {"deal": "1", "values": {"amount": "1"}, "by": ""}, "CRM refuses"),
        ("change", {"deal": "9001"}, "asked wrongly"),
        ("reply", {"address": JULIA, "number": 0, "words": "hello"}, "no mail number 0"),
        ("reply", {"address": "x@y.test", "number": 0, "words": "hello"}, "nobody"),
        ("reply", {"address": JULIA, "number": 0, "words": "  "}, "empty"),
        ("say", {"user": "julia", "channel": "#nowhere", "text": "hi", "thread": "", "mention": False}, "#nowhere"),
        ("say", {"user": "tom", "channel": "#brandt-it", "text": "hi", "thread": "", "mention": False}, "not a member"),
        (
            "press",
            {"user": "julia", "channel": "#brandt-it", "ts": "1", "action": "undo", "block": "", "value": None},
            "1",
        ),
        ("fly", {}, "no such act"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(http: ClientSession, act, body, words):
    async with http.post(f"/api/{act}", json=body) as answer:
        assert answer.status in {400, 404}
        assert words in (await answer.json())["error"]


async def test_a_move_stands_in_the_snapshot_with_who_made_it(http: ClientSession):
    async with http.post("/api/change", json={"deal": "9001", "values": {"stage": "75120003"}, "by": "5001"}) as answer:
        assert answer.status == 204
    async with http.get("/api/snapshot") as answer:
        deals = {deal["id"]: deal for deal in (await answer.json())["deals"]}
    assert deals["9002"]["changes"] == []
    (change,) = deals["9001"]["changes"]
    del change["at"]
    assert change == {
        "field": "dealstage",
        "label": "Stage",
        "old": "Qualification",
        "new": "Configure & Quote",
        "who": "Priya Nair",
        "by_app": False,
    }


async def test_the_stream_tells_what_has_changed_without_being_asked_again(http: ClientSession, sandbox: World):
    async with http.get("/api/events") as stream:
        assert stream.content_type == "text/event-stream"
        first = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        sandbox.hubspot.hands.change("deals", "9001", {"amount": "50000"})
        second = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
    amounts = [next(d["amount"] for d in shown["deals"] if d["id"] == "9001") for shown in (first, second)]
    assert amounts == ["40000", "50000"]


async def test_a_reply_goes_to_the_mails_reply_address_and_quotes_all_of_it(http: ClientSession, sandbox: World):
    await deliver(sandbox, NOTICE)
    async with http.post("/api/reply", json={"address": JULIA, "number": 0, "words": "Yes.\n\nThanks"}) as answer:
        assert answer.status == 204
    (raw,) = await sandbox.mail.mails(PARTNER_DESK)
    reply = message_from_bytes(raw, policy=policy.default)
    assert isinstance(reply, EmailMessage)
    assert (reply["To"], reply["Subject"]) == ("partners+token@meridian.example", "Re: Acme rollout")
    assert reply["In-Reply-To"] == "<one@meridian.example>"
    body = reply.get_content().replace("\r\n", "\n")
    assert body.startswith("Yes.\n\nThanks\n\n")
    assert "> Is that right?\n> Second line\n" in body
    async with http.get("/api/snapshot") as answer:
        mails = (await answer.json())["mails"]
    assert [mail["direction"] for mail in mails] == ["in", "out"]
    assert {mail["thread"] for mail in mails} == {"<one@meridian.example>"}
    assert mails[1]["text"] == "Yes.\n\nThanks"


async def test_a_mail_is_a_document_that_can_do_nothing(http: ClientSession, sandbox: World):
    mail = EmailMessage()
    for name in ("From", "To", "Subject", "Message-ID", "Date"):
        mail[name] = NOTICE[name]
    mail.set_content("<p>Hello</p>", subtype="html")
    await deliver(sandbox, mail)
    async with http.get(f"/mail/{JULIA}/0") as answer:
        assert (await answer.text()).strip() == "<p>Hello</p>"
        allowed = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in allowed
    assert "sandbox allow-same-origin" in allowed
    assert "script" not in allowed
    async with http.get(f"/mail/{JULIA}/1") as answer:
        assert answer.status == 404


async def test_a_taken_port_is_named_with_what_to_do(sandbox: World):
    async with serving(sandbox) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(PermanentError, match=f"port {port} is taken.*--port"):
            async with serving(sandbox, port=port):
                pass
