"""offportal announce: what its author is shown, what is refused, and how announcements stand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from bot.cli import announce
from bot.config import Config
from bot.domain.preferences import Cadence, Preferences, Topic
from tests.integration.cli.test_registration import SECRETS, SHIPPED
from tests.integration.handlers.desk import desk

FILE = '+++\nslug = "q1"\nkind = "incentive"\nlanguage = "de"\n+++\nSubject: Fünf Prozent\n\nGuten Tag {name}\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command over a desk whose contact C2 wants none of it; returns what it said."""
    for name in SECRETS:
        monkeypatch.setenv(name, "x" * 40)
    file = tmp_path / "q1.md"
    file.write_text(FILE, encoding="utf-8")

    @asynccontextmanager
    async def opened(_config: Config) -> AsyncIterator[SimpleNamespace]:
        async with desk(tmp_path, slack=False) as running:
            await running.crm.save_preferences("C2", Preferences(cadences={Topic.INCENTIVE: Cadence.OFF}))
            yield SimpleNamespace(services=running.services, store=running.store)
            await running.settle()

    monkeypatch.setattr(announce, "application", SimpleNamespace(opened=opened))

    def told(*arguments: str, answer: str = "") -> Result:
        words = [str(file) if word == "FILE" else word for word in arguments]
        return CliRunner().invoke(announce.announce, [*words, "--config", str(SHIPPED)], input=answer)

    return told


def test_a_dry_run_shows_who_gets_it_and_who_does_not_and_sends_nothing(run):
    said = run("FILE", "--to", "everyone", "--dry-run")
    assert said.exit_code == 0, said.output
    assert "q1 (incentive) to everyone, now: 2 people" in said.output
    assert "2 by email in en" in said.output
    assert "1 left out: off" in said.output
    assert "no text in en: they read the one in de" in said.output
    assert "nothing" in run("list").output


def test_it_is_sent_after_a_yes_and_reported(run):
    assert run("FILE", "--to", "everyone", answer="n\n").exit_code == 1
    assert "nothing" in run("list").output
    said = run("FILE", "--to", "everyone", answer="y\n")
    assert "Send it to 2?" in said.output
    assert said.exit_code == 0, said.output
    rows = [json.loads(line) for line in run("report", "q1", "--json").output.splitlines()]
    assert rows == [{"what": "sent", "why": "", "people": 2}, {"what": "skipped", "why": "off", "people": 1}]
    assert json.loads(run("list", "--json").output)["state"] == "sent"
    again = run("FILE", "--to", "everyone", "--yes")
    assert "there is one of this name" in str(again.exception)


def test_one_that_waits_for_its_time_is_corrected_and_cancelled(run):
    said = run("FILE", "--to", "partner:P2", "--at", "2199-01-11 09:00", "--in-their-timezone", "--yes")
    assert "at 2199-01-11 09:00 of their own clocks: 1 people" in said.output
    assert "version 2" in run("correct", "q1", "FILE").output
    assert "cannot be paused" in str(run("pause", "q1").exception)
    assert "q1 is cancelled" in run("cancel", "q1").output
    assert "it is cancelled and cannot be resumed" in str(run("resume", "q1").exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "tier:platinum"], "--to: tier"),
        (["--to", "teir:gold"], "did you mean tier?"),
        ([], "say whom it is for"),
        (["--to", "everyone", "--at", "2020-01-01 09:00"], "is past"),
        (["--to", "everyone", "--at", "soon"], "write a day and a time"),
        (["--to", "everyone", "--in-their-timezone"], "needs --at"),
        (["--to", "not everyone"], "nobody would get it"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_would_be_right(run, arguments: list[str], said: str):
    result = run("FILE", *arguments, "--yes")
    assert result.exit_code != 0
    assert said in str(result.exception)


def test_faults_of_the_file_are_named(run, tmp_path: Path):
    bad = tmp_path / "bad.md"
    bad.write_text("+++\nslug = 'X'\n+++\nhello")
    result = run(str(bad), "--to", "everyone")
    assert "bad.md: slug: 'X'" in str(result.exception)
    assert 'begin with a line "Subject: …"' in str(result.exception)
