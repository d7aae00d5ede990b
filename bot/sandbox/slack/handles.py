"""What Slack hands out for a short time: trigger ids and response URLs. Knows how long they hold, not what for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.state import Installation, User

TRIGGER_LIVES_S = 3.0
HOOK_LIVES_S = 30 * 60.0
HOOK_USES = 5


@dataclass(slots=True, kw_only=True)
class Trigger:
    """Lets the app open one view for this person. `view_id` is the modal that it was pressed in."""

    id: str
    user: User
    installation: Installation
    issued_s: float
    view_id: str = ""
    is_used: bool = False


@dataclass(slots=True, kw_only=True)
class Hook:
    """A response_url: five posts in thirty minutes to where the person acted, `ts` the message they acted on."""

    key: str
    channel_id: str
    user: User
    installation: Installation
    issued_s: float
    ts: str = ""
    uses: int = 0


class Handles:
    """Issues them and finds them again. `now_s` is any clock that only goes forward, in seconds."""

    def __init__(self, mint: Mint, *, trigger_lives_s: float = TRIGGER_LIVES_S) -> None:
        self.trigger_lives_s = trigger_lives_s
        self._mint = mint
        self._triggers: dict[str, Trigger] = {}
        self._hooks: dict[str, Hook] = {}

    def trigger(self, user: User, installation: Installation, *, now_s: float, view_id: str = "") -> str:
        key = f"{self._mint.now_s()}.{len(self._triggers) + 1}.{self._mint.key(16, purpose='trigger').lower()}"
        self._triggers[key] = Trigger(id=key, user=user, installation=installation, issued_s=now_s, view_id=view_id)
        return key

    def exchange(self, trigger_id: str, *, now_s: float) -> Trigger | str:
        """The trigger, now used up; or Slack's error code."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.is_used:
            return "exchanged_trigger_id"
        if now_s - trigger.issued_s > self.trigger_lives_s:
            return "expired_trigger_id"
        trigger.is_used = True
        return trigger

    def hook(self, channel_id: str, user: User, installation: Installation, *, now_s: float, ts: str = "") -> str:
        """The path of a new response_url below the server."""
        key = f"{installation.team_id}/{len(self._hooks) + 1}/{self._mint.key(16, purpose='hook').lower()}"
        self._hooks[key] = Hook(
            key=key, channel_id=channel_id, user=user, installation=installation, issued_s=now_s, ts=ts
        )
        return key

    def use(self, key: str, *, now_s: float) -> Hook | str:
        """The hook, one use counted; or Slack's error code."""
        hook = self._hooks.get(key)
        if hook is None or now_s - hook.issued_s > HOOK_LIVES_S:
            return "expired_url"
        if hook.uses >= HOOK_USES:
            return "used_url"
        hook.uses += 1
        return hook
