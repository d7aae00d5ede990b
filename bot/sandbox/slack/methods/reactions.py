"""reactions.*: on messages only, which is all the app has."""

from __future__ import annotations

import re

from bot.sandbox.slack import shapes
from bot.sandbox.slack.call import Call, Method, SlackError
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.state import Channel, Json, Message, User

_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


async def add(call: Call) -> Json:
    channel, message, name = _item(call)
    if not call.workspace.react(channel, message, _bot(call), name, added=True):
        raise SlackError("already_reacted")
    return {}


async def remove(call: Call) -> Json:
    channel, message, name = _item(call)
    if not call.workspace.react(channel, message, _bot(call), name, added=False):
        raise SlackError("no_reaction")
    return {}


async def get(call: Call) -> Json:
    channel = call.channel(right="")
    message = call.message(channel, call.required("timestamp"))
    shape = shapes.message(call.world, message, within=channel)
    return {"type": "message", "channel": channel.id, "message": shape}


def _item(call: Call) -> tuple[Channel, Message, str]:
    name = call.required("name").strip(":")
    if not _NAME.fullmatch(name):
        raise SlackError("invalid_name")
    if not call.text("timestamp") or not call.text("channel"):
        raise SlackError("no_item_specified")
    channel = call.channel(right="")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise SlackError("bad_timestamp")
    return channel, call.message(channel, call.text("timestamp")), name


def _bot(call: Call) -> User:
    return call.world.users[call.installation.bot_user_id]


METHODS = (
    Method(name="reactions.add", tier=Tier.THREE, handler=add, scope="reactions:write"),
    Method(name="reactions.remove", tier=Tier.TWO, handler=remove, scope="reactions:write"),
    Method(name="reactions.get", tier=Tier.THREE, handler=get, scope="reactions:read", takes_json=False),
)
