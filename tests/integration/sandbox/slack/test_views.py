"""Views through slack_sdk's client: triggers, stacks, hashes, and what Slack refuses in a view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.courier import Answer, Category
from bot.sandbox.slack.state import Json, SandboxError


class Scripted:
    """A route to an app that answers what it is told and keeps what it was given."""

    def __init__(self) -> None:
        self.got: list[Json] = []
        self.answer: Json | None = None

    async def carry(self, category: Category, payload: Json, *, attempt: int, reason: str) -> Answer:
        del category, attempt, reason
        self.got.append(payload)
        return Answer(acked=True, body=self.answer)

    @property
    def last(self) -> Json:
        return self.got[-1]


@pytest.fixture
def route(slack: SlackServer) -> Scripted:
    scripted = Scripted()
    slack.courier.route = scripted
    return scripted


def text(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


def field(block_id: str, **element: Any) -> dict[str, Any]:
    inner = {"type": "plain_text_input", "action_id": "value"} | element
    return {"type": "input", "block_id": block_id, "label": text(block_id), "element": inner}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": text("Deal"),
        "submit": text("Send"),
        "blocks": list(blocks) or [field("company")],
        **more,
    }


async def trigger(slack: SlackServer, route: Scripted, user: str = "priya.nair") -> str:
    await slack.hands.shortcut(user, "any")
    trigger_id: str = route.last["trigger_id"]
    return trigger_id


async def refusal(call: Any) -> tuple[str, list[str]]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return answer["error"], answer.get("response_metadata", {}).get("messages", [])


async def test_a_trigger_opens_one_view_within_its_time(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    trigger_id = await trigger(slack, route)
    view = (await client.views_open(trigger_id=trigger_id, view=modal()))["view"]
    assert view["root_view_id"] == view["id"]
    assert view["state"] == {"values": {"company": {"value": {"type": "plain_text_input", "value": None}}}}
    assert (await refusal(client.views_open(trigger_id=trigger_id, view=modal())))[0] == "exchanged_trigger_id"
    assert (await refusal(client.views_open(trigger_id="1.2.x", view=modal())))[0] == "invalid_trigger_id"
    slack.workspace.handles.trigger_lives_s = 0.0
    late = await trigger(slack, route)
    await asyncio.sleep(0.01)
    assert (await refusal(client.views_open(trigger_id=late, view=modal())))[0] == "expired_trigger_id"


async def test_a_refused_view_leaves_the_trigger_usable(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    trigger_id = await trigger(slack, route)
    code, messages = await refusal(client.views_open(trigger_id=trigger_id, view=modal(title=text("x" * 25))))
    assert code == "invalid_arguments"
    assert messages == ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]
    await client.views_open(trigger_id=trigger_id, view=modal())


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (
            modal(submit=None),
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
        ),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        (modal(colour="red"), "invalid additional property: colour [json-pointer:/view]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        (
            modal(field("size", type="static_select", options=[])),
            "must provide at least 1 items [json-pointer:/view/blocks/0/element/options]",
        ),
        (
            modal(field("day", type="datepicker", initial_date="31.12.2026")),
            "failed to match pattern [json-pointer:/view/blocks/0/element/initial_date]",
        ),
    ],
)
async def test_views_are_refused_in_slacks_words(
    slack: SlackServer, client: AsyncWebClient, route: Scripted, view: dict[str, Any], complaint: str
) -> None:
    view = {name: value for name, value in view.items() if value is not None}
    trigger_id = await trigger(slack, route)
    code, messages = await refusal(client.views_open(trigger_id=trigger_id, view=view))
    assert code == "invalid_arguments"
    assert f"[ERROR] {complaint}" in messages


async def test_a_view_that_is_too_large_is_refused(slack: SlackServer, client: AsyncWebClient, route: Scripted) -> None:
    section = {"type": "section", "text": text("x" * 3000)}
    view = modal(*[section] * 90)
    code, _ = await refusal(client.views_open(trigger_id=await trigger(slack, route), view=view))
    assert code == "view_too_large"


async def test_a_stack_holds_three_views(slack: SlackServer, client: AsyncWebClient, route: Scripted) -> None:
    button = {"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": text("More")}]}
    view = (await client.views_open(trigger_id=await trigger(slack, route), view=modal(button)))["view"]
    root = view["id"]
    for _ in range(2):
        await slack.hands.press_in_view(view["id"], "more")
        view = (await client.views_push(trigger_id=route.last["trigger_id"], view=modal(button)))["view"]
        assert view["root_view_id"] == root
    await slack.hands.press_in_view(view["id"], "more")
    code, _ = await refusal(client.views_push(trigger_id=route.last["trigger_id"], view=modal(button)))
    assert code == "push_limit_reached"
    assert len(slack.hands.views("priya.nair")) == 3
    await slack.hands.submit(view["id"], {})
    assert len(slack.hands.views("priya.nair")) == 2
    route.answer = {"response_action": "clear"}
    await slack.hands.submit(view["previous_view_id"], {})
    assert slack.hands.views("priya.nair") == []


async def test_an_old_hash_conflicts_and_what_was_typed_survives_an_update(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    opened = modal(field("company"), field("amount", initial_value="100"), external_id="deal-1")
    view = (await client.views_open(trigger_id=await trigger(slack, route), view=opened))["view"]
    route.answer = {"response_action": "errors", "errors": {"company": "Spell it out"}}
    await slack.hands.submit(view["id"], {"company": "Acme"})
    updated = (await client.views_update(external_id="deal-1", hash=view["hash"], view=opened))["view"]
    assert updated["hash"] != view["hash"]
    values = updated["state"]["values"]
    assert values["company"]["value"]["value"] == "Acme"
    assert values["amount"]["value"]["value"] == "100"
    conflict = client.views_update(view_id=view["id"], hash=view["hash"], view=opened)
    assert (await refusal(conflict))[0] == "hash_conflict"
    assert (await refusal(client.views_update(view_id="V0NOTHING00", view=modal())))[0] == "not_found"
    twice = client.views_open(trigger_id=await trigger(slack, route), view=opened)
    assert (await refusal(twice))[0] == "duplicate_external_id"


async def test_a_submission_may_push_update_or_be_wrong(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    view = (await client.views_open(trigger_id=await trigger(slack, route), view=modal()))["view"]
    route.answer = {"response_action": "update", "view": modal(field("why"))}
    assert (await slack.hands.submit(view["id"], {"company": "Acme"})).ok
    assert slack.hands.views("priya.nair")[0]["blocks"][0]["block_id"] == "why"
    route.answer = {"response_action": "push", "view": modal(field("sure"))}
    assert (await slack.hands.submit(view["id"], {"why": "price"})).ok
    assert [v["blocks"][0]["block_id"] for v in slack.hands.views("priya.nair")] == ["why", "sure"]
    route.answer = {"response_action": "errors", "errors": {"company": "there is no such block"}}
    outcome = await slack.hands.submit(view["id"], {"why": "price"})
    assert (outcome.ok, outcome.error) == (False, "errors name no input block: {'company': 'there is no such block'}")


async def test_every_kind_of_input_reaches_the_state(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    options = [{"text": text("Won"), "value": "won"}, {"text": text("Lost"), "value": "lost"}]
    view = modal(
        field("stage", type="static_select", options=options),
        field("tags", type="multi_static_select", options=options),
        field("boxes", type="checkboxes", options=options, initial_options=options[:1]),
        field("radio", type="radio_buttons", options=options),
        field("day", type="datepicker"),
        field("who", type="users_select"),
        field("amount", type="number_input", is_decimal_allowed=True),
    )
    opened = (await client.views_open(trigger_id=await trigger(slack, route), view=view))["view"]
    with pytest.raises(SandboxError, match="offers won, lost"):
        await slack.hands.submit(opened["id"], {"stage": "maybe"})
    with pytest.raises(SandboxError, match="none of these names"):
        await slack.hands.submit(opened["id"], {"shoe_size": 44})
    filled = {
        "stage": "Won",
        "tags": ["won", "lost"],
        "radio": "lost",
        "day": "2026-12-31",
        "who": "U0PRIYANAIR",
        "amount": "40000.50",
    }
    assert (await slack.hands.submit(opened["id"], filled)).ok
    values = {block: fields["value"] for block, fields in route.last["view"]["state"]["values"].items()}
    assert values["stage"]["selected_option"]["value"] == "won"
    assert [o["value"] for o in values["tags"]["selected_options"]] == ["won", "lost"]
    assert [o["value"] for o in values["boxes"]["selected_options"]] == ["won"]
    assert values["radio"]["selected_option"]["value"] == "lost"
    assert values["day"] == {"type": "datepicker", "selected_date": "2026-12-31"}
    assert values["who"] == {"type": "users_select", "selected_user": "U0PRIYANAIR"}
    assert values["amount"] == {"type": "number_input", "value": "40000.50"}


async def test_a_select_in_a_message_sends_what_was_chosen(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    options = [{"text": text("Proposal"), "value": "p"}, {"text": text("Closed won"), "value": "w"}]
    select = {"type": "static_select", "action_id": "stage", "options": options, "placeholder": text("Stage")}
    posted = await client.chat_postMessage(
        channel="C0BRANDTIT0",
        text="Stage?",
        blocks=[{"type": "section", "block_id": "s", "text": text("Stage?"), "accessory": select}],
    )
    await slack.hands.press("julia", "#brandt-it", posted["ts"], "stage", "Closed won")
    [action] = route.last["actions"]
    assert action["selected_option"]["value"] == "w"
    assert route.last["state"]["values"]["s"]["stage"]["selected_option"]["value"] == "w"


async def test_a_home_is_published_per_person_and_updated_with_its_hash(
    slack: SlackServer, client: AsyncWebClient, route: Scripted
) -> None:
    home = {"type": "home", "blocks": [{"type": "section", "text": text("2 open deals")}]}
    first = (await client.views_publish(user_id="U0PRIYANAIR", view=home))["view"]
    second = (await client.views_publish(user_id="U0PRIYANAIR", view=home, hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    stale = client.views_publish(user_id="U0PRIYANAIR", view=home, hash=first["hash"])
    assert (await refusal(stale))[0] == "hash_conflict"
    assert slack.hands.home("franco.desantis") is None
    shown = slack.hands.home("priya.nair")
    assert shown is not None
    assert shown["blocks"][0]["text"]["text"] == "2 open deals"
    code, messages = await refusal(client.views_publish(user_id="U0PRIYANAIR", view=modal()))
    assert (code, messages) == (
        "invalid_arguments",
        ["[ERROR] must be `home` to be published [json-pointer:/view/type]"],
    )
    code, messages = await refusal(client.views_publish(user_id="U0JULIABRAN", view=home))
    assert (code, messages) == ("invalid_arguments", ["[ERROR] invalid `user_id`"])
    assert route.got == []


@pytest.fixture
async def impatient() -> AsyncIterator[SlackServer]:
    server = SlackServer(clock=lambda: datetime.now(UTC), ack_within_s=0.1)
    await server.start()
    yield server
    await server.stop()


async def test_nobody_at_home_is_what_the_person_sees(impatient: SlackServer, session: aiohttp.ClientSession) -> None:
    outcome = await impatient.hands.command("priya.nair", "#partner-managers", "/deals")
    assert outcome.error == '/deals failed with the error "dispatch_failed"'
    client = AsyncWebClient(token=impatient.bot_token, base_url=impatient.api_url, session=session)
    button = {"type": "button", "action_id": "a", "text": text("Go")}
    posted = await client.chat_postMessage(
        channel="C0BRANDTIT0", text="x", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert not (await impatient.hands.press("julia", "#brandt-it", posted["ts"], "a")).ok
    with pytest.raises(SandboxError, match="not a member"):
        await impatient.hands.press("tom", "#brandt-it", posted["ts"], "a")
    with pytest.raises(SandboxError, match="no such action_id"):
        await impatient.hands.press("julia", "#brandt-it", posted["ts"], "b")
