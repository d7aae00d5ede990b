"""Posts to a response_url: an answer to the person, or a change of the message they acted on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.sandbox.record import Recorder
from bot.sandbox.slack.call import Call, SlackError
from bot.sandbox.slack.handles import Hook
from bot.sandbox.slack.methods.chat import content_of
from bot.sandbox.slack.state import Json
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Answers `/actions/<key>`. `now_s` only goes forward (seconds)."""

    workspace: Workspace
    record: Recorder | None
    now_s: Callable[[], float]

    async def on_post(self, request: web.Request) -> web.Response:
        """One post, from the record to the answer."""
        body = await request.read()
        if self.record is not None:
            self.record.write("slack", request.method, request.path, request.query, request.headers, body)
        status, answer = self._answer(request.match_info["key"], body)
        return web.json_response(answer, status=status)

    def _answer(self, key: str, body: bytes) -> tuple[HTTPStatus, Json]:
        try:
            sent = json.loads(body)
        except ValueError:
            sent = None
        if not isinstance(sent, dict):
            return HTTPStatus.BAD_REQUEST, {"ok": False, "error": "invalid_payload"}
        now_s = self.now_s()
        hook = self.workspace.handles.use(key, now_s=now_s)
        if isinstance(hook, str):
            return HTTPStatus.NOT_FOUND, {"ok": False, "error": hook}
        try:
            _carry_out(self.workspace, hook, sent, now_s)
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
    message = workspace.app_message(
        hook.installation,
        ephemeral_for="" if body.get("response_type") == "in_channel" else hook.user.id,
        thread_ts=call.text("thread_ts"),
        **content,
    )
    workspace.post(channel, message)
