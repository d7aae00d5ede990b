"""A copy of an announcement that comes back is known by its signed address alone."""

from __future__ import annotations

import pytest

from bot.domain.announcements import RecipientState
from handlers import announcing
from tests.integration.handlers.desk import JULIA, TOM, Desk
from tests.integration.handlers.test_broadcasting import NEWS, at_desk, stands

__all__ = ["at_desk"]

REPORT = (
    "From: MAILER-DAEMON@brandt-it.example\r\nTo: {to}\r\nMessage-ID: <{n}@mta.example>\r\nReturn-Path: <>\r\n"
    "Subject: Undelivered\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mta\r\n\r\n"
    "Final-Recipient: rfc822; {who}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("who", "action", "status", "bounced"),
    [(JULIA, "failed", "5.1.1", True), (JULIA, "delayed", "4.4.1", False), (TOM, "failed", "5.1.1", False)],
)
async def test_a_copy_that_comes_back_is_counted_and_its_address_written_to_no_more(
    at_desk: Desk,
    who: str,
    action: str,
    status: str,
    bounced: bool,  # noqa: FBT001 - a column
):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    letter = next(one for one in at_desk.bulk.letters if one.to_address == JULIA)
    await at_desk.raw(REPORT.format(to=letter.envelope_from, n=1, who=who, action=action, status=status).encode())
    assert (await stands(at_desk)).counts[RecipientState.BOUNCED] == bounced
    async with at_desk.store.unit() as unit:
        assert (await unit.suppressed(JULIA) is not None) == bounced


async def test_a_forged_report_does_nothing(at_desk: Desk):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    local, domain = at_desk.bulk.letters[0].envelope_from.split("@")
    forged = f"{local[:-10]}{local[-1] * 2}{local[-8:]}@{domain}"  # another signature of the same conversation
    assert forged != at_desk.bulk.letters[0].envelope_from
    await at_desk.raw(REPORT.format(to=forged, n=1, who=JULIA, action="failed", status="5.1.1").encode())
    assert (await stands(at_desk)).counts[RecipientState.BOUNCED] == 0
