"""Many short pieces of work: how long each took, and how many SQL statements."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cellbank.core.engine import Database

WARM_UP = 5
FRAME = ("BEGIN", "SET TRANSACTION", "SAVEPOINT")


@dataclass(frozen=True)
class Spread:
    """Seconds on the wall of many runs (p50, p95, longest), the processor's for one, and runs a second."""

    p50: float
    p95: float
    longest: float
    cpu_p50: float = 0.0
    per_second: float = 0.0


def spread(wall: Sequence[float], cpu: Sequence[float] = (), *, elapsed: float = 0.0) -> Spread:
    """The spread of these seconds; ``elapsed`` is how long all of them took together."""
    ordered, processor = sorted(wall), sorted(cpu)
    count = len(ordered)
    return Spread(
        p50=ordered[count // 2],
        p95=ordered[min(count - 1, int(count * 0.95))],
        longest=ordered[-1],
        cpu_p50=processor[len(processor) // 2] if processor else 0.0,
        per_second=count / (elapsed or sum(ordered)),
    )


def each(work: Callable[[int], object], runs: int) -> Spread:
    """Do the work so many times, one after the other; it is told the number of the run."""
    for run in range(WARM_UP):
        work(run)
    wall, cpu = [], []
    for run in range(WARM_UP, WARM_UP + runs):
        began, began_cpu = time.perf_counter(), time.thread_time()
        work(run)
        wall.append(time.perf_counter() - began)
        cpu.append(time.thread_time() - began_cpu)
    return spread(wall, cpu)


def together(work: Callable[[int, int], object], *, threads: int, runs: int) -> Spread:
    """The same work in several threads at once, so many runs in each; it is told the thread and the run."""
    wall: list[list[float]] = [[] for _ in range(threads)]
    faults: list[BaseException] = []
    start = threading.Barrier(threads + 1)

    def one(thread: int) -> None:
        try:
            work(thread, 0)
            start.wait()
            for run in range(1, runs + 1):
                began = time.perf_counter()
                work(thread, run)
                wall[thread].append(time.perf_counter() - began)
        except BaseException as fault:
            faults.append(fault)
            start.abort()
            raise

    workers = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    if faults:
        raise faults[0]
    return spread([one for own in wall for one in own], elapsed=time.perf_counter() - began)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile, without those that only frame a transaction."""
    seen: list[str] = []

    def note(*event: Any) -> None:
        if not event[2].startswith(FRAME):
            seen.append(event[2])

    for engine in (database.read, database.write):
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in (database.read, database.write):
            sa.event.remove(engine, "before_cursor_execute", note)
