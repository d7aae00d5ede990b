"""HubSpot as a CRM (bot.ports.CRM). Knows HubSpot's fields, limits and errors; never when to try again."""

from bot.crm.hubspot.adapter import HubSpotCRM
from bot.crm.hubspot.pace import LocalQuotas, Quotas
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.setup import Plan

__all__ = ["HubSpotCRM", "HubSpotSettings", "LocalQuotas", "Plan", "Quotas"]
