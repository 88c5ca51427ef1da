"""Numbers side by side: what was measured, beside a baseline of the same run, with the ratio of the two.

A benchmark asserts nothing about time: it prints what this machine did, and how to repeat it.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

CPU_MODEL = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Timing:
    """How long one piece of work took: seconds on the wall (median) and of the processor, in so many rounds."""

    seconds: float
    cpu_seconds: float
    rounds: int

    def text(self) -> str:
        """In the unit that is read most easily."""
        return duration(self.seconds)


def measure(work: Callable[[], object], *, rounds: int = 3) -> Timing:
    """Do the work so many times, after one time that does not count."""
    work()
    wall, processor = [], []
    for _ in range(rounds):
        gc.collect()
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - began_cpu)
    return Timing(statistics.median(wall), statistics.median(processor), rounds)


def measure_once(work: Callable[[], object]) -> Timing:
    """Do long work a single time."""
    began, began_cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - began, time.process_time() - began_cpu, 1)


def duration(seconds: float) -> str:
    """Seconds as people say them: 1.9 s, 84 ms, 120 µs."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            shown = seconds / size
            return f"{shown:.0f} {unit}" if shown >= 100 else f"{shown:.2g} {unit}"  # noqa: PLR2004 - three digits
    return f"{seconds * 1e9:.0f} ns"


@dataclass
class Table:
    """Rows of text under headings, printed with aligned columns."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """One more row."""
        self.rows.append(tuple(str(cell) for cell in cells))

    def __str__(self) -> str:
        everything = [self.headings, *self.rows]
        widths = [max(len(row[n]) for row in everything) for n in range(len(self.headings))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in everything
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join([f"\n{self.title}\n", *lines])


def show(*tables: Table) -> None:
    """Print the tables, the machine they were made on, and how to make them again."""
    sys.stdout.write("\n".join(str(table) for table in tables))
    sys.stdout.write(f"\n\n{machine()}\nAgain: python -m benchmarks.{Path(sys.argv[0]).stem}\n")


def machine() -> str:
    """One line about this machine."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}"


def _processor() -> str:
    try:
        with CPU_MODEL.open(encoding="utf-8") as lines:
            named = next((line for line in lines if line.startswith("model name")), "")
    except OSError:
        named = ""
    return named.partition(":")[2].strip() or platform.processor() or "unknown processor"


def ratio(baseline: Timing, ours: Timing) -> str:
    """How many times less processor time ours takes: 12 ×. A busy machine bends the wall clock, not this."""
    return f"{baseline.cpu_seconds / ours.cpu_seconds:.1f} ×" if ours.cpu_seconds else "–"
