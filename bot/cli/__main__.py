"""`python -m bot.cli` is the offportal command."""

from bot.cli.main import main

main()
