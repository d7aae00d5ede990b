"""The sandbox as it is, for the demo page and testers: the truth, not what the app may see. Changes nothing."""

from __future__ import annotations

from dataclasses import asdict

from bot.sandbox.slack.state import Channel, Json, World


def snapshot(world: World, *, connections: int, mode: str) -> Json:
    """Teams, people, channels with how many messages they hold, and how the app is reached."""
    return {
        "app_id": world.app_id,
        "teams": [asdict(team) for team in world.teams.values()],
        "users": [asdict(user) for user in world.users.values()],
        "channels": [_channel(channel) for channel in world.channels.values()],
        "installed": [installation.team_id for installation in world.installations.values()],
        "connections": connections,
        "mode": mode,
    }


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind.value,
        "host": channel.host_team_id,
        "shared_with": list(channel.connected),
        "pending": list(channel.pending),
        "members": list(channel.members),
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "messages": len(channel.messages),
    }
