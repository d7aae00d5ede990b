"""People in Slack who are not who they say, or who speak where they must not, through the real process."""

from __future__ import annotations

import re
import time

import aiohttp
import pytest

from bot.ports import Disposition, Inbound
from bot.sandbox.playing import Mailbox, until
from bot.sandbox.slack.httppush import signature
from tests.acceptance.office import Office, open_office

TOM, REDWOOD = "tom@ashby-digital.example", "9004"
JULIA = "julia@brandt-it.example"
ASHBY, BRANDT = "#ashby-digital", "#brandt-it"
APPLIED, ASKED, IGNORED, REFUSED = Disposition.APPLIED, Disposition.ASKED, Disposition.IGNORED, Disposition.REFUSED


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path) as one:
        await one.start()
        yield one


async def say(office: Office, user: str, channel: str, words: str, *, thread_ts: str = "") -> Inbound:
    """Somebody says it, to us, and it is handled; returns how it ended."""
    before = len(await office.inbox())
    if thread_ts:
        office.world.slack.people.say(user, channel, words, thread_ts=thread_ts)
    else:
        office.world.slack.people.mention(user, channel, words)
    return (await office.handled(before + 1))[-1]


async def claim(office: Office, user: str, channel: str, address: str) -> str:
    """Somebody claims an address; returns the code that was mailed there."""
    box = Mailbox(office.world, address)
    ended = await say(office, user, channel, f"link {address}")
    assert (ended.disposition, ended.reason) == (ASKED, "link claimed")
    code = re.search(r"\b\d{6}\b", str((await box.next("the code comes"))["Subject"]))
    assert code
    return code[0]


async def test_five_wrong_codes_end_a_claim_and_a_right_one_comes_too_late(office: Office):
    code = await claim(office, "tom", ASHBY, TOM)
    wrong = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 6)]
    ended = [await say(office, "tom", ASHBY, one) for one in (*wrong, code)]
    assert {(i.disposition, i.reason) for i in ended} == {(REFUSED, "wrong code")}
    again = await say(office, "tom", ASHBY, "deals")
    assert (again.disposition, again.reason) == (REFUSED, "not linked")


async def test_nobody_can_use_anothers_code(office: Office):
    code = await claim(office, "tom", ASHBY, TOM)
    without_a_claim = await say(office, "julia", BRANDT, code)
    assert (without_a_claim.disposition, without_a_claim.reason) == (REFUSED, "not linked")
    own = await claim(office, "julia", BRANDT, JULIA)
    assert own != code
    with_one = await say(office, "julia", BRANDT, code)
    assert (with_one.disposition, with_one.reason) == (REFUSED, "wrong code")
    assert (await say(office, "julia", BRANDT, own)).reason == "linked"
    assert (await say(office, "tom", ASHBY, code)).reason == "linked"


async def test_an_address_that_is_claimed_by_a_stranger_tells_only_its_owner(office: Office):
    code = await claim(office, "julia", BRANDT, TOM)
    shown = str(office.world.slack.people.messages(BRANDT, seen_by="julia"))
    assert code not in shown
    assert "If we know" in shown


async def test_a_linked_person_of_another_partner_changes_nothing_in_a_thread(office: Office):
    slack = office.world.slack
    for user, channel, address in (("tom", ASHBY, TOM), ("julia", BRANDT, JULIA)):
        assert (await say(office, user, channel, await claim(office, user, channel, address))).reason == "linked"
    office.world.hubspot.hands.move(REDWOOD, "Procurement")

    async def notice() -> dict[str, object] | None:
        found = [m for m in slack.people.messages(ASHBY) if m.get("bot_id") and "Redwood" in str(m.get("text"))]
        return found[0] if found else None

    ts = str((await until("the channel was told of the move", notice))["ts"])
    await office.quiet()
    slack.people.share(ASHBY, "T0BRANDTIT")
    slack.people.join("julia", ASHBY)
    said = len(slack.people.thread(ASHBY, ts))
    for words in ("The amount is 1.", "yes", "undo"):
        ended = await say(office, "julia", ASHBY, words, thread_ts=ts)
        assert (ended.disposition, ended.reason) == (IGNORED, "another party's thread")
    assert office.deal(REDWOOD)["amount"] == "36000"
    assert len(slack.people.thread(ASHBY, ts)) == said + 3


async def test_over_http_only_what_slack_signed_just_now_is_heard(tmp_path):
    over_http = {'mode = "socket"': 'mode = "http"', "# signing_secret": "signing_secret"}
    async with open_office(tmp_path, changes=over_http) as office:
        await office.start()
        slack = office.world.slack
        url = f"http://127.0.0.1:{office.world.web_port}/slack/events"
        await slack.set_request_url(url)
        assert (await say(office, "tom", ASHBY, "help")).reason == "not linked"
        body = b'{"type":"event_callback","event":{"type":"message","channel":"D1","channel_type":"im","user":"U1",'
        body += b'"text":"yes","ts":"1.0"},"team_id":"T0ASHBYDIG"}'
        async with aiohttp.ClientSession() as session:
            for secret, age_s in (("x" * 32, 0), (slack.signing_secret, 400), (slack.signing_secret, -400)):
                at = str(int(time.time()) - age_s)
                headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature(secret, at, body)}
                answer = await session.post(url, data=body, headers={**headers, "Content-Type": "application/json"})
                assert answer.status == 401, (secret, age_s)
            assert (await session.post(url, data=body, headers={"Content-Type": "application/json"})).status == 401
        assert len(await office.inbox()) == 1
