"""All of config.toml as one value, and what has to fit together in it. Holds no secret itself: a secret is named by the
environment variable or the file that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.config.announcements import AnnouncementsConfig
from bot.config.crm import CRMConfig
from bot.config.kinds import Address, Port, Said, Secret, Section
from bot.config.mail import MailConfig
from bot.config.motions import MotionConfig
from bot.config.registration import RegistrationConfig
from bot.config.rhythm import RhythmConfig
from bot.domain.deals import DealField
from bot.domain.partners import Channel, Motion
from bot.domain.policy import SHOWN, SHOWN_TO_SHARERS, Item, Rule

LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt")


class ProgrammeConfig(Section):
    name: Said
    languages: tuple[str, ...] = LANGUAGES
    default_language: str = "en"
    manager_language: str = "en"
    fallback_manager: Address | None = None
    colleagues_may_answer: bool = True
    answers_per_hour: Annotated[int, Field(ge=1)] = 20


class SlackConfig(Section):
    mode: Literal["socket", "http"] = "socket"
    base_url: str = "https://slack.com/api/"
    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    managers_channel: str | None = None
    partner_teams: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _mode_has_its_secret(self) -> SlackConfig:
        if self.mode == "socket" and self.app_token is None:
            raise ValueError('mode = "socket" needs app_token, such as { env = "OFFPORTAL_SLACK_APP_TOKEN" }')
        if self.mode == "http" and self.signing_secret is None:
            raise ValueError('mode = "http" needs signing_secret, such as { env = "OFFPORTAL_SLACK_SIGNING_SECRET" }')
        return self


class StoreConfig(Section):
    url: str = "sqlite:///var/offportal.sqlite"
    keep_days: Annotated[int, Field(ge=1)] = 400


class PolicyConfig(Section):
    """Rules by the contact's role, then by what is changed."""

    rules: dict[str, dict[Item, Rule]] = {}
    default: Rule = Rule.APPLY
    shown: frozenset[DealField] = SHOWN
    shown_to_sharers: frozenset[DealField] = SHOWN_TO_SHARERS
    channels: tuple[Channel, ...] = (Channel.EMAIL, Channel.SLACK)


class WorkerConfig(Section):
    name: str | None = None
    concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    clock_ahead_file: Path | None = None


class WebConfig(Section):
    listen: str = "127.0.0.1"
    port: Port


class UnderstandingConfig(Section):
    """`proposer` is "module:factory": a function without arguments that makes a bot.ports.Proposer."""

    proposer: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    proposer_timeout_s: float = Field(default=10, gt=0, le=60)


class LogConfig(Section):
    format: Literal["auto", "json", "human"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Section):
    programme: ProgrammeConfig
    crm: CRMConfig
    mail: MailConfig | None = None
    slack: SlackConfig | None = None
    store: StoreConfig = StoreConfig()
    policy: PolicyConfig = PolicyConfig()
    registration: RegistrationConfig = RegistrationConfig()
    rhythm: RhythmConfig = RhythmConfig()
    announcements: AnnouncementsConfig = AnnouncementsConfig()
    motions: dict[Motion, MotionConfig] = {}
    understanding: UnderstandingConfig = UnderstandingConfig()
    worker: WorkerConfig = WorkerConfig()
    web: WebConfig | None = None
    log: LogConfig = LogConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        faults = []
        if self.mail is None and self.slack is None:
            faults.append("neither [mail] nor [slack] is there: nobody could be told anything")
        if self.mail is None and self.slack is not None and self.slack.managers_channel is None:
            faults.append("slack.managers_channel: without [mail] somebody must hear of trouble in Slack; set it")
        if self.mail and self.mail.require_authentication and not self.mail.trusted_authserv_ids:
            faults.append(
                "mail.trusted_authserv_ids is empty: no mail would count as authenticated; name your server's id"
            )
        if self.programme.fallback_manager is None and (self.slack is None or self.slack.managers_channel is None):
            faults.append(
                "programme.fallback_manager or slack.managers_channel: set one: somebody must hear of trouble"
            )
        unknown = [code for code in self.programme.languages if code not in LANGUAGES]
        faults += [f"programme.languages: {code!r} is not one of {', '.join(LANGUAGES)}" for code in unknown]
        if not self.policy.shown:
            faults.append("policy.shown is empty: no change could be told; name the fields that partners may see")
        if DealField.CREDITS in self.policy.shown | self.policy.shown_to_sharers:
            faults.append("policy: credits names other partners and their shares: no partner may see it; name share")
        if self.programme.default_language not in self.programme.languages:
            faults.append("programme.default_language is not among programme.languages")
        if faults:
            raise ValueError("; ".join(faults))
        return self
