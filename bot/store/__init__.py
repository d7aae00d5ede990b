"""All SQL of offportal. Refuses partners and deals: the CRM is their only home."""

from bot.store.acceptances import acceptances
from bot.store.db import Database
from bot.store.ledger import SqlLedger
from bot.store.migrate import upgrade
from bot.store.rates import SqlRates
from bot.store.store import SqlStore

__all__ = ["Database", "SqlLedger", "SqlRates", "SqlStore", "acceptances", "upgrade"]
