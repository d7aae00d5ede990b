"""The offportal command. Parses, calls, prints; decides nothing."""

from bot.cli.main import main

__all__ = ["main"]
