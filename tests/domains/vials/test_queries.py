"""What a scan is, what lies in a box, what is out: each in few queries, and nothing of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.engine import Database
from cellbank.core.ids import Kind, WrongCode, new_code, parse_code, show_code
from cellbank.core.work import Occurred
from cellbank.domains.vials import queries
from cellbank.domains.vials.commands import AttachBarcode, MoveVials, TakeOut, ThawVials, To, VoidLabel
from cellbank.domains.vials.models import ThawPurpose, Vial
from cellbank.domains.vials.queries import Answer
from tests.domains.vials.stock import STAFF, charlie, do, some_box, some_stock


def ask(question: Any, *values: Any, actor: Any = STAFF) -> Any:
    with work.reading(actor) as db:
        answer = question(db, *values)
        db.expunge_all()
        return answer


def test_a_scan_is_what_it_is(database: Database) -> None:
    stock = some_stock(2)
    do(AttachBarcode(vial=stock.codes[0], code="FR00123456"))
    for text in (
        stock.codes[0],
        show_code(stock.codes[0]),
        stock.codes[0].lower(),
        stock.vials[0],
        "FR00123456",
    ):
        answer = ask(queries.scan, text)
        assert (answer.kind, answer.name) == (Answer.VIAL, stock.vials[0]), text
    assert ask(queries.scan, stock.box).kind is Answer.CONTAINER
    assert ask(queries.scan, stock.bank).kind is Answer.BANK
    assert ask(queries.scan, new_code("C", Kind.ACTION)).kind is Answer.ACTION
    wrong = stock.codes[0][:-1] + ("0" if stock.codes[0][-1] != "0" else "1")
    assert ask(queries.scan, wrong).kind is Answer.MISREAD
    do(VoidLabel(code=stock.codes[1], why="unreadable"))
    assert ask(queries.scan, stock.codes[1]).kind is Answer.VOID


@pytest.mark.sqlite_only
def test_a_lot_number_that_happens_to_be_a_valid_code_is_a_lot_number(database: Database) -> None:
    def is_code(name: str) -> bool:
        try:
            return bool(parse_code(name))
        except WrongCode:
            return False

    number = next(n for n in range(1, 500) if is_code(f"MCB-7777-{n:03}"))
    stock = some_stock(number, in_a_box=False, lot="MCB-7777")
    answer = ask(queries.scan, stock.vials[-1])
    assert (answer.kind, answer.name) == (Answer.VIAL, stock.vials[-1])


def test_anothers_thing_is_as_unknown_as_no_thing(database: Database) -> None:
    stock, other = some_stock(1), charlie()
    like = {stock.codes[0]: new_code("C", Kind.VIAL), stock.vials[0]: "MCB-9999-001", stock.bank: "MCB-9999"}
    for text, unknown in like.items():
        theirs, nothing = ask(queries.scan, text, actor=other), ask(queries.scan, unknown, actor=other)
        assert (theirs.kind, theirs.id, theirs.name) == (nothing.kind, nothing.id, nothing.name)


def test_a_scan_takes_at_most_five_queries(database: Database) -> None:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    sa.event.listen(database.read, "before_cursor_execute", note)
    for text in ("NOTHING-0001", new_code("C", Kind.VIAL)):
        seen.clear()
        ask(queries.scan, text)
        assert len([s for s in seen if s.startswith("SELECT")]) <= 5, seen
    sa.event.remove(database.read, "before_cursor_execute", note)


def test_a_box_shows_others_only_as_occupied(database: Database) -> None:
    somebody, box = charlie(), some_box()
    ours, theirs = some_stock(1, box=box), some_stock(1, organisation_id=somebody.organisation_id)
    do(MoveVials(moves=(To(vial=theirs.codes[0], container=box, place="A2"),)))
    with work.reading(STAFF) as db:
        box_id = queries.where_is(db, ours.keys)[ours.keys[0]].container.id
    whole, part = ask(queries.cells_of, [box_id]), ask(queries.cells_of, [box_id], actor=somebody)
    assert [(c.name, c.vial) for c in whole] == [("A1", ours.vials[0]), ("A2", theirs.vials[0])]
    assert [(c.name, c.vial, c.state) for c in part] == [
        ("A1", "", "occupied"),
        ("A2", theirs.vials[0], "stored"),
    ]
    assert (part[0].code, part[0].bank, part[0].since) == ("", "", None)


def test_where_it_is_says_the_whole_path(database: Database) -> None:
    from cellbank.domains.storage.models import ContainerKind
    from cellbank.domains.vials.commands import MoveContainer

    tank, stock = some_box("Tank 3", kind=ContainerKind.TANK), some_stock(1)
    do(MoveContainer(container=stock.box, into=tank))
    (where,) = ask(queries.where_is, stock.keys).values()
    assert [box.code for box in where.path.containers] == [tank, stock.box]
    assert where.place == "A1"


def test_what_is_out_runs(database: Database) -> None:
    stock = some_stock(3, exposure_limit_s=60)
    do(TakeOut(vials=stock.codes[:1]), occurred=Occurred(clock.now() - timedelta(seconds=43)))
    do(TakeOut(vials=stock.codes[1:2]), occurred=Occurred(clock.now() - timedelta(seconds=90)))
    out = ask(queries.out_now)
    assert [one.vial.name for one in out] == [stock.vials[1], stock.vials[0]]
    assert out[1].seconds >= 43
    assert out[1].limit_s == 60
    assert ask(queries.exposure_seconds, stock.keys)[stock.keys[1]] >= 90
    assert ask(queries.out_now, actor=charlie()) == []


def test_counts_by_state(database: Database) -> None:
    stock = some_stock(3)
    do(ThawVials(vials=stock.codes[:1], purpose=ThawPurpose.QC))
    with work.reading(STAFF) as db:
        bank = db.get_one(Vial, stock.keys[0]).bank_id
    assert ask(queries.counts_by_state, [bank]) == {bank: {"stored": 2, "thawed": 1}}


@pytest.mark.sqlite_only
def test_my_last_acts_are_newest_first_and_say_what_can_be_undone(database: Database) -> None:
    stock = some_stock(1)
    do(TakeOut(vials=stock.codes), reason="for the picture")
    last = ask(queries.last_acts)[0]
    assert (last.what, last.vial, last.vials) == ("Take out", stock.vials[0], 1)
    assert last.can_be_undone
    assert ask(queries.last_acts, actor=charlie()) == []


@pytest.mark.sqlite_only
def test_whence_it_came(database: Database) -> None:
    stock = some_stock(1)
    with work.reading(STAFF) as db:
        chain = queries.whence(db, queries.vial_by_code(db, stock.codes[0]))
        db.expunge_all()
    assert (chain.bank.code, chain.line.name, chain.donors) == (stock.bank, f"line of {stock.bank}", ())
