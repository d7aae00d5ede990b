"""A private PostgreSQL for tests: Debian's binaries, loopback only, gone when the tests end.

It forgets everything at a power cut (fsync is off); tests kill our workers, not the server.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.store import upgrade

_numbers = itertools.count(1)
_TEMPLATE = "offportal_template"
_SETTINGS = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c listen_addresses=127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    user: str

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(statement.encode())

    def fresh(self) -> str:
        """The URL of a new database that has our tables."""
        name = f"offportal_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)


def binaries() -> Path | None:
    """Where Debian (or the PATH) has a server, the newest one; None when there is none."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("pg_ctl")
    if installed:
        return installed[-1].parent
    return Path(on_path).parent if on_path else None


@functools.cache
def server() -> Server:
    """Start it, once a test session; about two seconds."""
    found = binaries()
    if found is None:
        raise RuntimeError("no PostgreSQL server is installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="offportal-pg-"))
    user = _unprivileged(home)
    made = Server(port=_free_port(), user=pwd.getpwuid(os.getuid()).pw_name if user is None else user)
    _run(user, home, str(found / "initdb"), "-A", "trust", "-N", "-D", str(home / "data"))
    options = f"-p {made.port} -k {home} {_SETTINGS}"
    log = str(home / "log")
    _run(user, home, str(found / "pg_ctl"), "-w", "-D", str(home / "data"), "-l", log, "-o", options, "start")
    atexit.register(_stop, user, home, found)
    made.run(f"CREATE DATABASE {_TEMPLATE}")
    upgrade(made.url(_TEMPLATE))
    return made


def _unprivileged(home: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as postgres."""
    if os.getuid() != 0:
        return None
    shutil.chown(home, "postgres")
    return "postgres"


def _run(user: str | None, cwd: Path, *command: str) -> None:
    as_user = ["runuser", "-u", user, "--"] if user is not None else []
    subprocess.run([*as_user, *command], check=True, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stop(user: str | None, home: Path, found: Path) -> None:
    _run(user, home, str(found / "pg_ctl"), "-D", str(home / "data"), "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
