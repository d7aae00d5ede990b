"""config.toml: the shipped file is complete, and every fault is named at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app.settings import signer_from
from bot.config import load
from bot.domain.preferences import Topic
from bot.domain.rhythm import Rhythm
from bot.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config.toml"
SLACK = ("OFFPORTAL_SLACK_BOT_TOKEN", "OFFPORTAL_SLACK_APP_TOKEN")
ENVIRON = dict.fromkeys(("HUBSPOT_TOKEN", "OFFPORTAL_SIGNING_SECRET", "MAIL_PASSWORD", *SLACK), "s3cret")


def faults_of(text: str, tmp_path: Path, environ=ENVIRON) -> str:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return str(caught.value)


def test_the_shipped_file_loads_and_its_secrets_are_hidden():
    config = load(SHIPPED, ENVIRON)
    assert config.crm.hubspot is not None
    assert config.crm.hubspot.access_token.reveal() == "s3cret"
    assert "s3cret" not in repr(config)


def test_every_fault_is_named_at_once_with_the_nearest_right_name(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8").replace("poll_every_s", "pol_every_s").replace('"hubspot"', '"sugar"', 1)
    faults = faults_of(text, tmp_path, {})
    assert "did you mean 'poll_every_s'?" in faults
    assert "'sugar'" in faults
    assert "the environment variable HUBSPOT_TOKEN is not set" in faults


def test_a_secret_in_the_file_is_a_fault_and_is_not_repeated(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8").replace('{ env = "HUBSPOT_TOKEN" }', '"pat-eu1-verysecret"')
    faults = faults_of(text, tmp_path)
    assert "secrets never stand in the file" in faults
    assert "verysecret" not in faults


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    text = SHIPPED.read_text(encoding="utf-8").replace('{ env = "HUBSPOT_TOKEN" }', '{ file = "token" }')
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    config = load(tmp_path / "config.toml", ENVIRON)
    assert config.crm.hubspot is not None
    assert config.crm.hubspot.access_token.reveal() == "from-file"


def test_subscriptions_are_of_topics_that_exist(tmp_path):
    config = load(SHIPPED, ENVIRON, {"crm": {"hubspot": {"subscriptions": {"incentive": "5302"}}}})
    assert config.crm.hubspot.subscriptions == {Topic.INCENTIVE: "5302"}
    text = SHIPPED.read_text(encoding="utf-8").replace('# incentive = "5302"', 'incentives = "5302"')
    assert "crm.hubspot.subscriptions" in faults_of(text, tmp_path)


def test_overrides_replace_single_keys():
    config = load(SHIPPED, ENVIRON, {"mail": {"smtp": {"port": 2525}}})
    assert config.mail is not None
    assert (config.mail.smtp.port, config.mail.smtp.host) == (2525, "127.0.0.1")


SHOWN = next(
    line.partition(" #")[0] for line in SHIPPED.read_text(encoding="utf-8").splitlines() if line.startswith("shown =")
)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (r'"by mx\\.sandbox\\.test"', '"("', "mail.own_received_by: '(': is no regular expression"),
        ('host = "127.0.0.1"\nport = 8825', 'host = "relay.example"\nport = 8825', "unencrypted"),
        ('host = "127.0.0.1"\nport = 8843', 'host = "imap.example"\nport = 8843', "unencrypted"),
        ('name = "Meridian Partner Desk"          #', 'name = " " #', "programme.name: ' ': is empty"),
        (
            SHOWN,
            "shown = []",
            "policy.shown is empty",
        ),
    ],
    ids=["a broken pattern", "smtp without TLS", "imap without TLS", "a nameless programme", "nothing to be shown"],
)
def test_what_would_fail_or_leak_later_is_a_fault_at_once(tmp_path, old, new, fault):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    assert fault in faults_of(text.replace(old, new, 1), tmp_path)


def test_without_mail_somebody_must_hear_of_trouble_in_slack(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8").replace("managers_channel = ", "# managers_channel = ")
    text = re.sub(r"^\[mail.*?(?=^\[slack\])", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "slack.managers_channel: without [mail]" in faults_of(text, tmp_path)


def test_the_shipped_rhythm_is_that_of_the_programme_and_each_span_may_be_off():
    assert load(SHIPPED, ENVIRON).rhythm.rhythm() == Rhythm()
    off = {"rhythm": {"stalled_days": 0, "notes_days": 0, "action_days": 0, "follow_up_hours": 0}}
    assert load(SHIPPED, ENVIRON, off).rhythm.rhythm().shortest() is None


def test_announcements_are_checked_too(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8")
    faults = faults_of(text.replace('timezone = "Europe/Berlin"               #', 'timezone = "Berlin" #'), tmp_path)
    assert "'Berlin' is no time zone such as Europe/Berlin" in faults
    faults = faults_of(text.replace('"tier:gold motion:reseller"', '"tier:gold ("'), tmp_path)
    assert "segments.gold-resellers" in faults


def test_a_dkim_key_that_is_none_is_a_fault():
    dkim = {"mail": {"dkim": {"selector": "op1", "key": {"env": "MAIL_PASSWORD"}}}}
    config = load(SHIPPED, ENVIRON, dkim)
    assert config.mail is not None
    with pytest.raises(ConfigError, match=r"mail\.dkim\.key: is no private key in PEM"):
        signer_from(config.mail)
