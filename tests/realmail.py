"""Debian's Postfix and Dovecot on free loopback ports, for tests marked `realmail`. Lets no mail out.

Use it with `pytest_plugins = ["tests.realmail"]` in a test module and the fixture `realmail`, or `running` with
accounts of your own. Needs root and the packages postfix, dovecot-imapd and dovecot-lmtpd; settings of Dovecot 2.3
and 2.4 differ, both are here.

Postfix vouches for a logged-in sender as a DMARC filter does for a foreign one: it strips what claims to be its
verdict (RFC 8601 section 5) and writes its own, for the domain of the login, never of From.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

ACCOUNTS = {"bot@vendor.test": "botpw", "ann@partner.test": "annpw"}
ALIASES = {"reply@vendor.test": "bot@vendor.test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RealMail:
    """Where the servers listen; `accounts` maps addresses to passwords, `ca_file` is whom to trust."""

    host: str
    smtp_port: int
    imap_port: int
    imaps_port: int
    ca_file: Path
    accounts: Mapping[str, str]
    home: Path

    def restart_imap_sessions(self) -> None:
        """End every IMAP session, as an administrator does."""
        subprocess.run(["doveadm", "-c", self.home / "dovecot.conf", "kick", "*"], check=False, capture_output=True)


@pytest.fixture(scope="session")
def realmail() -> Iterator[RealMail]:
    """The two servers, started once for all tests; skipped where they are not installed."""
    with running(ACCOUNTS) as mail:
        yield mail


@contextmanager
def running(accounts: Mapping[str, str]) -> Iterator[RealMail]:
    """The two servers with these accounts (address: password); the test is skipped where they are not installed."""
    why_not = _why_not()
    if why_not:
        pytest.skip(why_not)
    home = Path(tempfile.mkdtemp(prefix="realmail-"))
    mail = _configure(home, accounts)
    try:
        _run("dovecot", "-c", home / "dovecot.conf")
        _run("postfix", "-c", home / "postfix", "start")
        for port in (mail.smtp_port, mail.imap_port):
            _wait_for(port)
        yield mail
    finally:
        subprocess.run(["postfix", "-c", home / "postfix", "stop"], check=False, capture_output=True)
        _end_dovecot(home)
        shutil.rmtree(home, ignore_errors=True)


def _why_not() -> str | None:
    if os.geteuid() != 0:
        return "postfix and dovecot can only be started as root"
    missing = [name for name in ("postfix", "dovecot", "doveadm") if shutil.which(name, path=_path()) is None]
    return f"not installed: {', '.join(missing)} (apt install postfix dovecot-imapd dovecot-lmtpd)" if missing else None


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _run(*command: str | Path) -> str:
    """Run a command that may leave daemons behind, which therefore must not inherit a pipe."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, check=False, stdout=output, stderr=output, env=os.environ | {"PATH": _path()}, timeout=60
        )
        output.seek(0)
        said = output.read()
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {said}")
    return said


