"""conversations.*: what the bot may see of channels, their members and what was said. Creates no channels."""

from __future__ import annotations

import re

from bot.sandbox.slack import shapes
from bot.sandbox.slack.call import Call, Method, SlackError, invalid_arguments
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.pages import page
from bot.sandbox.slack.state import Channel, Json, Kind, Message

USERS_MAX = 8


async def info(call: Call) -> Json:
    channel = call.channel()
    return {"channel": _shape(call, channel, num_members=call.flag("include_num_members"))}


async def list_(call: Call) -> Json:
    kinds = kinds_asked(call)
    channels = [c for c in call.world.channels.values() if c.kind in kinds and call.sees(c)]
    return _channel_page(call, channels)


async def users_conversations(call: Call) -> Json:
    kinds = kinds_asked(call)
    user_id = call.text("user") or call.installation.bot_user_id
    call.user(user_id)
    channels = [c for c in call.world.channels.values() if c.kind in kinds and call.sees(c) and user_id in c.members]
    return _channel_page(call, channels)


async def members(call: Call) -> Json:
    channel = call.channel()
    found, cursor = page(channel.members, call.text("cursor"), call.limit(100, 1000))
    return {"members": list(found), "response_metadata": {"next_cursor": cursor}}


async def history(call: Call) -> Json:
    channel = call.channel(right="history")
    _must_be_in(call, channel)
    messages = [m for m in channel.messages.values() if not m.thread_ts or m.thread_ts == m.ts or m.is_broadcast]
    return _message_page(call, channel, [m for m in reversed(messages) if _is_between(call, m)], default=100)


async def replies(call: Call) -> Json:
    channel = call.channel(right="history")
    _must_be_in(call, channel)
    parent = call.message(channel, call.required("ts"), error="thread_not_found")
    thread = [parent, *(m for m in channel.replies(parent.ts) if _is_between(call, m))]
    return _message_page(call, channel, thread, default=1000)


async def open_(call: Call) -> Json:
    if call.text("channel"):
        channel, existed = call.channel(right=""), True
        if channel.kind not in {Kind.IM, Kind.MPIM}:
            raise SlackError("method_not_supported_for_channel_type")
    else:
        named = [u for u in call.text("users").split(",") if u]
        if not named:
            raise SlackError("users_list_not_supplied")
        if len(named) > USERS_MAX:
            raise SlackError("too_many_users")
        call.need("im:write" if len(named) == 1 else "mpim:write")
        users = [call.user(u) for u in named]
        if any(u.deleted for u in users):
            raise SlackError("user_disabled")
        if any(u.bot_id for u in users):
            raise SlackError("cannot_dm_bot")
        channel, existed = call.workspace.conversation(call.installation, users)
    shape = _shape(call, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape} | ({"no_op": True, "already_open": True} if existed else {})


async def join(call: Call) -> Json:
    channel = call.channel(right="")
    if channel.kind is not Kind.PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    joined = call.workspace.join(channel, call.world.users[call.installation.bot_user_id])
    answer: Json = {"channel": _shape(call, channel)}
    if not joined:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return answer


def kinds_asked(call: Call) -> set[Kind]:
    """The `types` argument, each with its scope; raises invalid_types or missing_scope."""
    try:
        kinds = {Kind(name.strip()) for name in call.text("types", "public_channel").split(",")}
    except ValueError as exc:
        raise SlackError("invalid_types") from exc
    for kind in sorted(kinds):
        call.need(f"{kind.scope_family}:read")
    return kinds


def _shape(call: Call, channel: Channel, *, num_members: bool = False) -> Json:
    now_s = call.workspace.mint.now_s()
    return shapes.channel(channel, viewer=call.installation, now_s=now_s, num_members=num_members)


def _channel_page(call: Call, channels: list[Channel]) -> Json:
    if call.flag("exclude_archived"):
        channels = [c for c in channels if not c.is_archived]
    found, cursor = page(channels, call.text("cursor"), call.limit(100, 1000))
    shaped = [_shape(call, c, num_members=c.kind is not Kind.IM) for c in found]
    return {"channels": shaped, "response_metadata": {"next_cursor": cursor}}


def _message_page(call: Call, channel: Channel, messages: list[Message], *, default: int) -> Json:
    found, cursor = page(messages, call.text("cursor"), call.limit(default, 1000))
    with_metadata = call.flag("include_all_metadata")
    shaped = []
    for message in found:
        shape = shapes.message(call.world, message, within=channel)
        if not with_metadata:
            shape.pop("metadata", None)
        shaped.append(shape)
    answer: Json = {"messages": shaped, "has_more": bool(cursor)}
    if call.method == "conversations.history":
        if latest := call.text("latest"):
            answer["latest"] = latest
        answer |= {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _is_between(call: Call, message: Message) -> bool:
    at, low, high = _number(message.ts), _bound(call, "oldest", "0"), _bound(call, "latest", "9999999999")
    if call.flag("inclusive"):
        return low <= at <= high
    return low < at < high


def _bound(call: Call, name: str, default: str) -> int:
    value = call.text(name) or default
    if not re.fullmatch(r"\d{1,10}(\.\d{1,6})?", value):
        raise SlackError(f"invalid_ts_{name}")
    return _number(value)


def _number(ts: str) -> int:
    """Microseconds: floats would lose a timestamp's last digit."""
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int((rest + "000000")[:6])


def _must_be_in(call: Call, channel: Channel) -> None:
    if call.installation.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")


async def invite_shared(call: Call) -> Json:
    """One person of another team, by user id or e-mail: the channel is pending until they accept."""
    channel = call.channel(right="")
    _must_be_in(call, channel)
    emails, users = call.text("emails"), call.text("user_ids")
    if bool(emails) == bool(users):
        raise invalid_arguments(["exactly one of `emails` and `user_ids` must be given"])
    person = next((u for u in call.world.users.values() if u.email == emails.strip('[]"') or u.id == users), None)
    if person is not None and person.team_id not in {*channel.teams, *channel.pending}:
        channel.pending.append(person.team_id)
    invite = call.workspace.mint.id("I")
    return {"invite_id": invite, "conf_code": invite[-6:], "url": "https://join.slack.com/share/sandbox"}


METHODS = (
    Method(name="conversations.info", tier=Tier.THREE, handler=info, takes_json=False),
    Method(name="conversations.list", tier=Tier.TWO, handler=list_, takes_json=False),
    Method(name="conversations.members", tier=Tier.FOUR, handler=members, takes_json=False),
    Method(name="conversations.history", tier=Tier.THREE, handler=history, takes_json=False),
    Method(name="conversations.replies", tier=Tier.THREE, handler=replies, takes_json=False),
    Method(name="conversations.open", tier=Tier.THREE, handler=open_),
    Method(name="conversations.join", tier=Tier.THREE, handler=join, scope="channels:join"),
    Method(
        name="conversations.inviteShared", tier=Tier.TWO, handler=invite_shared, scope="conversations.connect:write"
    ),
    Method(name="users.conversations", tier=Tier.THREE, handler=users_conversations, takes_json=False),
)
