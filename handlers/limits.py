"""Bounds on how often something is done, remembered in the store."""

from __future__ import annotations

from datetime import datetime

from bot.ports import Unit


async def within(unit: Unit, key: str, limit: int, *, now: datetime) -> bool:
    """True for the first `limit` calls with this key; put the hour or day into the key."""
    for n in range(limit):
        if await unit.once(f"{key}:{n}", now=now):
            return True
    return False
