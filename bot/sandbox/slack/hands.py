"""What people press, choose, submit and command, and what they see of the app's answer. Writing is in people.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import forms, interactive, modals
from bot.sandbox.slack.blocks import why_not_blocks, why_not_view, with_ids
from bot.sandbox.slack.courier import Answer, Category
from bot.sandbox.slack.state import Channel, Installation, Json, Message, SandboxError, User, View
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the person sees: `error` is Slack's words when it did not work, `answer` is what the app returned."""

    ok: bool
    error: str = ""
    answer: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Acts for anybody; the names are as in People. `now_s` only goes forward (seconds)."""

    workspace: Workspace
    now_s: Callable[[], float]

    async def press(
        self, user: str, channel: str, ts: str, action_id: str, value: Any = None, *, block_id: str = ""
    ) -> Outcome:
        """Press a button of a message by action id or label, or choose `value` in its select or datepicker."""
        person, place = self._in(user, channel)
        message = place.find(ts)
        if message is None or message.ephemeral_for not in {"", person.id}:
            raise SandboxError(f"message {ts!r}: {person.name} sees no such message in {place.id}")
        installation = self._author(message)
        block, element = forms.find_element(message.blocks, action_id, block_id)
        payload = interactive.message_actions(
            self.workspace.world,
            place,
            message,
            person,
            installation=installation,
            action=forms.action(block, element, value, action_ts=self.workspace.mint.ts()),
            trigger_id=self._trigger(person, installation),
            response_url=self._hook(place, person, installation, ts=message.ts),
        )
        return _outcome(await self.workspace.courier.ask(Category.INTERACTIVE, payload))

    async def press_in_view(self, view_id: str, action_id: str, value: Any = None, *, block_id: str = "") -> Outcome:
        """Press or choose in an open modal or App Home."""
        view = self._view(view_id)
        person = self.workspace.world.users[view.user_id]
        block, element = forms.find_element(view.definition["blocks"], action_id, block_id)
        action = forms.action(block, element, value, action_ts=self.workspace.mint.ts())
        if element["type"] not in {"button", "overflow", "workflow_button"}:
            chosen = forms.value_of(element, value)
            view.chosen.setdefault(block["block_id"], {})[element["action_id"]] = chosen
        trigger_id = self._trigger(person, view.installation, view_id=view.id if view.type == "modal" else "")
        payload = interactive.view_actions(self.workspace.world, view, person, action=action, trigger_id=trigger_id)
        return _outcome(await self.workspace.courier.ask(Category.INTERACTIVE, payload))

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """Type a slash command. Where the person's own workspace has not installed the app, Slack knows none."""
        person, place = self._in(user, channel)
        installation = self.workspace.world.installed_in(person.team_id)
        known = self.workspace.settings.knows(command)
        if installation is None or not known or "commands" not in installation.scopes:
            return Outcome(ok=False, error=f"{command} is not a valid command.")
        payload = interactive.command(
            self.workspace.world,
            place,
            person,
            command,
            self._with_names(text, escaped=self.workspace.settings.escapes(command)),
            trigger_id=self._trigger(person, installation),
            response_url=self._hook(place, person, installation),
        )
        answer = await self.workspace.courier.ask(Category.COMMAND, payload)
        if not answer.acked:
            word = "operation_timeout" if "timeout" in answer.reason else "dispatch_failed"
            return Outcome(ok=False, error=f'{command} failed with the error "{word}"')
        return self._said(answer, place, person, installation)

    async def submit(self, view_id: str, values: Mapping[str, Any]) -> Outcome:
        """Fill in an open modal and submit it. `values` as in forms.chosen_from; what Slack's own client refuses
        (a required field left empty) is a SandboxError."""
        view = self._view(view_id)
        person = self.workspace.world.users[view.user_id]
        blocks = view.definition["blocks"]
        for block_id, fields in forms.chosen_from(blocks, values).items():
            view.chosen.setdefault(block_id, {}).update(fields)
        if wrong := forms.why_not_submit(blocks, forms.values(blocks, view.chosen)):
            raise SandboxError(f"view {view_id}: {wrong}")
        trigger_id = self._trigger(person, view.installation, view_id=view.id)
        payload = interactive.submission(self.workspace.world, view, person, trigger_id=trigger_id)
        answer = await self.workspace.courier.ask(Category.INTERACTIVE, payload)
        if not answer.acked:
            return Outcome(ok=False, error="We had some trouble connecting. Try again?")
        return self._follow(view, person, answer.body or {})

    async def close(self, view_id: str, *, clear: bool = False) -> Outcome:
        """Close an open modal, or with `clear` its whole stack; the app hears of it if it asked to."""
        view = self._view(view_id)
        person = self.workspace.world.users[view.user_id]
        payload = interactive.closing(self.workspace.world, view, person, is_cleared=clear)
        modals.close(self.workspace.world, view, whole_stack=clear)
        if not view.definition.get("notify_on_close", False):
            return Outcome(ok=True)
        return _outcome(await self.workspace.courier.ask(Category.INTERACTIVE, payload))

    async def shortcut(self, user: str, callback_id: str) -> Outcome:
        """Run a global shortcut."""
        person, installation = self._installed(user, callback_id)
        payload = interactive.shortcut(
            self.workspace.world,
            person,
            callback_id,
            trigger_id=self._trigger(person, installation),
            action_ts=self.workspace.mint.ts(),
        )
        return _outcome(await self.workspace.courier.ask(Category.INTERACTIVE, payload))

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Run a shortcut on a message."""
        person, installation = self._installed(user, callback_id)
        place = self.workspace.world.place(channel)
        message = place.messages.get(ts)
        if message is None:
            raise SandboxError(f"message {ts!r}: not in {place.id}")
        payload = interactive.message_shortcut(
            self.workspace.world,
            place,
            message,
            person,
            callback_id=callback_id,
            trigger_id=self._trigger(person, installation),
            action_ts=self.workspace.mint.ts(),
            response_url=self._hook(place, person, installation, ts=ts),
        )
        return _outcome(await self.workspace.courier.ask(Category.INTERACTIVE, payload))

    def views(self, user: str) -> list[Json]:
        """The modals a person has open, the topmost last."""
        person = self.workspace.world.person(user)
        world = self.workspace.world
        return [modals.shape(world, v) | {"errors": v.errors} for v in world.views.values() if v.user_id == person.id]

    def home(self, user: str) -> Json | None:
        """The App Home that was published for a person."""
        person = self.workspace.world.person(user)
        home = self.workspace.world.homes.get((person.team_id, person.id))
        return None if home is None else modals.shape(self.workspace.world, home)

    def _follow(self, view: View, person: User, body: Json) -> Outcome:
        """Do what the app's response_action says."""
        world, mint = self.workspace.world, self.workspace.mint
        match body.get("response_action"):
            case None:
                modals.close(world, view)
            case "clear":
                modals.close(world, view, whole_stack=True)
            case "errors":
                return self._show_errors(view, body)
            case "update" | "push" as action:
                if complaints := why_not_view(body.get("view")):
                    return Outcome(ok=False, error=f"invalid view: {complaints}", answer=body)
                if action == "update":
                    modals.replace(mint, view, body["view"])
                else:
                    modals.new_view(world, mint, body["view"], person, view.installation, under=view)
            case unknown:
                return Outcome(ok=False, error=f"unknown response_action: {unknown}", answer=body)
        return Outcome(ok=True, answer=body or None)

    def _show_errors(self, view: View, body: Json) -> Outcome:
        inputs = {b["block_id"] for b in view.definition["blocks"] if b["type"] == "input"}
        errors = body.get("errors")
        if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
            return Outcome(ok=False, error=f"errors name no input block: {errors}", answer=body)
        view.errors = errors
        return Outcome(ok=True, answer=body)

    def _said(self, answer: Answer, place: Channel, person: User, installation: Installation) -> Outcome:
        """Show what the app put into its acknowledgement of a command."""
        body = answer.body or {}
        blocks = body.get("blocks") or []
        if complaints := why_not_blocks(blocks):
            return Outcome(ok=False, error=f"invalid_blocks: {complaints}", answer=body)
        if body.get("text") or blocks:
            mint = self.workspace.mint
            message = self.workspace.app_message(
                installation,
                text=body.get("text", ""),
                blocks=with_ids(blocks, lambda: mint.key(5)),
                ephemeral_for="" if body.get("response_type") == "in_channel" else person.id,
            )
            self.workspace.post(place, message)
        return Outcome(ok=True, answer=answer.body)

    def _in(self, user: str, channel: str) -> tuple[User, Channel]:
        person, place = self.workspace.world.person(user), self.workspace.world.place(channel)
        if person.id not in place.members:
            raise SandboxError(f"user {user!r}: is not a member of {place.name or place.id}")
        return person, place

    def _view(self, view_id: str) -> View:
        world = self.workspace.world
        for view in (*world.views.values(), *world.homes.values()):
            if view.id == view_id:
                return view
        raise SandboxError(f"view {view_id!r}: is not open")

    def _with_names(self, text: str, *, escaped: bool) -> str:
        """Mentions in a command's text: `<@U…|name>` when the manifest has them escaped, else `@name`."""
        for user in self.workspace.world.users.values():
            text = text.replace(f"<@{user.id}>", f"<@{user.id}|{user.name}>" if escaped else f"@{user.name}")
        return text

    def _installed(self, user: str, callback_id: str) -> tuple[User, Installation]:
        person = self.workspace.world.person(user)
        installation = self.workspace.world.installed_in(person.team_id)
        if installation is None:
            raise SandboxError(f"user {user!r}: the app is not installed in {person.team_id}")
        if not self.workspace.settings.offers(callback_id):
            raise SandboxError(f"shortcut {callback_id!r}: is not in the app's manifest")
        return person, installation

    def _author(self, message: Message) -> Installation:
        for installation in self.workspace.world.installations.values():
            if installation.bot_id == message.bot_id:
                return installation
        raise SandboxError(f"message {message.ts}: is not the app's; its buttons lead elsewhere")

    def _trigger(self, user: User, installation: Installation, *, view_id: str = "") -> str:
        return self.workspace.handles.trigger(user, installation, now_s=self.now_s(), view_id=view_id)

    def _hook(self, place: Channel, user: User, installation: Installation, *, ts: str = "") -> str:
        key = self.workspace.handles.hook(place.id, user, installation, now_s=self.now_s(), ts=ts)
        return f"{self.workspace.hooks_url}{key}"


def _outcome(answer: Answer) -> Outcome:
    if answer.acked:
        return Outcome(ok=True, answer=answer.body)
    return Outcome(ok=False, error=answer.reason)
