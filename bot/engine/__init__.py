"""Durable execution: jobs, lanes, retries, schedules, dead letters, quotas. Refuses SQL and meaning."""

from bot.engine.engine import Engine, WorkerReplacedError
from bot.engine.quotas import LocalBuckets, Quotas
from bot.engine.registry import Handler, OnDead
from bot.engine.retry import RetryPolicy
from bot.engine.schedules import Cron, Every

__all__ = [
    "Cron",
    "Engine",
    "Every",
    "Handler",
    "LocalBuckets",
    "OnDead",
    "Quotas",
    "RetryPolicy",
    "WorkerReplacedError",
]
