"""A CRM in memory: answers the calls of bot.ports.CRM with the same errors. Keeps nothing when the process ends."""

from bot.crm.memory.crm import MemoryCRM
from bot.crm.memory.records import Note

__all__ = ["MemoryCRM", "Note"]