def _end_dovecot(home: Path) -> None:
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        master = int((home / "run" / "master.pid").read_text())
        os.kill(master, signal.SIGTERM)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            os.kill(master, 0)
            time.sleep(0.05)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nobody listens on port {port}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _configure(home: Path, accounts: Mapping[str, str]) -> RealMail:
    smtp, imap, imaps, lmtp, sasl = _free_ports(5)
    home.chmod(0o755)
    for name in ("run", "mail", "postfix", "spool", "data"):
        (home / name).mkdir()
    shutil.chown(home / "mail", "mail", "mail")
    shutil.chown(home / "data", "postfix")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home / "ca.pem"))
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(str(home / "tls.key"))
    (home / "tls.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    users = "".join(f"{address}:{{PLAIN}}{password}::::::\n" for address, password in accounts.items())
    (home / "users").write_text(users)
    values = {"D": str(home), "SMTP": smtp, "IMAP": imap, "IMAPS": imaps, "LMTP": lmtp, "SASL": sasl}
    version = _run("dovecot", "--version")
    dovecot = _DOVECOT_23 if version.startswith("2.3") else _DOVECOT_24
    (home / "dovecot.conf").write_text(_filled(dovecot, values))
    (home / "postfix" / "main.cf").write_text(_filled(_POSTFIX_MAIN, values | _maps(accounts)))
    (home / "postfix" / "master.cf").write_text(_filled(_POSTFIX_MASTER, values))
    return RealMail(
        host="127.0.0.1",
        smtp_port=smtp,
        imap_port=imap,
        imaps_port=imaps,
        ca_file=home / "ca.pem",
        accounts=accounts,
        home=home,
    )


def _maps(accounts: Mapping[str, str]) -> dict[str, str]:
    stamp = f"X-Logged-In-{secrets.token_hex(8)}"  # unknown to senders: nobody else can have a verdict written
    logins = (f"{{{address}=PREPEND {stamp}: {address.partition('@')[2]}}}" for address in accounts)
    return {
        "STAMP": stamp,
        "LOGINS": ", ".join(logins),
        "DOMAINS": ", ".join(sorted({address.partition("@")[2] for address in accounts})),
        "MAILBOXES": ", ".join(f"{{{address}=1}}" for address in accounts),
        "ALIASES": ", ".join(f"{{{alias}={address}}}" for alias, address in ALIASES.items()),
    }


def _filled(template: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        template = template.replace(f"${name}$", str(value))
    return template


_SERVICES = """
service imap-login {
  inet_listener imap {
    port = $IMAP$
  }
  inet_listener imaps {
    port = $IMAPS$
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    $ADDRESS$ = 127.0.0.1
    port = $LMTP$
  }
}
service auth {
  inet_listener sasl {
    $ADDRESS$ = 127.0.0.1
    port = $SASL$
  }
}
mail_max_userip_connections = 50
"""

_DOVECOT_23 = (
    """
protocols = imap lmtp
listen = 127.0.0.1
hostname = mail.vendor.test
base_dir = $D$/run
state_dir = $D$/run
log_path = $D$/dovecot.log
ssl = yes
ssl_cert = <$D$/tls.pem
ssl_key = <$D$/tls.key
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
recipient_delimiter = +
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = username_format=%u $D$/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$D$/mail/%u
}
"""
    + _SERVICES.replace("$ADDRESS$", "address")
    + "service anvil {\n  chroot =\n}\n"
)

_DOVECOT_24 = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap lmtp
listen = 127.0.0.1
hostname = mail.vendor.test
base_dir = $D$/run
state_dir = $D$/run
log_path = $D$/dovecot.log
ssl = yes
ssl_server {
  cert_file = $D$/tls.pem
  key_file = $D$/tls.key
}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/Maildir
mail_home = $D$/mail/%{user}
mail_uid = mail
mail_gid = mail
recipient_delimiter = +
first_valid_uid = 1
passdb passwd-file {
  passwd_file_path = $D$/users
}
userdb static {
}
""" + _SERVICES.replace("$ADDRESS$", "listen")

_POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = $D$/spool
data_directory = $D$/data
maillog_file = $D$/postfix.log
maillog_file_prefixes = $D$
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.vendor.test
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
disable_dns_lookups = yes
recipient_delimiter = +
virtual_mailbox_domains = $DOMAINS$
virtual_mailbox_maps = inline:{ $MAILBOXES$ }
virtual_alias_maps = inline:{ $ALIASES$ }
virtual_transport = lmtp:inet:127.0.0.1:$LMTP$
lmtp_destination_recipient_limit = 1
relay_transport = error:5.7.1 no relay
default_transport = error:5.7.1 nothing leaves this machine
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$SASL$
smtpd_tls_cert_file = $D$/tls.pem
smtpd_tls_key_file = $D$/tls.key
smtpd_tls_security_level = may
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtputf8_enable = yes
smtpd_error_sleep_time = 0
smtpd_recipient_limit = 1000
smtpd_sender_restrictions = check_sasl_access inline:{ $LOGINS$ }
header_checks = regexp:{
  {/^((X-Original|ARC)-)?Authentication-Results:/ IGNORE},
  {/^$STAMP$: (.*)/ REPLACE Authentication-Results: mail.vendor.test; dmarc=pass header.from=$$1} }
"""

_POSTFIX_MASTER = """
127.0.0.1:$SMTP$ inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""
