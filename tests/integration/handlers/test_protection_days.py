"""The day of a warning is the partner's own: it may be tomorrow there already, or still yesterday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.handlers.desk import JULIA, desk


@pytest.mark.parametrize(
    ("zone", "hour", "left", "subject"),
    [
        pytest.param("Pacific/Kiritimati", 20, 15, "protection ends in 14 days", id="tomorrow already"),
        pytest.param("Pacific/Kiritimati", 20, 16, None, id="tomorrow already, and not yet due"),
        pytest.param("Europe/Berlin", 12, 14, "protection ends in 14 days", id="today"),
        pytest.param("America/Los_Angeles", 3, 13, "protection ends in 14 days", id="still yesterday"),
        pytest.param("America/Los_Angeles", 3, 14, None, id="still yesterday, and not yet due"),
        pytest.param("Pacific/Kiritimati", 20, 2, "protection ends tomorrow", id="tomorrow is the last day there"),
        pytest.param("America/Los_Angeles", 3, 0, "protection ends tomorrow", id="today in UTC is tomorrow there"),
        pytest.param(None, 20, 14, "protection ends in 14 days", id="a zone that nobody knows"),
    ],
)
async def test_a_partner_is_warned_on_their_own_day(tmp_path, zone, hour, left, subject):
    """`left` days of protection are left by the clocks of UTC, where it is `hour` o'clock."""
    async with desk(tmp_path) as office:
        now = office.clock()
        office.clock.ahead = now.replace(hour=hour, minute=0) + timedelta(days=1) - now
        contact = await office.crm.contact("C1")
        assert contact is not None
        office.crm.put_contact(replace(contact, timezone=zone))
        until = office.clock().astimezone(UTC).date() + timedelta(days=left)
        deal = replace(await office.deal(), protected_until=until, updated_at=datetime.now(UTC))
        office.crm.put_deal(deal, contact_ids=["C1"])
        await office.wait(minutes=1)
        await office.wait(minutes=1)
        told = [m.subject for m in office.post.sent if m.to_address == JULIA]
        assert [s.partition(": ")[2] for s in told] == ([subject] if subject else [])
        assert not await office.failures()
