"""The objects of Slack's API as JSON: users, channels, messages, views, teams. Pure; shows nobody's e-mail unasked.

Shapes follow docs.slack.dev/reference/objects and the payload samples of java-slack-sdk and bolt-python (2026-11).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.slack.state import Channel, Installation, Json, Kind, Message, Team, User, View, World

_BOT_ICONS = {f"image_{px}": f"https://a.slack-edge.com/bot-{px}.png" for px in (36, 48, 72)}
_AVATAR = {f"image_{px}": f"https://a.slack-edge.com/avatar-{px}.png" for px in (24, 32, 48, 72, 192, 512)}


def team(of: Team) -> Json:
    return {
        "id": of.id,
        "name": of.name,
        "url": f"https://{of.domain}.slack.com/",
        "domain": of.domain,
        "email_domain": "",
        "icon": {"image_default": True},
        "avatar_base_url": "https://ca.slack-edge.com/",
        "is_verified": False,
    }


def user(world: World, of: User, *, viewer: Installation, now_s: int) -> Json:
    """A user as one installation sees them: an external has no e-mail, no roles, and `is_stranger`.

    `is_stranger` is False once the external shares a channel with the viewer's workspace.
    """
    zone = datetime.fromtimestamp(now_s, tz=ZoneInfo(of.tz))
    offset = zone.utcoffset()
    shape: Json = {
        "id": of.id,
        "team_id": of.team_id,
        "name": of.name,
        "deleted": of.deleted,
        "color": "9f69e7",
        "real_name": of.real_name,
        "tz": of.tz,
        "tz_label": zone.tzname() or of.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": profile(of, with_email=_may_see_email(of, viewer)),
        "is_bot": bool(of.bot_id),
        "is_app_user": False,
        "updated": of.updated_s,
        "who_can_share_contact_card": "EVERYONE",
    }
    if of.team_id != viewer.team_id:
        shared = any(of.id in c.members for c in world.shared_with(viewer.team_id))
        return shape | {"is_stranger": not shared}
    roles = {"is_admin": of.is_admin, "is_owner": False, "is_primary_owner": False}
    return shape | roles | {"is_restricted": False, "is_ultra_restricted": False, "is_email_confirmed": True}


def profile(of: User, *, with_email: bool) -> Json:
    first, _, last = of.real_name.partition(" ")
    shape: Json = {
        "title": of.title,
        "phone": "",
        "skype": "",
        "real_name": of.real_name,
        "real_name_normalized": of.real_name,
        "display_name": of.name,
        "display_name_normalized": of.name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "g000000000",
        "first_name": first,
        "last_name": last,
        "team": of.team_id,
        **_AVATAR,
    }
    if of.bot_id:
        shape |= {"bot_id": of.bot_id, "always_active": True}
    if with_email:
        shape["email"] = of.email
    return shape


def _may_see_email(of: User, viewer: Installation) -> bool:
    return bool(of.email) and of.team_id == viewer.team_id and "users:read.email" in viewer.scopes


def channel(of: Channel, *, viewer: Installation, now_s: int, num_members: bool = False) -> Json:
    """A conversation as one installation sees it; direct messages have Slack's shorter shape."""
    base: Json = {
        "id": of.id,
        "created": of.created_s,
        "is_archived": of.is_archived,
        "is_im": of.kind is Kind.IM,
        "is_org_shared": False,
        "context_team_id": viewer.team_id,
        "updated": of.created_s * 1000,
    }
    if of.kind is Kind.IM:
        other = next((m for m in of.members if m != viewer.bot_user_id), "")
        return base | {"user": other, "is_user_deleted": False, "is_open": True, "priority": 0}
    shape = base | _room(of, viewer)
    if of.is_ext_shared:
        others = [t for t in of.teams if t != viewer.team_id]
        shape |= {"connected_team_ids": others, "internal_team_ids": [viewer.team_id]}
        shape |= {"conversation_host_id": of.host_team_id, "connected_limited_team_ids": []}
    if shape["is_member"]:
        shape["last_read"] = f"{now_s}.000000"
    if num_members:
        shape["num_members"] = len(of.members)
    return shape


