"""The one way out to HubSpot: hubspot-api-client in threads, behind one hook. Knows no record and no rule.

The client knows paths, parameters and authentication; the hook sends. It owns what the client lacks: one pool of
connections, time-outs, no hidden retries, dated paths, the pace. Answers come back raw (`Reply`): the client's
models cost ten times the parsing, and turn an unexpected 2xx into None.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
import tenacity
import urllib3
from hubspot import HubSpot

from bot.crm.hubspot.errors import Call, Reply, broken, error_of
from bot.crm.hubspot.pace import LocalQuotas, Quotas
from bot.crm.hubspot.settings import HubSpotSettings
from bot.errors import TransientError, UnknownOutcomeError

log = structlog.get_logger()

THREADS = 8
TRIES = 3
PATIENCE_S = 10.0  # no new try after that, and no longer wait for our turn
LONGEST_PAUSE_S = 60.0  # then HubSpot is asked again, however long it said
SHORT_WAIT_S = 2.0
_VERSIONED = re.compile(
    r"^/(?:(crm)/v[34]/(objects|associations|properties|pipelines|owners)|(account-info)/v3"
    r"|(communication-preferences)/v4)\b"
)

Operation = Callable[[HubSpot], Any]


def dated(path: str, family: str) -> str:
    """The path in a dated family: /crm/v3/objects/deals -> /crm/objects/2026-09/deals.

    Source: HubSpot's migration guide and the published 2026-09 specifications, which also drop v3's one trailing
    slash (/crm/v3/owners/).
    """
    if family == "v3":
        return path
    return _VERSIONED.sub(lambda m: "/" + "/".join(p for p in (*m.groups(), family) if p), path).rstrip("/")


class Transport:
    """Sends calls to one portal. `send` may be used by any number of tasks at once."""

    def __init__(self, settings: HubSpotSettings, quotas: Quotas | None = None) -> None:
        self._settings = settings
        self._quotas = quotas or LocalQuotas()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubspot")
        self._pool = urllib3.PoolManager(num_pools=4, maxsize=THREADS, block=True, retries=False)
        self._apis: dict[tuple[str, str], Any] = {}
        self._paused_until = {False: 0.0, True: 0.0}  # searches have a limit of their own
        self._hub = HubSpot(
            access_token=settings.access_token,
            host=settings.base_url.rstrip("/"),
            base_url=settings.base_url.rstrip("/"),
            api_factory=self._api,
        )

    async def send(self, call: Call, operation: Operation) -> Any:
        """Carry out one call; returns its JSON. `operation` gets the client and must pass on `_preload_content=False`.

        Tries again by itself only what was surely not carried out, at most three times and ten seconds.

        Raises:
            TransientError, UnknownOutcomeError, PermanentError, GoneError, InvalidError
        """
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(_again_at_once),
            wait=_wait,
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(PATIENCE_S),
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await retrying(self._once, call, operation)

    async def get(self, call: Call, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """GET a path (in its numbered form) that the client does not know."""
        return await self.send(call, partial(_ask, method="GET", path=path, query_params=list((query or {}).items())))

    async def post(self, call: Call, path: str, body: Mapping[str, Any]) -> Any:
        """POST to a path (in its numbered form) that the client does not know."""
        return await self.send(call, partial(_ask, method="POST", path=path, body=dict(body)))

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    async def _once(self, call: Call, operation: Operation) -> Any:
        await self._keep_pace(call)
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            reply: Reply = await loop.run_in_executor(self._threads, operation, self._hub)
        except urllib3.exceptions.HTTPError as exc:
            raise broken(call, exc) from exc
        log.debug("hubspot.answered", call=call.what, status=reply.status, took_s=round(loop.time() - started, 3))
        content = reply.json() if reply.status in call.expect else None
        if content is None:
            error = error_of(call, reply)
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS and isinstance(error, TransientError):
                wait_s = error.retry_after.total_seconds() if error.retry_after else 1.0
                self._paused_until[call.search] = loop.time() + min(wait_s, LONGEST_PAUSE_S)
            raise error
        return content

    async def _keep_pace(self, call: Call) -> None:
        """Wait for our turn: bursts of 40 % of the ten-second limit and 5 % of it a second stay 10 % below it.
        After HubSpot's "too fast" nobody asks before its time."""
        limit = self._settings.calls_per_10_s
        waits = [self._paused_until[call.search] - asyncio.get_running_loop().time()]
        waits += [await self._quotas.take("hubspot", limit * 0.05, max(1, int(limit * 0.4)))]
        if call.search:  # 5 a second for the whole account (search guide): one at once, then 80 % of it
            waits.append(await self._quotas.take("hubspot:search", self._settings.searches_per_s * 0.8, 1))
        wait_s = max(waits)
        if wait_s > PATIENCE_S:
            raise TransientError(
                f"hubspot: {call.what}: HubSpot's limits leave us no room for {wait_s:.0f} s: it is tried again then",
                retry_after=timedelta(seconds=wait_s),
            )
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    def _api(self, package: Any, name: str, config: Mapping[str, Any]) -> Any:
        """The client's factory hook: one object for each of its APIs, all sending through `_request`."""
        key = (package.__name__, name)
        if key not in self._apis:
            configuration = package.Configuration(host=config["host"])
            configuration.access_token = config["access_token"]
            client = package.ApiClient(configuration=configuration)
            client.rest_client.request = self._request
            self._apis[key] = getattr(package, name)(api_client=client)
        return self._apis[key]

    def _request(
        self,
        method: str,
        url: str,
        query_params: Sequence[tuple[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        **_ignored: Any,
    ) -> Reply:
        """Send one request, in the calling thread. Raises urllib3's HTTPError when no answer came."""
        host = self._settings.base_url.rstrip("/")
        address = host + dated(url.removeprefix(host), self._settings.api_family)
        if query_params:
            address += "?" + urlencode(query_params)
        answer = self._pool.request(
            method,
            address,
            json=body,
            headers={**(headers or {}), "Content-Type": "application/json", "User-Agent": "offportal"},
            timeout=urllib3.Timeout(connect=self._settings.connect_s, read=self._settings.read_s),
            redirect=False,
            retries=False,
        )
        return Reply(status=answer.status, headers={k.lower(): v for k, v in answer.headers.items()}, body=answer.data)


def _ask(hub: HubSpot, *, method: str, path: str, **more: Any) -> Any:
    client = hub.crm.objects.basic_api.api_client
    return client.call_api(
        path,
        method,
        header_params={"Accept": "application/json"},
        auth_settings=["oauth2"],
        _return_http_data_only=True,
        _preload_content=False,
        **more,
    )


def _again_at_once(exc: BaseException) -> bool:
    if not isinstance(exc, TransientError) or isinstance(exc, UnknownOutcomeError):
        return False
    return exc.retry_after is None or exc.retry_after.total_seconds() <= SHORT_WAIT_S


def _wait(state: tenacity.RetryCallState) -> float:
    exc = state.outcome.exception() if state.outcome else None
    asked = exc.retry_after if isinstance(exc, TransientError) else None
    return asked.total_seconds() if asked else 0.2 * 2.0 ** (state.attempt_number - 1)
