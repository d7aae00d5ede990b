"""One question for many who ask at the same time: who comes while one is on its way joins the next.

Refuses to remember: every answer was asked for after its asker came. Alone, nobody waits for anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Together(Generic[K, V]):
    """`ask` gets at most `most` keys and answers each; at any time one question is on its way."""

    def __init__(self, ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, most: int) -> None:
        self._ask = ask
        self._most = most
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def one(self, key: K) -> V:
        """The answer for one key; raises what `ask` raised."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        answer = self._waiting[key]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all(), name="hubspot-together")
        return await asyncio.shield(answer)

    async def _ask_all(self) -> None:
        while self._waiting:
            asked = {key: self._waiting.pop(key) for key in list(islice(self._waiting, self._most))}
            try:
                answers = await self._ask(list(asked))
            except Exception as exc:  # noqa: BLE001 - it is raised to everybody who asked
                for answer in asked.values():
                    answer.set_exception(exc)
                    answer.exception()  # known, should its asker have left
            else:
                for key, answer in asked.items():
                    answer.set_result(answers[key])
