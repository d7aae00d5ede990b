"""[mail] of config.toml: the mailbox, how to log in, and whom to believe. Sends nothing
unencrypted to another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.config.kinds import Address, Pattern, Port, Secret, Section


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


class DkimConfig(Section):
    """`key` in PEM, RSA or Ed25519; `domain` is the sender's when it is left out."""

    selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,60}[A-Za-z0-9])?$")]
    key: Secret
    domain: str | None = None


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
    dkim: DkimConfig | None = None
