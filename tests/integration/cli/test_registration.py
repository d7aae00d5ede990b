"""offportal registration: what a person at the keyboard, and a script, are told of claims."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.common import show_rows
from bot.cli.main import cli
from bot.domain.actions import Draft
from bot.domain.partners import Channel, Motion
from bot.domain.registrations import Effect, Finding, HistoryEntry, Registration, State
from bot.ports import Received
from bot.store import Database, SqlStore
from tests.databases import fresh

SHIPPED = Path(__file__).parents[3] / "config.toml"
SECRETS = (
    "HUBSPOT_TOKEN",
    "OFFPORTAL_SIGNING_SECRET",
    "MAIL_PASSWORD",
    "OFFPORTAL_SLACK_BOT_TOKEN",
    "OFFPORTAL_SLACK_APP_TOKEN",
)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLAIM = Registration(
    id=0,
    key="1",
    number="",
    state=State.REFUSED,
    partner_id="20001",
    contact_id="40001",
    conversation_id=1,
    inbound_id=1,
    claimed_at=NOON,
    draft=Draft(
        company="Müller & Söhne", contact_email="eva@mueller.example", amount=Decimal("60000.50"), currency="EUR"
    ),
    motion=Motion.RESELLER,
    company_key="muller sohne",
    domain="mueller.example",
    findings=(Finding(rule="other_claim", effect=Effect.REFUSE, internal="REG-7 of Contoso, approved"),),
    decided_at=NOON + timedelta(hours=2),
    decided_by="Marc Weber",
    reason="The account is taken.",
)
WAITS = replace(
    CLAIM,
    key="2",
    state=State.SUBMITTED,
    partner_id="20002",
    draft=Draft(company="Acme", close_date=date(2027, 3, 31)),
    claimed_at=NOON + timedelta(days=1),
    due_at=NOON + timedelta(days=3),
    findings=(),
    decided_at=None,
)
HISTORY = (
    HistoryEntry(at=NOON, event="claimed", by="Eva", text="by email"),
    HistoryEntry(at=NOON + timedelta(hours=2), event="refused", by="Marc Weber", text="The account is taken."),
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config.toml over a store with two claims."""
    for name in SECRETS:
        monkeypatch.setenv(name, "a-secret-of-thirty-two-letters-or-more")
    url = fresh("sqlite", tmp_path)
    asyncio.run(fill(url))
    text = re.sub(r"(?ms)^\[store\]\n.*?(?=^\[)", f'[store]\nurl = "{url}"\n\n', SHIPPED.read_text(encoding="utf-8"))
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def fill(url: str) -> None:
    db = Database(url)
    async with SqlStore(db, clock=lambda: NOON).unit() as unit:
        await unit.receive(Received(channel=Channel.EMAIL, key="k", raw=b"", size_bytes=0, received_at=NOON))
        for claim in (CLAIM, WAITS):
            await unit.add_registration(claim, number_format="REG-{n}")
        for entry in HISTORY:
            await unit.add_history(1, entry)
    await db.close()


def offportal(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["registration", *arguments, "--config", str(config)])


def numbers(config: Path, *arguments: str) -> list[str]:
    result = offportal(config, "list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line)["number"] for line in result.stdout.splitlines()]


def test_claims_are_listed_the_newest_first_and_by_state_and_partner(config: Path):
    assert numbers(config) == ["REG-1002", "REG-1001"]
    assert numbers(config, "--state", "refused") == ["REG-1001"]
    assert numbers(config, "--state", "refused", "--state", "submitted") == ["REG-1002", "REG-1001"]
    assert numbers(config, "--partner", "20002") == ["REG-1002"]
    assert numbers(config, "--partner", "20002", "--state", "refused") == []
    assert numbers(config, "--limit", "1") == ["REG-1002"]


def test_the_table_is_for_people(config: Path):
    said = offportal(config, "list").stdout
    assert said.splitlines()[0].split()[:3] == ["number", "claimed", "at"]
    assert "60000.50 EUR" in said
    assert "None" not in said


def test_words_that_look_like_markup_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]):
    show_rows([{"company": "Acme [EMEA] [/bold] :phone:"}], as_json=False)
    assert "Acme [EMEA] [/bold] :phone:" in capsys.readouterr().out


def test_a_state_that_is_none_is_refused_with_those_that_are(config: Path):
    result = offportal(config, "list", "--state", "lost")
    assert result.exit_code == 2
    assert "withdrawn" in result.output


def test_one_is_shown_with_its_whole_history_and_the_reasons(config: Path):
    said = offportal(config, "show", "reg-1001").stdout
    assert said.startswith("REG-1001 · deal · refused\n")
    for what in (
        "2026-11-24 14:00 UTC by Marc Weber", "Müller & Söhne · mueller.example", "offportal inbox show 1",
        "other_claim (refuse) REG-7 of Contoso, approved", "by email",
    ):  # fmt: skip
        assert what in said
    assert said.index("claimed  ") < said.index("refused  ")
    assert "None" not in said


def test_a_promise_is_shown_while_it_is_open(config: Path):
    assert "due:        2026-11-27 12:00 UTC" in offportal(config, "show", "REG-1002").stdout
    assert "due:" not in offportal(config, "show", "REG-1001").stdout


def test_a_script_gets_everything_exactly(config: Path):
    shown = json.loads(offportal(config, "show", "REG-1001", "--json").stdout)
    assert shown["draft"]["amount"] == "60000.50"
    assert shown["claimed_at"] == "2026-11-24T12:00:00+00:00"
    assert (shown["state"], shown["motion"], shown["findings"][0]["effect"]) == ("refused", "reseller", "refuse")
    assert [(e["event"], e["by"]) for e in shown["history"]] == [("claimed", "Eva"), ("refused", "Marc Weber")]


@pytest.mark.parametrize(("said", "meant"), [("REG-1020", "REG-1002"), ("1001", "REG-1001"), ("reg1002", "REG-1002")])
def test_a_number_that_is_none_gets_the_nearest_that_is(config: Path, said: str, meant: str):
    result = offportal(config, "show", said)
    assert result.exit_code != 0
    assert f"did you mean {meant}?" in str(result.exception)


def test_an_empty_store_says_so(config: Path):
    text = config.read_text(encoding="utf-8").replace("store.sqlite", "new.sqlite")
    config.write_text(text, encoding="utf-8")
    assert numbers(config) == []
    assert offportal(config, "list").stdout == "nothing\n"
    assert "there is none yet" in str(offportal(config, "show", "REG-1001").exception)
