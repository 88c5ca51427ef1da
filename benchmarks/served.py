"""A real server on this machine, asked by several clients at once over connections that stay open."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measuring import Spread, together
from benchmarks.subject import Subject

PATIENCE_S = 60.0
Request = tuple[str, str, bytes | None, dict[str, str]]
"""Method, path, body and headers."""


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    host: str
    port: int
    pid: int
    start_s: float
    """From the first moment of the process to its first answer."""

    @property
    def cpu_s(self) -> float:
        """The processor's time it has used so far (Linux; 0 elsewhere)."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return 0.0
        fields = stat.read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_mib(self) -> float:
        """What the process holds in memory (Linux; 0 elsewhere)."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return 0.0
        line = next(one for one in status.read_text("ascii").splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def bank_served(subject: Subject) -> Iterator[Server]:
    """``cellbank serve`` as an administrator starts it."""
    named = {
        "CELLBANK_DATABASE_URL": subject.settings.database_url,
        "CELLBANK_HOME": str(subject.settings.home),
    }
    with _process(["-m", "cellbank", "serve", "--port", "0"], named, asks="/livez") as server:
        yield server


@contextmanager
def bare_served(subject: Subject) -> Iterator[Server]:
    """The bare pages behind the same server."""
    with _process(["-m", "benchmarks.bare", subject.bare_url], {}, asks="/answer/1") as server:
        yield server


@contextmanager
def _process(arguments: list[str], environment: Mapping[str, str], asks: str) -> Iterator[Server]:
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *arguments], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    try:
        lines = iter(process.stdout.readline, "") if process.stdout else iter(())
        told = next((line for line in lines if "http://" in line), None)
        if told is None:
            raise RuntimeError(f"{' '.join(arguments)} did not start")
        address = urlsplit("http://" + told.partition("http://")[2].strip())
        host, port = str(address.hostname), int(address.port or 80)
        _ask(http.client.HTTPConnection(host, port, timeout=PATIENCE_S), ("GET", asks, None, {}))
        yield Server(host, port, process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def load(server: Server, request: Callable[[int, int], Request], *, clients: int, runs: int) -> Spread:
    """So many clients at once, each sends so many requests one after the other; it says which.

    The processor's time is the server's, a request.
    """
    own = threading.local()

    def one(client: int, run: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)
        _ask(own.connection, request(client, run))

    began = server.cpu_s
    found = together(one, threads=clients, runs=runs)
    return replace(found, cpu_p50=(server.cpu_s - began) / (clients * (runs + 1)))


def _ask(connection: http.client.HTTPConnection, request: Request) -> None:
    method, path, body, headers = request
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read()
    if response.status >= 400:  # noqa: PLR2004 - says itself
        raise RuntimeError(f"{method} {path}: {response.status} {text[:400]!r}")
