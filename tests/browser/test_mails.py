"""Mails with buttons in a real browser: a narrow phone cuts and breaks nothing, and all is legible, dark or light."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.config import LANGUAGES
from bot.examples import example
from bot.render import TemplateRenderer
from tests.browser.cdp import CHROMIUM, Page, chromium

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"),
]

EVENTS = ("answer", "approval_request", "registration_request", "registration_decided", "protection_ending")
NARROW = (320, 700)
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > 320"
LABELS_OF_SEVERAL_LINES = """
[...document.querySelectorAll('.button a')].filter((link) => link.getBoundingClientRect().height > 50)
    .map((link) => link.textContent)
"""
#: Texts whose contrast with what is behind them is under 4.5 (WCAG 2.2, 1.4.3); opacity counts.
FAINT = """
(() => {
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
  const behind = (node) => {
    if (!node) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(node.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim()) continue;
    const style = getComputedStyle(node), back = behind(node);
    const front = rgba(style.color);
    front[3] *= Number(style.opacity);
    const [high, low] = [light(over(front, back)), light(back)].sort((x, y) => y - x);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(texts.currentNode.textContent.trim());
  }
  return faint;
})()
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    async with chromium(tmp_path_factory.mktemp("profile")) as one:
        yield one


async def _open(page: Page, folder: Path, event: str, language: str) -> None:
    renderer = TemplateRenderer(["en", language], programme="Meridian Partner Desk")
    mail = renderer.email(example(event), language, reply_to="partners+token@meridian.example")
    file = folder / f"{event}.{language}.html"
    file.write_text(mail.html, encoding="utf-8")
    await page.go(file.as_uri())
    await page.until(f"document.readyState === 'complete' && location.pathname.endsWith({file.name!r})")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
async def test_a_mail_fits_a_narrow_phone_and_no_buttons_word_is_broken(page, tmp_path, event, language):
    await page.size(*NARROW)
    await _open(page, tmp_path, event, language)
    assert await page.js(WIDER_THAN_THE_SCREEN) is False
    assert await page.js(LABELS_OF_SEVERAL_LINES) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("event", EVENTS)
async def test_every_word_of_a_mail_is_legible(page, tmp_path, event, dark):
    await page.size(700, 900, dark=dark)
    await _open(page, tmp_path, event, "en")
    assert await page.js(FAINT) == []
