"""Discarded, destroyed, missing, found: facts are taken as they are, and quality looks at them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.actor import Principal
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, Refused
from cellbank.core.journal import EventSubject
from cellbank.core.undo import undo
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials.commands import (
    AttachBarcode,
    Back,
    ConfirmDestruction,
    DiscardVials,
    FoundAgain,
    IdentifyByPosition,
    MarkMissing,
    MoveContainer,
    MoveVials,
    PlaceFoundTube,
    PutBack,
    TakeOut,
    To,
    VoidLabel,
    WriteOff,
)
from cellbank.domains.vials.models import (
    DestructionMethod,
    Disposition,
    ExceptionKind,
    ExceptionNote,
    Hold,
    VialState,
)
from tests.domains.vials.stock import (
    STAFF,
    AddCustomer,
    charlie,
    do,
    rows_of,
    some_box,
    some_stock,
    vial_of,
    where,
)

_NUMBERS = itertools.count(1)


def witness() -> Any:
    (person,) = work.created(do(AddCustomer(name=f"Witness {next(_NUMBERS)}")), Principal)
    return person


def test_discarded_is_not_yet_destroyed(database: Database) -> None:
    stock = some_stock(1)
    do(DiscardVials(vials=stock.codes, why="label lost"))
    assert where(database) == {}
    assert vial_of(database, stock.vials[0]).state is VialState.OUT
    with pytest.raises(Refused, match="waits for its destruction"):
        do(PutBack(vials=(Back(vial=stock.codes[0], container=stock.box),)))
    confirm = ConfirmDestruction(vials=stock.codes, method=DestructionMethod.AUTOCLAVE, detail="cycle 81")
    with pytest.raises(Invalid, match="second person"):
        do(confirm)
    with pytest.raises(Invalid, match="second person"):
        do(confirm, witness=STAFF.principal_id)
    do(confirm, witness=witness())
    assert vial_of(database, stock.vials[0]).disposition is Disposition.DESTROYED


@pytest.mark.parametrize("is_out", [False, True])
def test_a_discard_by_mistake_is_taken_back(database: Database, *, is_out: bool) -> None:
    stock = some_stock(1)
    if is_out:
        do(TakeOut(vials=stock.codes))
    event = do(DiscardVials(vials=stock.codes, why="label lost"))
    undo(event.id, STAFF, key="u")
    assert vial_of(database, stock.vials[0]).state is (VialState.OUT if is_out else VialState.STORED)
    assert where(database)[stock.vials[0]] == (stock.box, 1)


def test_missing_found_and_on_hold(database: Database) -> None:
    stock = some_stock(1)
    do(MarkMissing(vials=stock.codes, detail="box counted twice"))
    with pytest.raises(Refused, match="marked missing"):
        do(TakeOut(vials=stock.codes))
    do(FoundAgain(vial=stock.codes[0], detail="behind the rack"))
    assert vial_of(database, stock.vials[0]).state is VialState.STORED
    assert [note.kind for note in rows_of(database, ExceptionNote)] == [
        ExceptionKind.NOT_FOUND,
        ExceptionKind.OTHER,
    ]
    assert len(rows_of(database, Hold)) == 1


def test_written_off_with_a_reason(database: Database) -> None:
    stock = some_stock(1)
    with pytest.raises(Refused, match="is not missing"):
        do(WriteOff(vials=stock.codes), reason="searched for a month")
    do(MarkMissing(vials=stock.codes, detail="box counted twice"))
    with pytest.raises(Invalid):
        do(WriteOff(vials=stock.codes))
    do(WriteOff(vials=stock.codes), reason="searched for a month")
    assert vial_of(database, stock.vials[0]).disposition is Disposition.WRITTEN_OFF
    assert where(database) == {}


def test_a_tube_found_in_a_taken_place_is_accepted(database: Database) -> None:
    stock, other = some_stock(1), some_stock(1)
    do(PlaceFoundTube(vial=stock.codes[0], container=other.box, place="A1"))
    assert where(database) == {stock.vials[0]: (other.box, 1)}
    assert vial_of(database, other.vials[0]).state is VialState.MISSING
    assert {hold.vial_id for hold in rows_of(database, Hold)} == {stock.keys[0], other.keys[0]}
    do(PlaceFoundTube(vial=other.codes[0], container=stock.box, place="A1"))
    assert vial_of(database, other.vials[0]).state is VialState.STORED


def test_a_tube_without_readable_code_is_named_by_its_place(database: Database) -> None:
    stock = some_stock(2)
    identify = IdentifyByPosition(container=stock.box, place="A2")
    with pytest.raises(Invalid, match="second person"):
        do(identify)
    do(identify, witness=witness())
    assert vial_of(database, stock.vials[1]).must_be_read
    do(TakeOut(vials=(stock.codes[1],)))  # its code was read after all
    assert not vial_of(database, stock.vials[1]).must_be_read
    with pytest.raises(Refused, match="No vial is known"):
        do(IdentifyByPosition(container=stock.box, place="B1"), witness=witness())


def test_a_void_label_says_so(database: Database) -> None:
    stock = some_stock(1)
    do(VoidLabel(code=stock.codes[0], why="unreadable"))
    with pytest.raises(Refused, match="is void"):
        do(TakeOut(vials=stock.codes))
    do(TakeOut(vials=stock.vials))


def test_a_barcode_names_one_vial(database: Database) -> None:
    stock = some_stock(2)
    do(AttachBarcode(vial=stock.codes[0], code="fr 0012 3456"))
    with pytest.raises(Refused, match=f"already on {stock.vials[0]}"):
        do(AttachBarcode(vial=stock.codes[1], code="FR 0012 3456"))
    somebody = charlie()
    theirs = some_stock(1, organisation_id=somebody.organisation_id)
    with pytest.raises(Refused, match="already in use"):
        do(AttachBarcode(vial=theirs.codes[0], code="FR 0012 3456"), somebody)
    do(MoveVials(moves=(To(vial="fr 0012 3456", container=stock.box, place="B1"),)))


def test_a_box_moves_with_all_that_is_in_it(database: Database) -> None:
    tank, rack = some_box(kind=ContainerKind.TANK), some_box(kind=ContainerKind.RACK, rows=5, columns=1)
    stock = some_stock(2)
    do(MoveContainer(container=stock.box, into=rack, place="B1"))
    event = do(MoveContainer(container=rack, into=tank))
    with Session(database.read) as db:
        subjects = set(
            db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event.seq))
        )
    assert set(stock.keys) <= subjects
    with pytest.raises(Refused, match="cannot stand in itself"):
        do(MoveContainer(container=tank, into=stock.box))
    other = some_box()
    with pytest.raises(Refused, match="is taken by"):
        do(MoveContainer(container=other, into=rack, place="B1"))
    do(MoveContainer(container=other, into=rack, place=""))
    moved = do(MoveContainer(container=stock.box, into=rack, place="E1"))
    undo(moved.id, STAFF, key="u")
    with pytest.raises(Refused, match="already there"):
        do(MoveContainer(container=stock.box, into=rack, place="B1"))
