"""preview: a notice as its readers see it, with made-up values."""

from __future__ import annotations

import json
import tempfile
import webbrowser
from pathlib import Path

import click

from bot.config import LANGUAGES
from bot.domain.notices import EVENTS
from bot.examples import example
from bot.render import TemplateRenderer


@click.command()
@click.argument("event", type=click.Choice(sorted(EVENTS)))
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--channel", type=click.Choice(["email", "slack"]), default="email", show_default=True)
@click.option("--open", "in_browser", is_flag=True, help="Open the HTML in a browser.")
def preview(event: str, language: str, channel: str, *, in_browser: bool) -> None:
    """Show a notice with made-up values, to see what a template makes of it."""
    renderer = TemplateRenderer(LANGUAGES, programme="Meridian Partner Desk")
    notice = example(event)
    if channel == "slack":
        slack = renderer.slack(notice, language)
        click.echo(json.dumps({"text": slack.text, "blocks": slack.blocks}, ensure_ascii=False, indent=2))
        return
    mail = renderer.email(notice, language, reply_to="partners+token@meridian.example")
    click.echo(f"Subject: {mail.subject}\n\n{mail.text}")
    if in_browser:
        with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as page:
            page.write(mail.html)
        webbrowser.open(Path(page.name).as_uri())
