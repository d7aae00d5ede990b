"""Views and their stacks: opened, pushed, replaced, closed. Judges no Block Kit and talks to nobody."""

from __future__ import annotations

from bot.sandbox.slack import forms, shapes
from bot.sandbox.slack.blocks import with_ids
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.state import Installation, Json, User, View, World

STACK_MAX = 3


def new_view(
    world: World, mint: Mint, sent: Json, user: User, installation: Installation, *, under: View | None = None
) -> View:
    """Open a modal, on top of `under` when it is pushed; or make an App Home, which lies in no stack."""
    view_id = mint.id("V")
    view = View(
        id=view_id,
        type=sent["type"],
        user_id=user.id,
        team_id=user.team_id,
        installation=installation,
        definition=sent | {"blocks": with_ids(sent["blocks"], lambda: mint.key(5))},
        hash=_hash(mint),
        root_view_id=under.root_view_id if under is not None else view_id,
        previous_view_id=under.id if under is not None else None,
    )
    if view.type == "home":
        world.homes[installation.team_id, user.id] = view
    else:
        world.views[view.id] = view
    return view


def replace(mint: Mint, view: View, sent: Json) -> None:
    """Give a view new content; what the person filled in stays where block_id and action_id stay the same."""
    view.definition = sent | {"blocks": with_ids(sent["blocks"], lambda: mint.key(5))}
    view.hash = _hash(mint)
    view.errors = {}


def close(world: World, view: View, *, whole_stack: bool = False) -> None:
    """Take a modal off the screen, or all of its stack."""
    gone = [v.id for v in world.views.values() if v.root_view_id == view.root_view_id] if whole_stack else [view.id]
    for view_id in gone:
        world.views.pop(view_id, None)


def stack(world: World, view: View) -> list[View]:
    """The open views of a view's stack, the root first."""
    return [v for v in world.views.values() if v.root_view_id == view.root_view_id]


def shape(world: World, view: View) -> Json:
    """The view as the API and interactions show it, with its state."""
    return shapes.view(world, view, values=forms.values(view.definition["blocks"], view.chosen))


def _hash(mint: Mint) -> str:
    return f"{mint.now_s()}.{mint.key(8)}"
