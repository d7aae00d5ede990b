"""One question, one answer."""

from __future__ import annotations

import pytest

from bot.engine.registry import Registry


async def nothing(_ref: str, _attempt: int) -> None: ...


def register(registry: Registry, kind: str, queue: str | None = None, concurrency: int = 2) -> None:
    registry.register(kind, nothing, queue=queue, concurrency=concurrency, on_dead=None)


def test_kinds_of_one_queue_share_it():
    registry = Registry()
    register(registry, "apply", "crm")
    register(registry, "note", "crm")
    register(registry, "deliver")
    assert registry.queues() == {"crm": 2, "deliver": 2}
    assert registry.kinds_of("crm") == {"apply", "note"}


def test_a_kind_has_one_handler():
    registry = Registry()
    register(registry, "apply")
    with pytest.raises(ValueError, match="apply has a handler already"):
        register(registry, "apply")


def test_a_queue_has_one_concurrency():
    registry = Registry()
    register(registry, "apply", "crm", 2)
    with pytest.raises(ValueError, match="queue crm has a concurrency of 2 already"):
        register(registry, "note", "crm", 3)


def test_a_queue_that_starts_nothing_is_refused():
    with pytest.raises(ValueError, match="would never start anything"):
        register(Registry(), "apply", concurrency=0)
