"""A stateful HubSpot on loopback, as strict as the real one where it is known. Talks to nobody, keeps nothing."""

from bot.sandbox.hubspot.failures import Effect, Failure
from bot.sandbox.hubspot.limits import Limits
from bot.sandbox.hubspot.records import Actor
from bot.sandbox.hubspot.seed import Seed, SeedError, read_seed
from bot.sandbox.hubspot.server import HubSpotServer, Settings

__all__ = [
    "Actor",
    "Effect",
    "Failure",
    "HubSpotServer",
    "Limits",
    "Seed",
    "SeedError",
    "Settings",
    "read_seed",
]
