"""Whole requests on a real bank: signed in, permission checked, journal written; each beside a bare baseline.

``python -m benchmarks.bank --vials 10000,1000000 --databases sqlite,postgresql`` (a million takes some ten minutes to
write). Nothing is asserted: the table says what this machine did. The processor's time is the steadier figure where
other programs run beside.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from benchmarks import served
from benchmarks.bare import Bare, application
from benchmarks.measuring import Spread, each, statements, together
from benchmarks.subject import Subject, opened
from benchmarks.table import Table, duration, machine
from cellbank.core import work
from cellbank.domains.vials.commands import MoveVials, To
from cellbank.entrypoints.web import create_app

CLIENTS = 8
BOX = 96


@dataclass(frozen=True)
class Runs:
    """How often each work is done."""

    reads: int
    writes: int
    boxes: int
    each_client: int


USUAL = Runs(reads=300, writes=150, boxes=12, each_client=150)
QUICK = Runs(reads=40, writes=20, boxes=3, each_client=25)


def main() -> None:
    """Measure and print."""
    asked = _options()
    runs = QUICK if asked.quick else USUAL
    one = Table(
        "One at a time, in the process (p50, p95 on the wall; cpu: the processor's median)",
        ("vials", "database", "work", "SQL", "p50", "p95", "cpu", "bare", "ratio", "target"),
    )
    many = Table(
        f"`cellbank serve` over loopback, and {CLIENTS} writers in one process",
        (
            "vials",
            "database",
            "work",
            "at once",
            "a second",
            "p50",
            "p95",
            "longest",
            "cpu",
            "bare",
            "ratio",
            "target",
        ),
    )
    start = Table("Start and memory", ("vials", "database", "start", "memory", "after load", "target"))
    for vials in asked.vials:
        for database in asked.databases:
            with opened(database, vials) as subject:
                bare = Bare(subject.bare_url)
                bare.fill()
                _one_at_a_time(one, subject, bare, runs)
                _writers(many, subject, bare, runs)
                _served(many, start, subject, runs)
    sys.stdout.write("\n".join(str(table) for table in (one, many, start)))
    sys.stdout.write(f"\n\n{machine()}\nAgain: python -m benchmarks.bank {' '.join(sys.argv[1:])}\n")


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.bank", description=__doc__)
    asked.add_argument("--vials", type=lambda text: [int(one) for one in text.split(",")], default=[10_000])
    asked.add_argument("--databases", type=lambda text: text.split(","), default=["sqlite", "postgresql"])
    asked.add_argument("--quick", action="store_true", help="few runs: to see that it works")
    return asked.parse_args()


# ---- one at a time ----------------------------------------------------------------------------------------


def _one_at_a_time(table: Table, subject: Subject, bare: Bare, runs: Runs) -> None:
    app = create_app(subject.settings)
    programs, person = _program(app, subject), _person(app, subject)
    plain = application(bare).test_client()
    codes, names = subject.codes, subject.names

    def read(client: FlaskClient, address: Callable[[int], str]) -> Callable[[int], None]:
        def ask(run: int) -> None:
            answer = client.get(address(run))
            if answer.status_code >= 400:  # noqa: PLR2004 - says itself
                raise RuntimeError(f"{address(run)}: {answer.status}")

        return ask

    look_up = each(bare.look_up, runs.reads)
    page = each(lambda run: plain.get(f"/page/{run}"), runs.reads)
    answer = each(lambda run: plain.get(f"/answer/{run}"), runs.reads)
    commit = each(bare.commit, runs.writes)
    acts = (
        ("look up a code, driver only", bare.look_up, runs.reads, look_up, ""),
        (
            "scan, JSON",
            read(programs, lambda run: f"/api/v1/scan/{codes[run]}"),
            runs.reads,
            answer,
            "≤ 5 ms, ≤ 5 SQL",
        ),
        ("vial's page", read(person, lambda run: f"/vials/{codes[run]}"), runs.reads, page, "≤ 15 ms"),
        ("find by name", read(person, lambda run: f"/scan?q={names[run][:-1]}"), runs.reads, page, ""),
        ("home page", read(person, lambda _: "/"), runs.reads // 4, page, ""),
        ("one vial moved, JSON", _mover(programs, subject), runs.writes, commit, ""),
        (f"{BOX} vials moved, JSON", _box_mover(programs, subject), runs.boxes, commit, "≤ 50 ms"),
    )
    for name, act, count, baseline, target in acts:
        with statements(app.extensions["cellbank.database"]) as seen:
            act(0)
        row = (*_row(subject, name), str(len(seen) or ""))
        table.add(*row, *_figures(each(act, count), baseline), target)
    app.extensions["cellbank.database"].close()


def _row(subject: Subject, name: str) -> tuple[str, ...]:
    return (f"{subject.vials:,}", subject.database, name)


def _figures(found: Spread, baseline: Spread) -> tuple[str, ...]:
    ratio = found.cpu_p50 / baseline.cpu_p50 if baseline.cpu_p50 else 0.0
    return (
        duration(found.p50),
        duration(found.p95),
        duration(found.cpu_p50),
        duration(baseline.p50),
        f"{ratio:.1f} ×",
    )


def _program(app: Flask, subject: Subject) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {subject.token}"
    return client


def _person(app: Flask, subject: Subject) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("cellbank", subject.session)
    return client


def _move(vials: list[str], box: str, first_place: int = 0) -> dict[str, object]:
    """The body of a move: these vials into places of a box, row by row."""
    places = [
        f"{chr(65 + place // 12)}{place % 12 + 1}" for place in range(first_place, first_place + len(vials))
    ]
    return {
        "command": {
            "moves": [
                {"vial": vial, "container": box, "place": place}
                for vial, place in zip(vials, places, strict=True)
            ]
        }
    }


def _do(client: FlaskClient, body: dict[str, object]) -> None:
    answer = client.post("/api/v1/do/MoveVials", json=body, headers={"Idempotency-Key": work.new_key()})
    if answer.status_code != 200:  # noqa: PLR2004 - says itself
        raise RuntimeError(answer.get_data(as_text=True))


def _mover(client: FlaskClient, subject: Subject) -> Callable[[int], None]:
    """One vial to and fro within a box."""
    vial, box = subject.codes[-1], subject.empty_boxes[0]
    places = iter(range(10**9))
    return lambda _: _do(client, _move([vial], box, next(places) % BOX))


def _box_mover(client: FlaskClient, subject: Subject) -> Callable[[int], None]:
    """All vials of a box into another box and back."""
    vials, boxes = list(subject.codes[-BOX - 1 : -1]), subject.empty_boxes[1:3]
    turns = iter(range(10**9))
    return lambda _: _do(client, _move(vials, boxes[next(turns) % 2]))


# ---- several at once --------------------------------------------------------------------------------------


def _writers(table: Table, subject: Subject, bare: Bare, runs: Runs) -> None:
    """``perform`` alone, each thread with a vial and a box of its own, beside the bare commit."""

    def move(writer: int, run: int) -> None:
        place = f"A{run % 12 + 1}"
        to = To(vial=subject.codes[-200 - writer], container=subject.empty_boxes[3 + writer], place=place)
        work.perform(MoveVials(moves=(to,)), subject.actor, key=work.new_key())

    for clients, target in ((1, ""), (CLIENTS, "≥ 1,000 on PostgreSQL; longest ≤ 0.5 s")):
        baseline = together(lambda _, run: bare.commit(run), threads=clients, runs=runs.each_client)
        _many_row(table, subject, ("`perform`: one vial moved", clients),
                  together(move, threads=clients, runs=runs.each_client), baseline, target)  # fmt: skip


def _served(table: Table, start: Table, subject: Subject, runs: Runs) -> None:
    """Requests a second of the real server, beside the bare pages behind the same server."""
    bare: dict[tuple[str, int], Spread] = {}
    with served.bare_served(subject) as server:
        for path in ("/page/", "/answer/"):
            for clients in (1, CLIENTS):
                bare[path, clients] = served.load(
                    server,
                    lambda client, run, path=path: ("GET", f"{path}{client * 997 + run}", None, {}),  # type: ignore[misc]
                    clients=clients,
                    runs=runs.each_client,
                )
    codes = subject.codes
    program = {"Authorization": f"Bearer {subject.token}"}
    person = {"Cookie": f"cellbank={subject.session}"}

    def scan(client: int, run: int) -> served.Request:
        return "GET", f"/api/v1/scan/{codes[(client * 97 + run) % len(codes)]}", None, program

    def page(client: int, run: int) -> served.Request:
        return "GET", f"/vials/{codes[(client * 97 + run) % len(codes)]}", None, person

    def move(client: int, run: int) -> served.Request:
        body = json.dumps(
            _move([codes[-300 - client]], subject.empty_boxes[3 + client], 48 + run % 24)
        ).encode()
        headers = {**program, "Content-Type": "application/json", "Idempotency-Key": work.new_key()}
        return "POST", "/api/v1/do/MoveVials", body, headers

    works = (
        ("scan, JSON", scan, "/answer/", "≥ 500 a second with 8, p95 ≤ 30 ms"),
        ("vial's page", page, "/page/", "≥ 150 a second"),
        ("one vial moved", move, "/answer/", "≥ 300 a second"),
    )
    with served.bank_served(subject) as server:
        at_first = server.memory_mib
        for name, request, path, target in works:
            for clients in (1, CLIENTS):
                found = served.load(server, request, clients=clients, runs=runs.each_client)
                _many_row(
                    table, subject, (name, clients), found, bare[path, clients], target if clients > 1 else ""
                )
        start.add(*_row(subject, duration(server.start_s)), f"{at_first:.0f} MiB",
                  f"{server.memory_mib:.0f} MiB", "≤ 2 s; ≤ 150 MiB")  # fmt: skip


def _many_row(  # noqa: PLR0917 - a row's own columns
    table: Table, subject: Subject, what: tuple[str, int], found: Spread, baseline: Spread, target: str
) -> None:
    ratio = baseline.per_second / found.per_second
    times = [duration(one) for one in (found.p50, found.p95, found.longest)]
    cpu = duration(found.cpu_p50) if found.cpu_p50 else ""
    figures = (f"{found.per_second:,.0f}", *times, cpu, f"{baseline.per_second:,.0f}", f"{ratio:.1f} ×")
    table.add(*_row(subject, what[0]), what[1], *figures, target)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
