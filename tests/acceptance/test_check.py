"""`offportal check` as an operator runs it, against the sandbox's servers."""

from __future__ import annotations

import asyncio
import os
import sys

from tests.acceptance.office import Office, open_office


async def check(office: Office) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "check", "--config", str(office.config)),
        env={**os.environ, **office.world.environ},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_a_set_up_without_a_fault_is_called_well(tmp_path):
    async with open_office(tmp_path) as office:
        assert await check(office) == (0, "All is well.\n")


async def test_channels_where_nothing_could_be_said_are_named_with_who_names_them(tmp_path):
    async with open_office(tmp_path, changes={'"C0MANAGERS0"': '"C0NOSUCHONE"'}) as office:
        office.world.slack.people.leave("U0OFFPORTAL", "#brandt-it")
        code, said = await check(office)
        assert code == 2
        assert said.startswith("2 fault(s):\n")
        assert "slack.managers_channel: 'C0NOSUCHONE': channel_not_found" in said
        assert "the CRM's Slack channel of Brandt IT GmbH: 'C0BRANDTIT0': not_in_channel: invite the app" in said
