"""The demo's page in a real browser, over the whole loopback world and a real worker.

PICTURES=folder keeps the pictures it takes; without it they go with the test's own folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.demo import World, worker, world
from bot.sandbox.mail import MailServer
from bot.sandbox.page import serving
from bot.sandbox.playing import until
from tests.browser.cdp import CHROMIUM, Page, chromium

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"),
]

ACME = "[data-deal='9001']"
MAIL = "document.querySelector('#conversation .letter:last-child iframe')?.contentDocument"
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
WIDER_THAN_ITS_BOX = """
[document.documentElement, ...document.querySelectorAll('.panel, .mails, .conversation, .messages, .deals, .deal')]
    .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.id || node.tagName)
"""
EVIL = b"""From: Mallory <mallory@evil.test>
To: julia@brandt-it.example
Subject: <img src=x onerror="document.title='owned'">
Message-ID: <evil@evil.test>
Date: Tue, 24 Nov 2026 12:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p id="words">Hello</p><script>parent.document.title = 'owned'</script>
<img src="/api/snapshot" onerror="parent.document.title = 'owned'"><form action="/api/reply"><button>x</button></form>
"""


@dataclass(frozen=True, slots=True)
class Demo:
    world: World
    page: Page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Demo, str]]:
    """One world for all of these tests: each acts on a deal of its own or on what it has just made."""
    folder = tmp_path_factory.mktemp("demo")
    async with (
        world(folder / "world") as sandbox,
        worker(sandbox.write_config(), sandbox.environ, log=folder / "worker.log"),
        serving(sandbox) as url,
        chromium(folder / "chromium") as page,
    ):
        yield Demo(sandbox, page), url


@pytest_asyncio.fixture(loop_scope="module")
async def demo(running: tuple[Demo, str]) -> AsyncIterator[Demo]:
    """The page, opened anew on a desk's screen; Julia's Slack account is linked."""
    opened, url = running
    page = opened.page
    await page.size(*SIZES["desk"])
    await page.go(url)
    await page.until("document.querySelectorAll('.message.whisper').length >= 2")
    page.complaints.clear()
    yield opened
    assert page.complaints == []


def amount(demo: Demo, deal: str) -> str:
    value: str = demo.world.hubspot.hands.look("deals", deal)["properties"]["amount"]
    return value


async def row_ends_up_with(page: Page, deal: str, shown: str) -> None:
    await page.until(f"document.querySelector(\"[data-deal='{deal}'] .amount\").innerText.trim().endsWith('{shown}')")


async def shown(page: Page, selector: str) -> str:
    """The words of an element that is really to be seen."""
    assert await page.js(f"document.querySelector({selector!r}).checkVisibility()"), selector
    return str(await page.js(f"document.querySelector({selector!r}).innerText"))


async def test_a_partner_answers_a_mail_on_the_page_and_takes_it_back(demo: Demo, tmp_path: Path):
    page = demo.page
    await page.press("#move")
    await page.until("document.querySelector('.mail-row.unread')?.innerText.includes('Acme rollout')")
    await page.press(".mail-row.unread")
    await page.until(f"{MAIL}?.body?.innerText.includes('Configure & Quote')")
    await page.press("#reply")
    await page.type("Danke! Der Betrag ist jetzt 60k.")
    await page.key("Enter", 13, modifiers=2)
    await row_ends_up_with(page, "9001", "€60,000")
    assert amount(demo, "9001") == "60000"
    await page.until("document.querySelectorAll('.letter').length == 3")
    await page.until(f"{MAIL}?.body?.innerText.includes('60.000')")

    assert "Danke! Der Betrag ist jetzt 60k." in await shown(page, ".letter.mine")
    assert "Acme rollout" in await shown(page, "#mails")
    assert "Configure & Quote" in await shown(page, "#messages")
    assert "offportal changed amount" in " ".join((await shown(page, ACME)).split())
    await page.until("document.querySelector('.timeline').innerText.includes('Danke! Der Betrag ist jetzt 60k.')")
    assert await page.js("[...document.querySelectorAll('#steps li')].every((step) => step.className == 'done')")
    await pictures(page, Path(os.environ.get("PICTURES", tmp_path)))

    await page.js(f"{MAIL}.querySelector('a[href^=mailto]').click()")
    assert await page.js("document.querySelector('#reply').value") == "rückgängig"
    await page.press("#reply-form .primary")
    await row_ends_up_with(page, "9001", "€40,000")
    assert amount(demo, "9001") == "40000"


async def pictures(page: Page, folder: Path) -> None:
    """The page as it is now, light and dark, on a desk and on a phone; it never scrolls sideways."""
    for name, size in SIZES.items():
        for dark in (False, True):
            await page.size(*size, dark=dark)
            await page.js("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))")
            await page.picture(folder / f"{name}-{'dark' if dark else 'light'}.png")
            assert await page.js(WIDER_THAN_ITS_BOX) == [], name
    await page.size(*SIZES["desk"])


async def test_a_partner_answers_in_the_channel_and_presses_undo(demo: Demo):
    page = demo.page
    await page.press("[data-deal='9002']")
    await page.until("document.querySelector('.deal-head').innerText.includes('Elbtal')")
    await page.press("#move")
    await page.until("document.querySelector('.message:last-child').innerText.includes('Elbtal Bau')")
    await page.press(".message:last-child .thread")
    await page.type("Elbtal: es werden jetzt 75.000 €")
    await page.key("Enter", 13)
    await row_ends_up_with(page, "9002", "€75,000")
    await page.press(".message.reply [data-focus=undo]")
    await row_ends_up_with(page, "9002", "€31,000")
    assert amount(demo, "9002") == "31000"


async def test_a_whisper_is_seen_by_its_reader_alone(demo: Demo):
    page = demo.page
    lukas = "[...document.querySelector('#speaker').options].find((o) => o.text == 'Lukas Weber').value"
    await page.js(f"document.querySelector('#speaker').value = {lukas}")
    await page.js("document.querySelector('#speaker').dispatchEvent(new Event('change'))")
    await page.until("document.querySelectorAll('.message.whisper').length == 0")
    assert await page.js("document.querySelectorAll('.message').length") >= 2


async def test_the_story_needs_no_mouse(demo: Demo):
    page = demo.page
    before = await shown(page, "#mails")
    for _ in range(60):
        if await page.js("document.activeElement.id") == "move":
            break
        await page.key("Tab", 9)
    await page.key("Enter", 13)
    await page.until(f"document.querySelector('#mails').innerText != {json.dumps(before)}")
    await page.js("document.querySelector('#person').focus()")
    await page.key("Tab", 9)
    await page.key("Enter", 13)
    await page.until(f"{MAIL}?.body?.innerText.includes('Acme rollout')")


async def test_what_the_crm_refuses_is_said(demo: Demo):
    page = demo.page
    await page.js("document.querySelector('#deal [name=closedate]').type = 'text'")
    await page.js("document.querySelector('#deal [name=closedate]').value = 'tomorrow'")
    await page.press("[data-focus=save]")
    await page.until("!document.querySelector('#toast').hidden")
    assert "closedate" in await shown(page, "#toast")
    page.complaints.clear()  # the browser's own word on the refused request


async def test_a_mail_can_run_and_load_nothing(demo: Demo):
    page = demo.page
    assert isinstance(demo.world.mail, MailServer)
    await demo.world.mail.deliver("julia@brandt-it.example", EVIL)
    evil = "[...document.querySelectorAll('.mail-row')].find((row) => row.innerText.includes('<img src=x'))"
    await page.until(evil)
    await page.js(f"{evil}.click()")
    await page.until(f"{MAIL}?.querySelector('#words')")
    await page.js("new Promise((done) => setTimeout(done, 300))")
    assert await page.js("document.title") == "offportal demo"
    assert page.complaints, "the browser says what the policy has blocked"
    assert all("Content Security Policy" in complaint or "sandboxed" in complaint for complaint in page.complaints)
    page.complaints.clear()


async def test_a_registration_shows_its_deal_and_protection_and_a_week_passes(demo: Demo):
    page, slack = demo.page, demo.world.slack
    slack.people.mention(
        "julia", "#brandt-it", "Neuer Deal: Nordwind Logistik AG, Karin Holm, 85.000 EUR, Abschluss Ende Juni 2028"
    )

    async def request() -> dict[str, Any] | None:
        messages = slack.people.messages("#partner-managers")
        return next((m for m in messages if "registers a deal" in str(m.get("text"))), None)

    asked = await until("the managers are asked", request)
    await slack.hands.press("priya.nair", "#partner-managers", asked["ts"], "approve")
    await page.until("document.querySelector('.deal-head')?.innerText.includes('Nordwind')")
    assert "protected until" in await shown(page, ".protection")
    before, day = demo.world.clock(), await shown(page, "#today")
    await page.press("#wait")
    await page.until(f"document.querySelector('#today').innerText != {day!r}")
    assert (demo.world.clock() - before).days == 7
