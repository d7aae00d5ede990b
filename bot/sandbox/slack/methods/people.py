"""users.*, team.info, bots.info, auth.test: who is who. Finds nobody of another team by e-mail, as Slack does not."""

from __future__ import annotations

from bot.sandbox.slack import shapes
from bot.sandbox.slack.call import Call, Method, SlackError
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.pages import page
from bot.sandbox.slack.state import Json, User


async def users_info(call: Call) -> Json:
    return {"user": _shape(call, call.user(call.required("user")))}


async def users_list(call: Call) -> Json:
    """The own workspace's users; externals are missing, as with Slack."""
    own = [u for u in call.world.users.values() if u.team_id == call.installation.team_id]
    found, cursor = page(own, call.text("cursor"), call.limit(max(len(own), 1), 1000))
    now_s = call.workspace.mint.now_s()
    return {
        "members": [_shape(call, u) for u in found],
        "cache_ts": now_s,
        "response_metadata": {"next_cursor": cursor},
    }


async def users_lookup_by_email(call: Call) -> Json:
    email = call.required("email").lower()
    for user in call.world.users.values():
        if user.team_id == call.installation.team_id and user.email.lower() == email and not user.deleted:
            return {"user": _shape(call, user)}
    raise SlackError("users_not_found")


async def team_info(call: Call) -> Json:
    """The own team, or one that shares a channel."""
    own = call.installation.team_id
    team_id = call.text("team") or own
    team = call.world.teams.get(team_id)
    if team is None or (team_id != own and not any(own in c.teams for c in call.world.shared_with(team_id))):
        raise SlackError("team_not_found")
    return {"team": shapes.team(team)}


async def bots_info(call: Call) -> Json:
    bot_id = call.text("bot") or call.installation.bot_id
    for installation in call.world.installations.values():
        if installation.bot_id == bot_id:
            return {"bot": shapes.bot(call.world, installation)}
    raise SlackError("bot_not_found")


async def auth_test(call: Call) -> Json:
    team = call.world.teams[call.installation.team_id]
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.world.users[call.installation.bot_user_id].name,
        "team_id": team.id,
        "user_id": call.installation.bot_user_id,
        "bot_id": call.installation.bot_id,
        "is_enterprise_install": False,
    }


def _shape(call: Call, user: User) -> Json:
    now_s = call.workspace.mint.now_s()
    shape = shapes.user(call.world, user, viewer=call.installation, now_s=now_s)
    return shape | ({"locale": user.locale} if call.flag("include_locale") else {})


METHODS = (
    Method(name="auth.test", tier=Tier.SPECIAL, handler=auth_test),
    Method(name="bots.info", tier=Tier.THREE, handler=bots_info, scope="users:read", takes_json=False),
    Method(name="team.info", tier=Tier.THREE, handler=team_info, scope="team:read", takes_json=False),
    Method(name="users.info", tier=Tier.FOUR, handler=users_info, scope="users:read", takes_json=False),
    Method(name="users.list", tier=Tier.TWO, handler=users_list, scope="users:read", takes_json=False),
    Method(
        name="users.lookupByEmail",
        tier=Tier.THREE,
        handler=users_lookup_by_email,
        scope="users:read.email",
        takes_json=False,
    ),
)
