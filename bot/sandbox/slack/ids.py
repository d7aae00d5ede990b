"""Slack's identifiers and timestamps, the same in every run. Knows no randomness: a counter is hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Mint:
    """Makes ids such as V0K3ZT61ABC, and message timestamps that are unique and rise within one workspace."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._made = 0
        self._last_us = 0

    def now_s(self) -> int:
        """The world's time in whole seconds since the epoch."""
        return int(self._clock().timestamp())

    def ts(self) -> str:
        """A message's `ts`: seconds, a point, six digits; always later than the one before."""
        self._last_us = max(self._last_us + 1, round(self._clock().timestamp() * 1_000_000))
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def key(self, length: int = 10, *, purpose: str = "") -> str:
        """Upper-case letters and digits that nobody could guess from the outside of a test."""
        self._made += 1
        digest = hashlib.blake2b(f"{purpose}{self._made}".encode(), digest_size=length).digest()
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)

    def id(self, prefix: str) -> str:
        """An object's id: `prefix` is Slack's letter (T, U, B, C, D, V, Ev …)."""
        return f"{prefix}0{self.key(9, purpose=prefix)}"

    def uuid(self) -> str:
        """A lower-case UUID for envelopes and client_msg_id."""
        self._made += 1
        digest = hashlib.blake2b(f"uuid{self._made}".encode(), digest_size=16).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
