"""Posts to a response_url: an answer to the person, or a change of the message they acted on."""

from __future__ import annotations

from http import HTTPStatus

from bot.sandbox.slack.call import Call, SlackError
from bot.sandbox.slack.handles import Hook
from bot.sandbox.slack.methods.chat import content_of
from bot.sandbox.slack.state import Json, Message
from bot.sandbox.slack.workspace import Workspace


def answer_hook(workspace: Workspace, key: str, body: object, *, now_s: float) -> tuple[HTTPStatus, Json]:
    """Carry out one post; the status and JSON that Slack answers with."""
    if not isinstance(body, dict):
        return HTTPStatus.BAD_REQUEST, {"ok": False, "error": "invalid_payload"}
    hook = workspace.handles.use(key, now_s=now_s)
    if isinstance(hook, str):
        return HTTPStatus.NOT_FOUND, {"ok": False, "error": hook}
    try:
        _carry_out(workspace, hook, body, now_s)
    except SlackError as error:
        return HTTPStatus.BAD_REQUEST, {"ok": False, "error": error.code} | error.more
    return HTTPStatus.OK, {"ok": True}


def _carry_out(workspace: Workspace, hook: Hook, body: Json, now_s: float) -> None:
    channel = workspace.world.channels.get(hook.channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    original = channel.find(hook.ts) if hook.ts else None
    if body.get("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        workspace.remove(channel, original)
        return
    call = Call(method="response_url", args=body, installation=hook.installation, workspace=workspace, now_s=now_s)
    content = content_of(call)
    if body.get("replace_original") and original is not None:
        workspace.edit(channel, original, content, by=hook.installation.bot_user_id)
        return
    message: Message = workspace.app_message(
        hook.installation,
        ephemeral_for="" if body.get("response_type") == "in_channel" else hook.user.id,
        thread_ts=call.text("thread_ts"),
        **content,
    )
    workspace.post(channel, message)
