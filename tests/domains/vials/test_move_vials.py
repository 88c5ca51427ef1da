"""Moving vials: all of them or none, one a place, and never a vial lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.engine import Database
from cellbank.core.errors import NotFound, Refused
from cellbank.core.journal import Event, EventSubject, OutcomeKind
from cellbank.core.undo import undo
from cellbank.domains.storage.models import BlockedPlace, Container, ContainerKind
from cellbank.domains.vials.commands import MoveVials, PlaceVials
from cellbank.domains.vials.commands.moves import To
from cellbank.domains.vials.models import Placement, VialState
from tests.domains.vials.stock import STAFF, charlie, do, rows_of, some_box, some_stock, vial_of, where


def move(*moves: tuple[str, str, str]) -> MoveVials:
    return MoveVials(moves=tuple(To(vial=v, container=c, place=p) for v, c, p in moves))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT")):
            seen.append(statement)

    sa.event.listen(database.write, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(database.write, "before_cursor_execute", note)


def test_a_vial_moves_to_the_place_that_is_named(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    event = do(move((stock.codes[0], box, "c5")))
    assert where(database)[stock.vials[0]] == (box, 23)
    first, second = rows_of(database, Placement)
    assert (first.ended_by, second.started_by, second.ended_by) == (event.seq, event.seq, None)
    with Session(database.read) as db:
        subjects = set(
            db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event.seq))
        )
        boxes = set(db.scalars(sa.select(Container.id)))
    assert stock.keys[0] in subjects
    assert boxes <= subjects  # both the box it left and the one it came to


def test_without_a_place_it_gets_the_next_free_one(database: Database) -> None:
    stock, other = some_stock(3), some_stock(2)
    do(move(*((code, other.box, "") for code in stock.codes)))
    assert sorted(where(database).values()) == [(other.box, p) for p in range(1, 6)]


def test_vials_swap_their_places(database: Database) -> None:
    stock = some_stock(2)
    do(move((stock.codes[0], stock.box, "A2"), (stock.codes[1], stock.box, "A1")))
    assert where(database) == {stock.vials[0]: (stock.box, 2), stock.vials[1]: (stock.box, 1)}


def test_a_taken_place_is_refused_naming_who_stays_there(database: Database) -> None:
    stock, other = some_stock(1), some_stock(1)
    with pytest.raises(Refused, match=f"Place A1 of .* is taken by {other.vials[0]} since .*cellbank"):
        do(move((stock.codes[0], other.box, "A1")))
    assert where(database)[stock.vials[0]] == (stock.box, 1)
    with Session(database.read) as db:
        tried = db.scalars(sa.select(Event).order_by(Event.seq.desc()).limit(1)).one()
        subjects = set(
            db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == tried.seq))
        )
    assert tried.outcome is OutcomeKind.REFUSED
    assert subjects == {stock.keys[0], other.keys[0]}


def test_another_organisations_vial_is_not_named(database: Database) -> None:
    somebody = charlie()
    theirs, ours = some_stock(1, organisation_id=somebody.organisation_id), some_stock(1)
    with pytest.raises(Refused) as refusal:
        do(move((theirs.codes[0], ours.box, "A1")), somebody)
    assert str(refusal.value).startswith("Place A1 of")
    assert str(refusal.value).endswith("is taken")
    assert ours.vials[0] not in str(refusal.value)


def test_another_organisations_vial_is_unknown(database: Database) -> None:
    ours = some_stock(1)
    with pytest.raises(NotFound):
        do(move((ours.codes[0], ours.box, "B1")), charlie())


def test_all_or_none(database: Database) -> None:
    stock, other = some_stock(2), some_stock(1)
    with pytest.raises(Refused):
        do(move((stock.codes[0], other.box, "B1"), (stock.codes[1], other.box, "A1")))
    assert where(database)[stock.vials[0]] == (stock.box, 1)


def test_what_a_box_cannot_take(database: Database) -> None:
    stock = some_stock(2)
    freezer = some_box(kind=ContainerKind.FREEZER)
    full = some_stock(1, box=some_box(rows=1, columns=1))
    for command, sentence in (
        (move((stock.codes[0], stock.box, "K1")), "has no place K1"),
        (move((stock.codes[0], freezer, "")), "holds boxes, not vials"),
        (move((stock.codes[0], full.box, "")), "is full"),
        (move((stock.codes[0], stock.box, "A1")), "is already in place A1"),
        (move((stock.codes[0], stock.box, "B1"), (stock.codes[1], stock.box, "B1")), "Two vials are meant"),
        (move((stock.codes[0], stock.box, "B1"), (stock.vials[0], stock.box, "B2")), "named twice"),
    ):
        with pytest.raises(Refused, match=sentence):
            do(command)


def test_ninety_six_vials_take_a_dozen_statements(database: Database) -> None:
    stock, box = some_stock(81), some_box(rows=10, columns=10)
    with statements(database) as seen:
        do(move(*((code, box, "") for code in stock.codes)))
    inside = [s for s in seen if "current_event" not in s]
    assert len(inside) <= 15, "\n".join(s[:100] for s in inside)


def test_a_move_is_undone_by_a_new_event(database: Database) -> None:
    stock, box = some_stock(2), some_box()
    before = where(database)
    moved = do(move((stock.codes[0], box, "A1"), (stock.codes[1], box, "A2")))
    undone = undo(moved.id, STAFF, key="u")
    assert where(database) == before
    assert undone.undoes == moved.id
    with pytest.raises(Refused, match="already undone"):
        undo(moved.id, STAFF, key="u2")


def test_what_was_changed_since_is_not_undone(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    moved = do(move((stock.codes[0], box, "A1")))
    do(move((stock.codes[0], box, "A2")))
    with pytest.raises(Refused, match="Something was done with it since"):
        undo(moved.id, STAFF, key="u")


def test_frozen_vials_get_their_first_place(database: Database) -> None:
    stock, box = some_stock(2, in_a_box=False, state=VialState.FREEZING), some_box()
    placed = do(PlaceVials(moves=tuple(To(vial=code, container=box) for code in stock.codes)))
    assert sorted(where(database).values()) == [(box, 1), (box, 2)]
    assert vial_of(database, stock.vials[0]).state is VialState.STORED
    with pytest.raises(Refused, match="already has a place"):
        do(PlaceVials(moves=(To(vial=stock.codes[0], container=box),)))
    undo(placed.id, STAFF, key="u")
    assert where(database) == {}


def test_a_planned_vial_cannot_be_placed(database: Database) -> None:
    stock, box = some_stock(1, in_a_box=False, state=VialState.PLANNED), some_box()
    with pytest.raises(Refused, match="only planned"):
        do(PlaceVials(moves=(To(vial=stock.codes[0], container=box),)))


@pytest.mark.sqlite_only
def test_there_is_a_rule_of_the_database_behind_it(database: Database) -> None:
    assert {"uq_placement_place_taken", "uq_placement_vial_placed"} <= {
        i.name for i in cast("sa.Table", Placement.__table__).indexes
    }
    assert "uq_blocked_place_open" in {i.name for i in cast("sa.Table", BlockedPlace.__table__).indexes}
