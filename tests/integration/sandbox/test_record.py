from __future__ import annotations

import json
from pathlib import Path

from bot.sandbox.record import Recorder


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_a_request_can_be_read_by_another_process_before_the_recorder_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    recorder = Recorder(path, clock=lambda: 12.5)
    recorder.write("hubspot", "GET", "/crm/v3/objects/deals", {"limit": ["2"]}, {"Accept": "application/json"}, "")
    recorder.write("smtp", "RCPT", "ann@partner.test", {}, {}, "")
    assert _lines(path) == [
        {
            "n": 1,
            "t": 12.5,
            "kind": "hubspot",
            "method": "GET",
            "path": "/crm/v3/objects/deals",
            "query": {"limit": ["2"]},
            "headers": {"Accept": "application/json"},
            "body": "",
        },
        {
            "n": 2,
            "t": 12.5,
            "kind": "smtp",
            "method": "RCPT",
            "path": "ann@partner.test",
            "query": {},
            "headers": {},
            "body": "",
        },
    ]
    recorder.close()


def test_secrets_never_reach_the_file(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with Recorder(path) as recorder:
        recorder.write(
            "slack",
            "POST",
            "/api/chat.postMessage",
            {"token": "hush-1"},
            {"authorization": "Bearer hush-2", "Cookie": "d=hush-3; e=hush-4", "X-Plain": "seen"},
            "{}",
        )
    assert "hush" not in path.read_text("ascii")
    assert _lines(path)[0]["headers"] == {
        "authorization": "Bearer [redacted]",
        "Cookie": "[redacted]",
        "X-Plain": "seen",
    }


def test_the_bytes_of_a_mail_survive_whatever_they_are(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    mail = bytes(range(256)) + "Grüße\r\n".encode()
    with Recorder(path) as recorder:
        recorder.write("smtp", "DATA", "", {}, {}, mail)
    assert str(_lines(path)[0]["body"]).encode("utf-8", "surrogateescape") == mail


def test_without_a_path_nothing_is_recorded() -> None:
    with Recorder(None) as recorder:
        recorder.write("imap", "LOGIN", "", {}, {}, "")
