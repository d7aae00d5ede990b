"""An announcement to 10,000 readers in seven languages: placed, rendered, personalised, signed reply addresses, stored
and sent into Postfix's smtp-sink, beside smtp-source into the same one. Asserts nothing but that all were sent.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bot.domain.announcements import RecipientState, State
from handlers import announcing
from tests.bench.proc import cpu_s
from tests.bench.report import Report
from tests.bench.sending import sink_running
from tests.broadcasting import DESK, SLUG, worker

READERS = 10_000
SIZE_BYTES = 9_000  # about what one of ours has


def measure(report: Report) -> None:
    sink, source = (shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("smtp-sink", "smtp-source"))
    if sink is None or source is None:
        report.missing("everything", "skipped: smtp-sink and smtp-source are not installed (apt install postfix)")
        return
    with sink_running(sink) as port:
        rates = [_source_rate(source, port)]
        asyncio.run(_measure(report, port, rates[0]))
        rates.append(_source_rate(source, port))
    note = f"1 session, {SIZE_BYTES} bytes, from {min(rates):,.0f} to {max(rates):,.0f}"
    report.add("smtp-source, connection kept", statistics.median(rates), "mails/s", note)


async def _measure(report: Report, port: int, base: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        async with worker(Path(scratch), port, readers=READERS) as running:
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            used, since = cpu_s(), time.perf_counter()
            await running.announce()
            await running.engine.start()
            placed_s = 0.0
            async with asyncio.timeout(300):
                while (state := await running.state()) is not State.SENT:
                    async with running.store.unit() as unit:
                        progress = await announcing.progress(unit, 1)
                    placed_s = placed_s or (time.perf_counter() - since if progress.placed else 0.0)
                    await asyncio.sleep(0.1)
                    if state is State.PAUSED:
                        raise RuntimeError("broadcast: it was paused")
            took_s = time.perf_counter() - since
            cpu = (cpu_s() - used) / READERS * 1000
            async with running.store.unit() as unit:
                counts = (await announcing.report(unit, SLUG)).counts
            if counts[RecipientState.SENT] != READERS:
                raise RuntimeError(f"broadcast: {counts} of {READERS}")
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    whole, sending = READERS / took_s, READERS / (took_s - placed_s)
    note = f"{whole / base:.2f} of smtp-source; {cpu:.2f} ms CPU a mail; {grown_mb:.0f} MB more memory"
    report.add("announced, from the yes to the last mail noted as sent", whole, "mails/s", note)
    report.add("of that, recipients found and stored", READERS / placed_s, "readers/s")
    report.add("of that, rendered, sent and noted as sent", sending, "mails/s", f"{sending / base:.2f} of smtp-source")


def _source_rate(source: str, port: int) -> float:
    since = time.perf_counter()
    addresses = ("-f", DESK, "-t", "robin@partner.example")
    command = (source, "-d", "-s", "1", "-l", str(SIZE_BYTES), "-m", str(READERS), *addresses, f"127.0.0.1:{port}")
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return READERS / (time.perf_counter() - since)
