"""config.toml as typed values, checked whole: every fault is named with what would be right. Holds no secret itself:
a secret is named by the environment variable or the file that holds it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, model_validator

from bot.config.kinds import Address, Pattern, Port, Said, Secret, Section
from bot.config.motions import MotionConfig
from bot.config.registration import RegistrationConfig
from bot.config.rhythm import RhythmConfig
from bot.domain.deals import DealField
from bot.domain.partners import Channel, Motion
from bot.domain.policy import Item, Rule
from bot.domain.preferences import Topic
from bot.errors import ConfigError

LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt")


class ProgrammeConfig(Section):
    name: Said
    languages: tuple[str, ...] = LANGUAGES
    default_language: str = "en"
    manager_language: str = "en"
    fallback_manager: Address | None = None
    colleagues_may_answer: bool = True
    answers_per_hour: Annotated[int, Field(ge=1)] = 20


class PropertiesConfig(Section):
    """Our word = the portal's property, where it has another name than the default. `facts` are further words for
    segments, such as size = "company.numberofemployees"."""

    deal: dict[str, str] = {}
    company: dict[str, str] = {}
    contact: dict[str, str] = {}
    facts: dict[str, str] = {}


class HubSpotConfig(Section):
    base_url: str = "https://api.hubapi.com"
    access_token: Secret
    api: Literal["2026-09", "v3"] = "2026-09"
    portal_id: str | None = None
    calls_per_10_s: Annotated[int, Field(ge=1)] = 100
    active_statuses: frozenset[str] = frozenset({"active"})
    properties: PropertiesConfig = PropertiesConfig()
    subscriptions: dict[Topic, str] = {}
    pipelines: dict[Motion, str] = {}


class CRMConfig(Section):
    kind: Literal["hubspot"] = "hubspot"
    poll_every_s: Annotated[float, Field(gt=0)] = 15.0
    watched: tuple[DealField, ...] = (
        DealField.STAGE,
        DealField.AMOUNT,
        DealField.CURRENCY,
        DealField.CLOSE_DATE,
        DealField.NEXT_STEP,
    )
    hubspot: HubSpotConfig


class OAuthConfig(Section):
    """Client credentials (Microsoft 365: RFC 6749 4.4) or a service account's key (Google: RFC 7523)."""

    flow: Literal["client_credentials", "service_account"]
    token_url: str
    scope: str
    client_id: str | None = None
    client_secret: Secret | None = None
    key: Secret | None = None
    subject: str | None = None


class ServerConfig(Section):
    host: str
    port: Port
    tls: Literal["none", "starttls", "tls"] = "tls"
    ca_file: Path | None = None
    username: str | None = None
    password: Secret | None = None
    oauth: OAuthConfig | None = None

    @model_validator(mode="after")
    def _encrypted_outside(self) -> ServerConfig:
        if self.tls == "none" and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError('tls = "none" would send the password and every mail unencrypted: use "tls"')
        return self


class SMTPConfig(ServerConfig):
    connections: Annotated[int, Field(ge=1, le=50)] = 1
    local_hostname: str | None = None


class IMAPConfig(ServerConfig):
    tls: Literal["none", "tls"] = "tls"
    mailbox: str = "INBOX"
    move_to: str | None = None
    first_days: Annotated[int, Field(ge=0)] = 2
    max_size_mb: Annotated[int, Field(ge=1, le=100)] = 25


class MailConfig(Section):
    address: Address
    name: str
    signing_secret: Secret
    older_signing_secrets: tuple[Secret, ...] = ()
    trusted_authserv_ids: tuple[str, ...] = ()
    own_received_by: Pattern | None = None
    require_authentication: bool = True
    smtp: SMTPConfig
    imap: IMAPConfig


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
    shown: frozenset[DealField] = frozenset(
        {
            DealField.STAGE,
            DealField.AMOUNT,
            DealField.CURRENCY,
            DealField.CLOSE_DATE,
            DealField.NEXT_STEP,
            DealField.PROTECTED_UNTIL,
            DealField.REGISTRATION_STATUS,
        }
    )
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
        if self.programme.default_language not in self.programme.languages:
            faults.append("programme.default_language is not among programme.languages")
        if faults:
            raise ValueError("; ".join(faults))
        return self


def load(path: Path, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read and check config.toml.

    Args:
        path: The file.
        environ: Where secrets named by `env` are looked up.
        overrides: Nested tables that replace keys of the file (the demo's ports).

    Raises:
        ConfigError: Every fault of the file at once, with the key, what is wrong and what would be right.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError([f"{path}: there is no such file; copy config.toml from the project and edit it"]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError([f"{path}: {exc}"]) from exc
    raw = _merged(raw, overrides or {})
    faults: list[str] = []
    filled = _with_secrets(raw, environ, path.parent, "", faults)
    try:
        config = Config.model_validate(filled)
    except ValidationError as exc:
        faults += [_sentence(error) for error in exc.errors()]
        raise ConfigError(faults) from exc
    if faults:
        raise ConfigError(faults)
    return config


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged


def _with_secrets(raw: Any, environ: Mapping[str, str], folder: Path, where: str, faults: list[str]) -> Any:
    """Fill in the values of {env=…} and {file=…} tables."""
    if isinstance(raw, list):
        return [_with_secrets(v, environ, folder, where, faults) for v in raw]
    if not isinstance(raw, dict):
        return raw
    match raw:
        case {"env": str(name)} if len(raw) == 1:
            if not environ.get(name):
                faults.append(f"{where}: the environment variable {name} is not set; set it to the secret")
            return {"env": name, "value": environ.get(name, "")}
        case {"file": str(name)} if len(raw) == 1:
            try:
                return {"file": name, "value": (folder / name).read_text(encoding="utf-8").strip()}
            except OSError as exc:
                faults.append(f"{where}: the file {name} cannot be read ({exc.strerror}); put the secret there")
                return {"file": name, "value": ""}
    return {k: _with_secrets(v, environ, folder, f"{where}.{k}".lstrip("."), faults) for k, v in raw.items()}


def _sentence(error: Any) -> str:
    """A fault in words: where, what is wrong, what would be right."""
    path = [str(p) for p in error["loc"]]
    where = ".".join(path) or "config"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], list(_keys_at(path[:-1])), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(_keys_at(path[:-1])))}"
        return f"{where}: unknown key{hint}"
    if error["type"] == "missing":
        return f"{where}: is missing"
    given, message = error.get("input"), error["msg"].removeprefix("Value error, ")
    plain = isinstance(given, str | int | float) and not message.startswith("secrets never")
    return f"{where}: {given!r}: {message}" if plain else f"{where}: {message}"


def _keys_at(path: list[str]) -> Iterator[str]:
    """The keys that the table at this path knows."""
    model: Any = Config
    for part in path:
        field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = _section_of(field.annotation) if field is not None else None
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield from (name for name in model.model_fields if name != "value")


def _section_of(annotation: Any) -> Any:
    if get_origin(annotation) is None:
        return annotation
    return next((a for a in get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)), None)
