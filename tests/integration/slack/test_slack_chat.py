"""Posting: once, found again, and never where somebody reads who must not."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.ports import SlackPost
from bot.sandbox.slack import SlackServer
from bot.slack.chat import SlackChat
from bot.slack.client import Installation, open_client
from bot.slack.settings import SlackSettings
from tests.integration.slack.blocks import section
from tests.integration.slack.listening import ASHBY, BRANDT, now

BRANDT_CHANNEL, ASHBY_CHANNEL, MANAGERS = "C0BRANDTIT0", "C0ASHBYDIG0", "C0MANAGERS0"


def post_to(channel: str, *, partner_id: str | None = "7", key: str = "message-1", **more) -> SlackPost:
    return SlackPost(
        channel=channel,
        text="Acme: 60,000 EUR",
        blocks=section("*Acme*: 60,000 EUR"),
        key=key,
        partner_id=partner_id,
        **({"thread_ts": None} | more),
    )


def said(slack: SlackServer, channel: str, seen_by: str = "") -> list[str]:
    return [m["text"] for m in slack.people.messages(channel, seen_by=seen_by)]


async def test_a_post_and_its_reply_stand_in_one_thread(slack: SlackServer, chat: SlackChat, quotas) -> None:
    first = await chat.post(post_to(BRANDT_CHANNEL))
    await chat.post(post_to(BRANDT_CHANNEL, key="message-2", thread_ts=first.ts))
    assert len(slack.people.thread(BRANDT_CHANNEL, first.ts)) == 2
    assert quotas.taken == [f"slack:post:{BRANDT_CHANNEL}"] * 2


@pytest.mark.parametrize("in_thread", [False, True], ids=["in the channel", "in a thread"])
async def test_after_an_unknown_outcome_the_message_is_found(slack: SlackServer, chat: SlackChat, in_thread) -> None:
    parent = await chat.post(post_to(BRANDT_CHANNEL, key="parent"))
    began = now()
    post = post_to(BRANDT_CHANNEL, thread_ts=parent.ts if in_thread else None)
    assert await chat.find(post, began) is None
    slack.fail("chat.postMessage", "drop_after")
    with pytest.raises(UnknownOutcomeError):
        await chat.post(post)
    found = await chat.find(post, began)
    assert found is not None
    (standing,) = [m for m in slack.people.messages(BRANDT_CHANNEL) if m["ts"] == found.ts]
    assert standing["text"] == "Acme: 60,000 EUR"
    assert await chat.find(replace(post, key="another"), began) is None


async def test_a_message_is_found_among_many_pages(slack: SlackServer, chat: SlackChat) -> None:
    began = now()
    posted = await chat.post(post_to(BRANDT_CHANNEL))
    for number in range(450):
        slack.people.say("julia", BRANDT_CHANNEL, f"line {number}")
    assert await chat.find(post_to(BRANDT_CHANNEL), began) == posted


async def test_somebody_elses_copy_of_our_key_is_not_our_message(slack: SlackServer, chat: SlackChat) -> None:
    other = slack.install("julia")
    slack.people.join(other.bot_user_id, BRANDT_CHANNEL)
    async with open_client(other.bot_token, base_url=slack.api_url) as client:
        await client.chat_postMessage(
            channel=BRANDT_CHANNEL,
            text="forged",
            metadata={"event_type": "offportal_message", "event_payload": {"key": "message-1"}},
        )
    assert await chat.find(post_to(BRANDT_CHANNEL), now() - timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("ratelimited", TransientError),
        ("server_error", UnknownOutcomeError),
        ("drop_before", UnknownOutcomeError),
    ],
)
async def test_trouble_while_posting_says_what_to_do(slack: SlackServer, chat: SlackChat, trouble, error) -> None:
    slack.fail("chat.postMessage", trouble, seconds=2)
    with pytest.raises(TransientError) as caught:
        await chat.post(post_to(BRANDT_CHANNEL))
    assert type(caught.value) is error
    if trouble == "ratelimited":
        assert caught.value.retry_after == timedelta(seconds=2)


@pytest.mark.parametrize("patience_s", [0.5])
@pytest.mark.usefixtures("patience_s")
async def test_an_answer_that_does_not_come_leaves_the_outcome_open(slack: SlackServer, chat: SlackChat) -> None:
    slack.fail("chat.postMessage", "slow", seconds=2)
    with pytest.raises(UnknownOutcomeError):
        await chat.post(post_to(BRANDT_CHANNEL))


async def test_a_post_goes_over_the_wire_once_whatever_happens(slack: SlackServer, chat: SlackChat) -> None:
    for trouble in ("ratelimited", "server_error", "drop_after"):
        slack.fail("chat.postMessage", trouble)
        with pytest.raises(TransientError):
            await chat.post(post_to(BRANDT_CHANNEL))
    assert slack.web_api.counts["chat.postMessage"] == 3


async def test_trouble_while_asking_who_reads_means_nothing_was_posted(slack: SlackServer, chat: SlackChat) -> None:
    slack.fail("conversations.info", "drop_after", times=2)  # aiohttp repeats a GET once by itself
    with pytest.raises(TransientError) as caught:
        await chat.post(post_to(BRANDT_CHANNEL))
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert said(slack, BRANDT_CHANNEL) == []


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("not_in_channel", "invite the app"),
        ("is_archived", "unarchive"),
        ("account_inactive", "install it again"),
        ("msg_too_long", "shorten"),
        ("missing_scope", "reinstall"),
    ],
)
async def test_a_refusal_says_what_next(slack: SlackServer, chat: SlackChat, code: str, next_step: str) -> None:
    slack.fail("chat.postMessage", "error", code=code)
    with pytest.raises(PermanentError, match=next_step) as caught:
        await chat.post(post_to(BRANDT_CHANNEL))
    assert caught.value.code == code


async def test_a_faulty_block_is_named(chat: SlackChat) -> None:
    post = replace(post_to(BRANDT_CHANNEL), blocks=({"type": "section"},))
    with pytest.raises(PermanentError, match="invalid_blocks"):
        await chat.post(post)


@pytest.mark.parametrize(
    ("word", "channel", "partner_id"),
    [
        ("a partner's to their channel", BRANDT_CHANNEL, "7"),
        ("a partner's to our own channel", MANAGERS, "7"),
        ("ours to our own channel", MANAGERS, None),
        ("a partner's to their person", "U0JULIABRAN", "7"),
        ("ours to our person", "U0PRIYANAIR", None),
    ],
)
async def test_a_message_goes_where_everybody_may_read_it(
    slack: SlackServer, chat: SlackChat, word: str, channel: str, partner_id: str | None
) -> None:
    posted = await chat.post(post_to(channel, partner_id=partner_id))
    assert said(slack, posted.channel) == ["Acme: 60,000 EUR"], word


@pytest.mark.parametrize(
    ("word", "channel", "partner_id"),
    [
        ("a partner's to another's channel", ASHBY_CHANNEL, "7"),
        ("ours to a partner's channel", BRANDT_CHANNEL, None),
        ("a partner's to another's person", "U0TOMASHBY0", "7"),
        ("ours to a partner's person", "U0JULIABRAN", None),
    ],
)
async def test_a_message_is_not_posted_where_somebody_may_not_read_it(
    slack: SlackServer, chat: SlackChat, word: str, channel: str, partner_id: str | None
) -> None:
    with pytest.raises(PermanentError) as caught:
        await chat.post(post_to(channel, partner_id=partner_id))
    assert caught.value.code == "wrong_readers", word
    assert slack.web_api.counts.get("chat.postMessage", 0) == 0


async def test_a_channel_that_becomes_shared_is_closed_to_our_own_posts_at_once(slack: SlackServer, chat) -> None:
    await chat.post(post_to(MANAGERS, partner_id=None))
    slack.people.share(MANAGERS, BRANDT, accepted=False)
    with pytest.raises(PermanentError, match=BRANDT):
        await chat.post(post_to(MANAGERS, partner_id=None, key="message-2"))


async def test_a_second_partner_in_a_channel_closes_it(slack: SlackServer, chat: SlackChat) -> None:
    posted = await chat.post(post_to(BRANDT_CHANNEL))
    slack.people.share(BRANDT_CHANNEL, ASHBY)
    with pytest.raises(PermanentError, match=ASHBY):
        await chat.post(post_to(BRANDT_CHANNEL, key="message-2"))
    with pytest.raises(PermanentError, match=ASHBY):
        await chat.update(posted, post_to(BRANDT_CHANNEL))


async def test_without_known_organisations_the_crms_word_for_the_channel_counts(
    installation: Installation, quotas
) -> None:
    async def from_the_crm(channel: str) -> str | None:
        return {BRANDT_CHANNEL: "7"}.get(channel)

    chat = SlackChat(installation, SlackSettings(), quotas, partner_of_channel=from_the_crm)
    await chat.post(post_to(BRANDT_CHANNEL))
    for channel, partner_id in ((ASHBY_CHANNEL, "8"), (BRANDT_CHANNEL, "8")):
        with pytest.raises(PermanentError, match=f"partner {'7' if channel == BRANDT_CHANNEL else '8'}"):
            await chat.post(post_to(channel, partner_id=partner_id))


async def test_what_is_for_anyone_goes_to_people_nobody_has_linked(slack: SlackServer, chat: SlackChat) -> None:
    await chat.post(post_to(ASHBY_CHANNEL, partner_id=None, for_anyone=True, only_for="U0TOMASHBY0"))
    assert said(slack, ASHBY_CHANNEL, seen_by="tom") == ["Acme: 60,000 EUR"]
    assert said(slack, ASHBY_CHANNEL) == []


async def test_a_whisper_is_for_one_person_and_refused_to_another_partners(slack: SlackServer, chat: SlackChat) -> None:
    await chat.post(post_to(BRANDT_CHANNEL, only_for="U0JULIABRAN"))
    assert said(slack, BRANDT_CHANNEL, seen_by="julia") == ["Acme: 60,000 EUR"]
    assert said(slack, BRANDT_CHANNEL, seen_by="lukas.weber") == []
    with pytest.raises(PermanentError) as caught:
        await chat.post(post_to(ASHBY_CHANNEL, only_for="U0TOMASHBY0"))
    assert caught.value.code == "wrong_readers"


async def test_a_whisper_where_the_app_is_not_goes_to_the_person_directly(slack: SlackServer, chat: SlackChat) -> None:
    slack.people.leave("U0OFFPORTAL", MANAGERS)
    posted = await chat.post(post_to(MANAGERS, partner_id=None, only_for="U0PRIYANAIR"))
    assert posted.channel == slack.people.direct_channel("priya.nair")
    assert said(slack, posted.channel) == ["Acme: 60,000 EUR"]


async def test_an_update_replaces_what_was_posted(slack: SlackServer, chat: SlackChat) -> None:
    posted = await chat.post(post_to(BRANDT_CHANNEL))
    for _ in range(2):
        await chat.update(posted, replace(post_to(BRANDT_CHANNEL), text="Undone", blocks=section("Undone")))
    assert said(slack, BRANDT_CHANNEL) == ["Undone"]
    assert await chat.find(post_to(BRANDT_CHANNEL), now() - timedelta(minutes=1)) == posted


async def test_a_post_waits_for_its_channels_turn(slack: SlackServer, chat: SlackChat, quotas) -> None:
    quotas.wait_s = 0.2
    began = time.monotonic()
    await chat.post(post_to(BRANDT_CHANNEL))
    assert time.monotonic() - began >= 0.2
    assert said(slack, BRANDT_CHANNEL) == ["Acme: 60,000 EUR"]


async def test_a_busy_channel_is_tried_later(slack: SlackServer, chat: SlackChat, quotas) -> None:
    quotas.busy = TransientError("busy", retry_after=timedelta(seconds=60))
    with pytest.raises(TransientError, match="busy"):
        await chat.post(post_to(BRANDT_CHANNEL))
    assert said(slack, BRANDT_CHANNEL) == []


async def test_a_used_up_response_url_is_a_refusal(slack: SlackServer, chat: SlackChat) -> None:
    place, person = slack.world.place(MANAGERS), slack.world.person("priya.nair")
    (installed,) = slack.world.installations.values()
    key = slack.workspace.handles.hook(place.id, person, installed, now_s=slack.hands.now_s())
    for _ in range(5):
        await chat.respond(f"{slack.workspace.hooks_url}{key}", "You have 3 deals.")
    with pytest.raises(PermanentError, match="5 uses"):
        await chat.respond(f"{slack.workspace.hooks_url}{key}", "You have 3 deals.")


@pytest.mark.parametrize(
    ("team_id", "user_id", "name", "email", "is_ours"),
    [
        ("T0MERIDIAN", "U0PRIYANAIR", "Priya Nair", "priya.nair@meridian.example", True),
        ("", "U0PRIYANAIR", "Priya Nair", "priya.nair@meridian.example", True),
        (BRANDT, "U0PRIYANAIR", "Priya Nair", "priya.nair@meridian.example", False),
        (BRANDT, "U0JULIABRAN", "Julia Brandt", None, False),
        ("T0MERIDIAN", "U0OFFPORTAL", "offportal", None, False),
    ],
)
async def test_slack_says_who_a_person_is(chat: SlackChat, team_id, user_id, name, email, is_ours) -> None:
    person = await chat.person(team_id, user_id)
    assert person is not None
    assert (person.name, person.email, person.is_ours) == (name, email, is_ours)


async def test_a_person_slack_does_not_know_is_nobody(chat: SlackChat) -> None:
    assert await chat.person("T0MERIDIAN", "U0NOBODY000") is None


async def test_a_person_without_an_account_any_more_is_not_ours(slack: SlackServer, chat: SlackChat) -> None:
    slack.people.deactivate("priya.nair")
    person = await chat.person("T0MERIDIAN", "U0PRIYANAIR")
    assert person is not None
    assert not person.is_ours
