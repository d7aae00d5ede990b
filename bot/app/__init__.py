"""The composition root: builds every part from the configuration, once, and owns the clock. Holds no rule."""

from bot.app.assembly import crm_of, opened, run
from bot.app.jobs import register_jobs
from bot.app.parts import App

__all__ = ["App", "crm_of", "opened", "register_jobs", "run"]
