"""From a person's words to proposed actions. Knows no rights, no CRM and no clock."""

from bot.language.case import About, Case, CaseDeal, Result, Speaker
from bot.language.understanding import understand

__all__ = ["About", "Case", "CaseDeal", "Result", "Speaker", "understand"]