def _room(of: Channel, viewer: Installation) -> Json:
    """What channels have and direct messages have not."""
    return {
        "name": of.name,
        "name_normalized": of.name,
        "is_channel": of.kind is Kind.PUBLIC,
        "is_group": of.kind is Kind.PRIVATE,
        "is_mpim": of.kind is Kind.MPIM,
        "is_private": of.kind is not Kind.PUBLIC,
        "is_general": False,
        "is_shared": of.is_ext_shared,
        "is_ext_shared": of.is_ext_shared,
        "is_pending_ext_shared": bool(of.pending),
        "pending_shared": list(of.pending),
        "pending_connected_team_ids": list(of.pending),
        "shared_team_ids": list(of.teams),
        "parent_conversation": None,
        "unlinked": 0,
        "creator": of.creator_id,
        "is_member": viewer.bot_user_id in of.members,
        "topic": _note(of, of.topic),
        "purpose": _note(of, of.purpose),
        "previous_names": list(of.previous_names),
    }


def _note(of: Channel, value: str) -> Json:
    """A topic or purpose."""
    return {"value": value, "creator": of.creator_id if value else "", "last_set": of.created_s if value else 0}


def bot(world: World, of: Installation) -> Json:
    return {
        "id": of.bot_id,
        "deleted": False,
        "name": world.app_name,
        "updated": world.users[of.bot_user_id].updated_s,
        "app_id": world.app_id,
        "user_id": of.bot_user_id,
        "icons": _BOT_ICONS,
    }


def message(world: World, of: Message, *, within: Channel | None = None) -> Json:
    """A message as in history and events; `within` adds what a thread's parent knows of its replies."""
    shape: Json = {"type": "message", "user": of.user_id, "ts": of.ts, "text": of.text, "team": of.team_id}
    if of.subtype:
        shape["subtype"] = of.subtype
    if of.client_msg_id:
        shape["client_msg_id"] = of.client_msg_id
    if of.bot_id:
        shape |= {"bot_id": of.bot_id, "app_id": world.app_id, "bot_profile": _bot_profile(world, of)}
    for name in ("blocks", "attachments", "metadata", "edited"):
        if value := getattr(of, name):
            shape[name] = value
    if of.reactions:
        shape["reactions"] = [{"name": n, "users": list(u), "count": len(u)} for n, u in of.reactions.items()]
    replies = within.replies(of.ts) if within is not None else []
    if replies:
        shape |= _as_parent(of, replies)
    elif of.thread_ts:
        shape["thread_ts"] = of.thread_ts
        if within is not None and (parent := within.messages.get(of.thread_ts)):
            shape["parent_user_id"] = parent.user_id
    return shape


def _as_parent(of: Message, replies: list[Message]) -> Json:
    authors = list(dict.fromkeys(r.user_id for r in replies))
    return {
        "thread_ts": of.ts,
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "latest_reply": replies[-1].ts,
        "reply_users": authors[:5],
        "is_locked": False,
        "subscribed": bool(of.bot_id),
    }


def _bot_profile(world: World, of: Message) -> Json:
    return {
        "id": of.bot_id,
        "app_id": world.app_id,
        "user_id": of.user_id,
        "name": world.app_name,
        "icons": _BOT_ICONS,
        "deleted": False,
        "updated": world.users[of.user_id].updated_s,
        "team_id": of.team_id,
    }


def view(world: World, of: View, *, values: Json) -> Json:
    """A view as views.* answer it and interactions carry it; `values` is state.values."""
    sent = of.definition
    shape: Json = {
        "id": of.id,
        "team_id": of.team_id,
        "type": of.type,
        "blocks": sent["blocks"],
        "private_metadata": sent.get("private_metadata", ""),
        "callback_id": sent.get("callback_id", ""),
        "state": {"values": values},
        "hash": of.hash,
        "clear_on_close": sent.get("clear_on_close", False),
        "notify_on_close": sent.get("notify_on_close", False),
        "root_view_id": of.root_view_id,
        "previous_view_id": of.previous_view_id,
        "app_id": world.app_id,
        "external_id": sent.get("external_id", ""),
        "app_installed_team_id": of.installation.team_id,
        "bot_id": of.installation.bot_id,
    }
    if of.type == "modal":
        shape |= {"title": sent["title"], "submit": sent.get("submit"), "close": sent.get("close")}
        shape["submit_disabled"] = sent.get("submit_disabled", False)
    else:
        shape |= {"title": {"type": "plain_text", "text": "View Title", "emoji": True}, "submit": None, "close": None}
    return shape
