"""Corrections supersede what was recorded by mistake, and hold released material until quality decides."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.journal import Change
from cellbank.domains.banks.models import Bank
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.commands import (
    AnnulAct,
    AssignLotToLine,
    CorrectVial,
    MoveVials,
    SwapVials,
    TakeOut,
    ThawVials,
    To,
)
from cellbank.domains.vials.models import (
    Disposition,
    ExceptionKind,
    ExceptionNote,
    Hold,
    HoldKind,
    IntendedUse,
    Placement,
    Thaw,
    ThawPurpose,
    Vial,
    VialExposure,
    VialState,
)
from tests.domains.keeping import Lineage, release, rows
from tests.domains.vials.test_may_it_be_used import allowed
from tests.world import Cast, key

WHY = "a slip of the pen"


def vial(database: Database, lineage: Lineage, index: int = 0) -> Vial:
    found: Vial = rows(database, Vial, Vial.id == lineage.vials[index])[0]
    return found


def places(database: Database, lineage: Lineage) -> list[int | None]:
    """The open place of each vial, in the order of their numbers."""
    found = {row.vial_id: row.position for row in rows(database, Placement, Placement.ended_by.is_(None))}
    return [found.get(one) for one in lineage.vials]


def open_holds(database: Database) -> list[Hold]:
    return rows(database, Hold, Hold.closed_by.is_(None))


# ---- a value ----


def test_a_corrected_value_keeps_the_old_one_in_the_journal(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    command = CorrectVial(vial=lineage.codes[0], volume_ul=1000, cells=2_000_000)
    event = work.perform(command, cast.bob, key=key(), reason=WHY)
    assert (vial(database, lineage).volume_ul, vial(database, lineage).cells) == (1000, 2_000_000)
    (change,) = rows(database, Change, Change.event_seq == event.seq, Change.table_name == "vial")
    assert '"volume_ul":{"new":1000,"old":null}' in change.body
    (note,) = rows(database, ExceptionNote)
    assert (note.kind, note.detail, note.hold_id) == (ExceptionKind.CORRECTION, "cells, volume_ul", None)


def test_a_correction_says_why_and_changes_something(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    with pytest.raises(Invalid, match="reason"):
        work.perform(CorrectVial(vial=lineage.codes[0], cells=1), cast.bob, key=key())
    with pytest.raises(Refused, match="Nothing of"):
        work.perform(CorrectVial(vial=lineage.codes[0]), cast.bob, key=key(), reason=WHY)
    with pytest.raises(NotPermitted):
        work.perform(CorrectVial(vial=lineage.codes[0], cells=1), cast.alice, key=key(), reason=WHY)


def test_a_corrected_released_vial_waits_for_quality(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    work.perform(CorrectVial(vial=lineage.codes[0], cells=5), cast.bob, key=key(), reason=WHY)
    (hold,) = open_holds(database)
    assert (hold.kind, hold.vial_id, hold.reason, hold.needs_signature) == (
        HoldKind.CORRECTION,
        lineage["vial"],
        WHY,
        True,
    )
    assert allowed(lineage.vials[0]) == set()
    assert allowed(lineage.vials[1]) == set(IntendedUse)


# ---- two vials swapped ----


def test_two_swapped_vials_change_places(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    assert places(database, lineage) == [1, 2]
    command = SwapVials(first=lineage.codes[0], second=lineage.codes[1])
    work.perform(command, cast.bob, key=key(), reason="labels exchanged at filling")
    assert places(database, lineage) == [2, 1]
    assert len(rows(database, Placement)) == 4
    assert open_holds(database) == []


def test_the_wrong_vial_was_recorded_as_thawed(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    thawed = ThawVials(vials=(lineage.codes[0],), purpose=ThawPurpose.CULTURE)
    work.perform(thawed, cast.alice, key=key())
    command = SwapVials(first=lineage.codes[0], second=lineage.codes[1])
    work.perform(command, cast.bob, key=key(), reason="017 is still in its place")
    one, other = vial(database, lineage, 0), vial(database, lineage, 1)
    assert (one.state, other.state) == (VialState.STORED, VialState.GONE)
    assert other.disposition is Disposition.THAWED
    assert places(database, lineage) == [2, None]
    (stands,) = rows(database, Thaw, Thaw.annulled_by.is_(None))
    assert (stands.vial_id, stands.purpose) == (other.id, ThawPurpose.CULTURE)
    assert {hold.vial_id for hold in open_holds(database)} == {one.id, other.id}


def test_the_wrong_vial_was_recorded_as_out(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    work.perform(TakeOut(vials=(lineage.codes[0],)), cast.alice, key=key())
    command = SwapVials(first=lineage.codes[0], second=lineage.codes[1])
    work.perform(command, cast.bob, key=key(), reason=WHY)
    (running,) = rows(database, VialExposure, VialExposure.ended_at.is_(None))
    assert running.vial_id == lineage.vials[1]
    assert vial(database, lineage, 1).state is VialState.OUT
    assert vial(database, lineage, 1).out_at == running.started_at


def test_a_vial_is_not_swapped_with_itself(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    command = SwapVials(first=lineage.codes[0], second=lineage.name(0))
    with pytest.raises(Refused, match="one and the same vial"):
        work.perform(command, cast.bob, key=key(), reason=WHY)


# ---- a whole lot under the wrong line ----


def test_a_whole_lot_is_moved_under_the_right_line(database: Database, cast: Cast) -> None:
    lineage, right = Lineage(), Lineage()
    release(lineage)
    command = AssignLotToLine(bank=lineage.lot, line=right.line)
    work.perform(command, cast.carol, key=key(), reason="STR profile")
    (bank,) = rows(database, Bank, Bank.id == lineage["bank"])
    assert bank.line_id == right["line"]
    (hold,) = open_holds(database)
    assert (hold.bank_id, hold.kind) == (bank.id, HoldKind.CORRECTION)
    assert allowed(lineage["vial"]) == set()
    (note,) = rows(database, ExceptionNote)
    assert note.detail == f"was recorded under {lineage.line}, is of {right.line}"
    with pytest.raises(Refused, match="already"):
        work.perform(command, cast.carol, key=key(), reason="again")


# ---- an act recorded by mistake ----


def test_a_thaw_recorded_by_mistake_is_annulled_and_the_vial_is_in_its_place(
    database: Database, cast: Cast
) -> None:
    lineage = Lineage()
    release(lineage)
    thaw = work.perform(
        ThawVials(vials=(lineage.codes[0],), purpose=ThawPurpose.CULTURE), cast.alice, key=key()
    )
    assert places(database, lineage) == [None, 2]
    work.perform(AnnulAct(act=thaw.id), cast.bob, key=key(), reason="the wrong lot was scanned")
    assert vial(database, lineage).state is VialState.STORED
    assert vial(database, lineage).disposition is None
    assert places(database, lineage) == [1, 2]
    (row,) = rows(database, Thaw)
    assert row.annulled_by is not None
    (note,) = rows(database, ExceptionNote)
    assert (note.kind, note.about_event) == (ExceptionKind.ANNULMENT, thaw.seq)
    assert [hold.kind for hold in open_holds(database)] == [HoldKind.CORRECTION]
    with pytest.raises(Refused, match="annulled already"):
        work.perform(AnnulAct(act=thaw.id), cast.bob, key=key(), reason="again")


def test_an_annulled_move_puts_the_vial_back_on_paper(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    (box,) = rows(database, Container, Container.id == lineage["box"])
    to = To(vial=lineage.codes[0], container=box.code, place="A9")
    move = work.perform(MoveVials(moves=(to,)), cast.alice, key=key())
    assert places(database, lineage)[0] == 9
    work.perform(AnnulAct(act=move.id), cast.bob, key=key(), reason="it was never moved")
    assert places(database, lineage) == [1, 2]


def test_what_was_done_since_stands_in_the_way_of_annulling(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    out = work.perform(TakeOut(vials=(lineage.codes[0],)), cast.alice, key=key())
    work.perform(ThawVials(vials=(lineage.codes[0],), purpose=ThawPurpose.CULTURE), cast.alice, key=key())
    with pytest.raises(Refused, match="done with it since"):
        work.perform(AnnulAct(act=out.id), cast.bob, key=key(), reason=WHY)


def test_only_acts_on_cells_are_annulled_here(database: Database, cast: Cast) -> None:
    Lineage()  # made vials, boxes and materials at once
    with work.reading(cast.bob) as db:
        from cellbank.core.journal import Event

        made = db.scalars(sa.select(Event.id).order_by(Event.seq.desc())).first()
    assert made is not None
    with pytest.raises(Refused, match="more than the records of cells"):
        work.perform(AnnulAct(act=made), cast.bob, key=key(), reason=WHY)
    with pytest.raises(NotFound):
        work.perform(AnnulAct(act=uuid4()), cast.bob, key=key(), reason=WHY)
