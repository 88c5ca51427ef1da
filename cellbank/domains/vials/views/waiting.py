"""What waits for one person, each thing with the one act they may do about it."""

from __future__ import annotations

from dataclasses import dataclass

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import Reading
from cellbank.domains.printing import queries as printing
from cellbank.domains.quality import queries as quality
from cellbank.domains.vials.models import HoldKind
from cellbank.domains.vials.queries.needs import MOST, Need, below_floor, needs


@dataclass(frozen=True)
class Sort:
    """One sort of waiting things: who may do what about it, and where."""

    permission: str
    icon: str
    why: Message
    button: Message
    page: str
    act: str


SORTS = {
    "outcome": Sort(
        "vials.thaw",
        "thaw",
        Message("thawed, without an outcome yet"),
        Message("Record the outcome"),
        "/vials/{}",
        "/outcomes",
    ),
    "missing": Sort(
        "vials.move", "search", Message("missing"), Message("Found again"), "/vials/{}", "/findings"
    ),
    "destruction": Sort(
        "vials.correct",
        "alert",
        Message("in the bin"),
        Message("Confirm the destruction"),
        "/vials/{}",
        "/destructions",
    ),
    "planned": Sort(
        "banks.plan",
        "plus",
        Message("planned and not filled"),
        Message("Start filling"),
        "/fill-lots/{}",
        "/start",
    ),
    "filling": Sort(
        "banks.plan",
        "clock",
        Message("filling is not finished"),
        Message("Finish filling"),
        "/fill-lots/{}",
        "/finish",
    ),
    "freezing": Sort(
        "banks.plan",
        "snow",
        Message("freeze run is not finished"),
        Message("Finish the freeze run"),
        "/freeze-runs/{}",
        "/finish",
    ),
}


@dataclass(frozen=True)
class Line:
    """One line of the list: a thing, why it waits, and the act."""

    icon: str
    name: str
    page: str
    why: Message
    detail: str
    button: Message
    act: str


def waiting_for(db: Reading, actor: Actor) -> tuple[list[Line], int]:
    """The lines of what waits for this person, and how many things wait in all."""
    lines, count = _for_quality(db, actor)
    wanted = {what for what, sort in SORTS.items() if actor.may(sort.permission)}
    found, more = needs(db, wanted)
    lines += [_line(need) for need in found]
    count += more
    if actor.may("printing.print"):
        lots = printing.waiting(db)
        lines += [_unlabelled(lot) for lot in lots[:MOST]]
        count += len(lots)
    if actor.may("banks.plan"):
        low, more = below_floor(db)
        lines += [_low(need) for need in low]
        count += more
    return lines, count


def _line(need: Need) -> Line:
    sort = SORTS[need.what]
    page = sort.page.format(need.name)
    return Line(sort.icon, need.name, page, sort.why, need.detail, sort.button, page + sort.act)


def _unlabelled(lot: printing.Waiting) -> Line:
    page = f"/fill-lots/{lot.lot}"
    why = Message("vials without a label: {n}", {"n": lot.vials})
    return Line("print", lot.lot, page, why, "", Message("Print labels"), f"{page}/labels")


def _low(need: Need) -> Line:
    why = Message(
        "below its floor stock: {left} left of at least {floor}", {"left": need.left, "floor": need.floor}
    )
    page = f"/banks/{need.name}"
    return Line("alert", need.name, page, why, "", Message("Look at it"), page)


def _for_quality(db: Reading, actor: Actor) -> tuple[list[Line], int]:
    """Banks ready for their release, exceptions, returned vials and the oldest holds."""
    if not (actor.may("quality.release") or actor.may("quality.hold")):
        return [], 0
    found = quality.waiting(db)
    lines: list[Line] = []
    count = 0
    if actor.may("quality.release"):
        ready = [row for row in found.banks if row.is_ready]
        lines += [_ready(row) for row in ready[:MOST]]
        count += len(ready)
    if actor.may("quality.hold"):
        # What was rejected is decided: its hold stays, and waits for nobody.
        holds = [row for row in found.holds if row.hold.kind is not HoldKind.REJECTED]
        lines += [_exception(row) for row in found.exceptions[:MOST]]
        lines += [_hold(row, Message("returned, waits for a decision")) for row in found.returned[:MOST]]
        lines += [_hold(row, Message("on hold, days so far: {n}", {"n": row.days})) for row in holds[:MOST]]
        count += len(found.exceptions) + len(found.returned) + len(holds)
    return lines, count


def _ready(row: quality.WaitingBank) -> Line:
    page = f"/banks/{row.bank.code}"
    return Line(
        "quality",
        row.bank.code,
        page,
        Message("Ready to be released"),
        "",
        Message("Release"),
        f"{page}/release",
    )


def _exception(row: quality.ExceptionRow) -> Line:
    page = f"/vials/{row.vial}" if row.vial else f"/banks/{row.bank}" if row.bank else ""
    return Line(
        "review",
        row.vial or row.bank or "",
        page,
        Message("an exception waits for quality"),
        row.note.detail or "",
        Message("Judge"),
        f"/quality/exceptions/{row.note.id}/ending",
    )


def _hold(row: quality.HoldRow, why: Message) -> Line:
    page = f"/quality/holds/{row.hold.id}"
    return Line("lock", row.name, page, why, row.hold.reason, Message("Lift the hold"), f"{page}/lifting")
