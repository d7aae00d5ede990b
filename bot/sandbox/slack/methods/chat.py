"""chat.*: the app's messages. A post twice is two messages: Slack has no idempotency, and neither has this."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack import shapes
from bot.sandbox.slack.blocks import with_ids
from bot.sandbox.slack.call import Call, Method, SlackError
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.state import Channel, Json, Kind

TEXT_MAX = 40_000
MARKDOWN_MAX = 12_000
ATTACHMENTS_MAX = 100
_TS = re.compile(r"\d{10}\.\d{6}")


async def post_message(call: Call) -> Json:
    channel = _target(call)
    content = _content(call)
    thread_ts = _thread(call, channel)
    broadcast = call.flag("reply_broadcast") and bool(thread_ts)
    message = call.workspace.app_message(
        call.installation, thread_ts=thread_ts, is_broadcast=broadcast, **_stored(call, content)
    )
    if broadcast:
        message.subtype = "thread_broadcast"
    call.workspace.post(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": shapes.message(call.world, message, within=channel)}


async def post_ephemeral(call: Call) -> Json:
    channel = _target(call)
    user_id = call.required("user")
    if user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(call)
    message = call.workspace.app_message(
        call.installation, ephemeral_for=user_id, thread_ts=_thread(call, channel), **_stored(call, content)
    )
    call.workspace.post(channel, message)
    return {"message_ts": message.ts}


async def update(call: Call) -> Json:
    channel = call.channel(right="")
    message = call.message(channel, call.required("ts"))
    if message.bot_id != call.installation.bot_id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    stored = _stored(call, _content(call))
    # Text without blocks takes the blocks away; attachments and metadata that are not named stay (2026-11).
    always = {"text", "blocks"}
    changes = {name: value for name, value in stored.items() if name in always or name in call.args}
    call.workspace.edit(channel, message, changes, by=call.installation.bot_user_id)
    shape = shapes.message(call.world, message, within=channel)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shape}


async def delete(call: Call) -> Json:
    channel = call.channel(right="")
    message = call.message(channel, call.required("ts"))
    if message.bot_id != call.installation.bot_id:
        raise SlackError("cant_delete_message")
    call.workspace.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


async def get_permalink(call: Call) -> Json:
    channel = call.channel(right="")
    message = call.message(channel, call.required("message_ts"))
    domain = call.world.teams[call.installation.team_id].domain
    link = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def content_of(call: Call) -> Json:
    """The content arguments of a message, judged: text, blocks, attachments, metadata; raises Slack's errors."""
    return _stored(call, _content(call))


def _target(call: Call) -> Channel:
    """Where a post goes: a channel the bot is in, or a user's direct messages."""
    named = call.text("channel")
    if not named:
        raise SlackError("channel_not_found")
    if named in call.world.users:
        channel, _ = call.workspace.conversation(call.installation, [call.user(named)])
    else:
        channel = _by_id_or_name(call, named)
    if channel.is_archived:
        raise SlackError("is_archived")
    is_member = call.installation.bot_user_id in channel.members
    may_post_anywhere = channel.kind is Kind.PUBLIC and "chat:write.public" in call.installation.scopes
    if not is_member and not may_post_anywhere:
        raise SlackError("not_in_channel")
    if channel.kind is Kind.IM and not call.workspace.settings.has_messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def _by_id_or_name(call: Call, named: str) -> Channel:
    for channel in call.world.channels.values():
        if named == channel.id or (channel.name and named.removeprefix("#") == channel.name):
            if call.sees(channel):
                return channel
            break
    raise SlackError("channel_not_found")


def _thread(call: Call, channel: Channel) -> str:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return ""
    if not _TS.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    parent = call.message(channel, thread_ts, error="thread_not_found")
    if parent.thread_ts and parent.thread_ts != parent.ts:
        raise SlackError("cannot_reply_to_message")
    return thread_ts


def _content(call: Call) -> Json:
    for name in ("username", "icon_emoji", "icon_url"):
        if call.text(name):
            call.need("chat:write.customize")
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks, attachments = call.blocks(), _attachments(call)
    if markdown and (text or blocks):
        raise SlackError("markdown_text_conflict")
    if not (text or markdown or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > TEXT_MAX or len(markdown) > MARKDOWN_MAX:
        raise SlackError("msg_too_long")
    if markdown:
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    return {"text": text, "blocks": blocks or [], "attachments": attachments, "metadata": _metadata(call)}


def _attachments(call: Call) -> list[Json]:
    attachments = call.structure("attachments", error="invalid_attachments")
    if attachments is None:
        return []
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > ATTACHMENTS_MAX:
        raise SlackError("too_many_attachments")
    return attachments


def _metadata(call: Call) -> Json | None:
    metadata = call.structure("metadata", error="invalid_metadata_format")
    if metadata in (None, {}):
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return metadata


def _stored(call: Call, content: Json) -> dict[str, Any]:
    mint = call.workspace.mint
    attachments = [{"id": n, "fallback": "[no preview available]"} | a for n, a in enumerate(content["attachments"], 1)]
    return content | {"blocks": with_ids(content["blocks"], lambda: mint.key(5)), "attachments": attachments}


METHODS = (
    Method(name="chat.postMessage", tier=Tier.POST, handler=post_message, scope="chat:write"),
    Method(name="chat.postEphemeral", tier=Tier.FOUR, handler=post_ephemeral, scope="chat:write"),
    Method(name="chat.update", tier=Tier.THREE, handler=update, scope="chat:write"),
    Method(name="chat.delete", tier=Tier.THREE, handler=delete, scope="chat:write"),
    Method(name="chat.getPermalink", tier=Tier.SPECIAL, handler=get_permalink, takes_json=False),
)
