"""Which handler does which job, and what is done by the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.engine import Engine, RetryPolicy
from bot.ports import Store
from handlers.apply import on_apply
from handlers.arrived import on_arrived
from handlers.broadcast import on_broadcast
from handlers.broadcast_batch import on_broadcast_batch
from handlers.claim import on_claim
from handlers.deal_changed import on_deal_changed
from handlers.deliver import on_deliver
from handlers.freed import on_freed
from handlers.gave_up import on_gave_up
from handlers.holding import KIND as HOLD_TIMER
from handlers.holding import on_hold_timer
from handlers.note import on_note
from handlers.nudging import on_nudge, on_nudge_sweep
from handlers.protect import on_protect
from handlers.protection import on_protection, on_protection_sweep
from handlers.registration_timer import on_registration_timer
from handlers.requests import on_request_settled
from handlers.services import Services
from handlers.settle import on_settle
from handlers.sharing import on_share, on_unshare
from handlers.wishing import on_wish

log = structlog.get_logger()

# A job in hand when the worker died may have killed it, or was only there. A machine that loses power again and again
# is likelier than a mail that kills, and giving up loses a partner's words. Suspects run one by one.
RETRY = RetryPolicy(crash_tries=20)


def register_jobs(engine: Engine, services: Services, *, concurrency: int) -> None:
    """Which handler does which job, at most `concurrency` at a time of those that share a queue."""
    jobs: Mapping[str, tuple[str, Callable[[Services, str], Awaitable[None]]]] = {
        "arrived": ("inbound", on_arrived),
        "apply": ("crm", on_apply),
        "note": ("notes", on_note),
        "deliver": ("outbound", on_deliver),
        "deal_changed": ("inbound", on_deal_changed),
        "claim": ("crm", on_claim),
        "freed": ("crm", on_freed),
        "protect": ("crm", on_protect),
        "share": ("crm", on_share),
        "unshare": ("crm", on_unshare),
        "settle": ("crm", on_settle),
        "request_settled": ("outbound", on_request_settled),
        "registration_timer": ("inbound", on_registration_timer),
        HOLD_TIMER: ("inbound", on_hold_timer),
        "protection": ("crm", on_protection),
        "nudge": ("crm", on_nudge),
        "broadcast": ("broadcast", on_broadcast),
        "broadcast_batch": ("broadcast", on_broadcast_batch),
        "wish": ("crm", on_wish),
    }

    async def do(handler: Callable[[Services, str], Awaitable[None]], ref: str, _attempt: int) -> None:
        await handler(services, ref)

    for kind, (queue, handler) in jobs.items():
        engine.register(
            kind,
            partial(do, handler),
            queue=queue,
            concurrency=concurrency,
            on_dead=partial(on_gave_up, services),
            retry=RETRY,
        )


async def sweep(services: Services, tick: str, _attempt: int) -> None:
    """Look at the protection of all deals, at every tick."""
    await on_protection_sweep(services, tick)


async def nudge_sweep(services: Services, tick: str, _attempt: int) -> None:
    """Look for deals that are quiet and meetings without a word after them, at every tick."""
    await on_nudge_sweep(services, tick)


async def forget(store: Store, keep: timedelta, tick: str, _attempt: int) -> None:
    """What is older than the operator wants to keep goes, daily."""
    async with store.unit() as unit:
        gone = await unit.forget(datetime.fromisoformat(tick) - keep)
    log.info("store.forgot", messages=gone)
