"""views.*: modals on a trigger, App Homes without. The hash guards against two updates at once."""

from __future__ import annotations

from bot.sandbox.slack import modals
from bot.sandbox.slack.blocks import is_view_too_large, why_not_view
from bot.sandbox.slack.call import Call, Method, SlackError, invalid_arguments
from bot.sandbox.slack.handles import Trigger
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.state import Json, View


async def open_(call: Call) -> Json:
    sent = _modal(call)
    trigger = _trigger(call)
    return _answer(call, modals.new_view(call.world, call.workspace.mint, sent, trigger.user, trigger.installation))


async def push(call: Call) -> Json:
    sent = _modal(call)
    trigger = _trigger(call)
    under = call.world.views.get(trigger.view_id)
    if under is None:
        raise SlackError("not_found")
    if len(modals.stack(call.world, under)) >= modals.STACK_MAX:
        raise SlackError("push_limit_reached")
    mint = call.workspace.mint
    return _answer(call, modals.new_view(call.world, mint, sent, trigger.user, trigger.installation, under=under))


async def update(call: Call) -> Json:
    sent = _sent(call)
    view = _named(call)
    if sent["type"] != view.type:
        raise invalid_arguments(["must match the `type` of the view being updated [json-pointer:/view/type]"])
    _guard(call, view)
    _unique_external_id(call, sent, besides=view)
    modals.replace(call.workspace.mint, view, sent)
    return _answer(call, view)


async def publish(call: Call) -> Json:
    user = call.world.users.get(call.required("user_id"))
    if user is None or user.team_id != call.installation.team_id:
        raise invalid_arguments(["invalid `user_id`"])
    if not call.workspace.settings.has_home:
        raise SlackError("not_enabled")
    sent = _sent(call)
    if sent["type"] != "home":
        raise invalid_arguments(["must be `home` to be published [json-pointer:/view/type]"])
    home = call.world.homes.get((call.installation.team_id, user.id))
    if home is None:
        return _answer(call, modals.new_view(call.world, call.workspace.mint, sent, user, call.installation))
    _guard(call, home)
    modals.replace(call.workspace.mint, home, sent)
    return _answer(call, home)


def judged(sent: object) -> Json:
    """A view as the app sent it; raises view_too_large or invalid_arguments with Slack's complaints."""
    if complaints := why_not_view(sent):
        raise invalid_arguments(complaints)
    view: Json = dict(sent)  # type: ignore[call-overload]  # why_not_view accepts nothing but a dict
    if is_view_too_large(view):
        raise SlackError("view_too_large")
    return view


def _sent(call: Call) -> Json:
    if not call.args.get("view"):
        raise invalid_arguments(["missing required field: view"])
    return judged(call.structure("view", error="invalid_arguments"))


def _modal(call: Call) -> Json:
    """The view for views.open and views.push, judged before the trigger is used up."""
    call.required("trigger_id")
    sent = _sent(call)
    if sent["type"] != "modal":
        raise invalid_arguments(["must be `modal` to be opened or pushed [json-pointer:/view/type]"])
    _unique_external_id(call, sent)
    return sent


def _trigger(call: Call) -> Trigger:
    trigger = call.workspace.handles.exchange(call.required("trigger_id"), now_s=call.now_s)
    if isinstance(trigger, str):
        raise SlackError(trigger)
    return trigger


def _named(call: Call) -> View:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise invalid_arguments(["missing required field: view_id"])
    for view in (*call.world.views.values(), *call.world.homes.values()):
        if view.installation.team_id != call.installation.team_id:
            continue
        if view.id == view_id or (external_id and view.definition.get("external_id") == external_id):
            return view
    raise SlackError("not_found")


def _guard(call: Call, view: View) -> None:
    given = call.text("hash")
    if given and given != view.hash:
        raise SlackError("hash_conflict")


def _unique_external_id(call: Call, sent: Json, *, besides: View | None = None) -> None:
    external_id = sent.get("external_id")
    for view in call.world.views.values():
        if external_id and view is not besides and view.definition.get("external_id") == external_id:
            raise SlackError("duplicate_external_id")


def _answer(call: Call, view: View) -> Json:
    return {"view": modals.shape(call.world, view)}


METHODS = (
    Method(name="views.open", tier=Tier.FOUR, handler=open_),
    Method(name="views.push", tier=Tier.FOUR, handler=push),
    Method(name="views.update", tier=Tier.FOUR, handler=update),
    Method(name="views.publish", tier=Tier.FOUR, handler=publish),
)
