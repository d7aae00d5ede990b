"""From a notice to a mail or a Slack message, in the reader's language. Knows no recipient and sends nothing."""

from bot.render.renderer import TemplateRenderer

__all__ = ["TemplateRenderer"]
