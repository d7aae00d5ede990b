"""`offportal sandbox …`: each service alone, as a process of its own, with its requests on record."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from smtplib import SMTP

import aiohttp

from bot.sandbox.world import demo_world


def free_port() -> int:
    """A port whose successor is free as well."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return int(port)


@asynccontextmanager
async def running(service: str, record: Path, *more: str) -> AsyncIterator[int]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "sandbox", service, "--port", str(port), "--record", str(record), *more),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert b"listens" in await process.stdout.readline()
        yield port
    finally:
        process.kill()
        await process.wait()


def recorded(record: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in record.read_text(encoding="ascii").splitlines()]


async def test_hubspot_serves_a_seed_and_records_requests(tmp_path):
    seed = demo_world()
    seed["deals"][0]["properties"]["dealname"] = "Another name"
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    record = tmp_path / "asked.jsonl"
    async with running("hubspot", record, "--seed", str(file)) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/crm/objects/2026-09/deals/9001"
        async with session.get(url, headers={"Authorization": "Bearer pat-sandbox-0001"}) as answer:
            assert (await answer.json())["properties"]["dealname"] == "Another name"
    (line,) = recorded(record)
    assert (line["kind"], line["method"], line["path"]) == ("hubspot", "GET", "/crm/objects/2026-09/deals/9001")
    assert "pat-sandbox" not in str(line)


async def test_slack_serves_its_api(tmp_path):
    record = tmp_path / "asked.jsonl"
    async with running("slack", record) as port, aiohttp.ClientSession() as session:
        headers = {"Authorization": "Bearer xoxb-0MERIDIAN-0OFFPORTAL-sandbox"}
        async with session.post(f"http://127.0.0.1:{port}/api/auth.test", headers=headers) as answer:
            assert (await answer.json())["ok"] is True
    assert recorded(record)[0]["path"] == "/api/auth.test"


async def test_mail_takes_a_mail(tmp_path):
    record = tmp_path / "asked.jsonl"
    async with running("mail", record) as port:
        with SMTP("127.0.0.1", port, timeout=60) as smtp:
            smtp.sendmail("a@b.example", ["partners@meridian.example"], b"Subject: hi\r\n\r\nhello\r\n")
    assert any(line["method"] == "DATA" and "hello" in str(line["body"]) for line in recorded(record))
