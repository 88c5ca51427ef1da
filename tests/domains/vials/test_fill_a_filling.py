"""Tubes are filled: those counted, those left out, those beyond the plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, Refused
from cellbank.core.journal import EventSubject
from cellbank.domains.banks.models import BankState, FillLot, FillLotMaterial, FillLotState
from cellbank.domains.vials.commands import FinishFilling, StartFilling
from cellbank.domains.vials.filling import what_was_filled
from cellbank.domains.vials.models import (
    Disposition,
    ExceptionKind,
    ExceptionNote,
    LabelCode,
    Vial,
    VialState,
)
from tests.domains.vials.making import (
    LONG_AGO,
    MakeThings,
    bank_of,
    do,
    planned_bank,
    planned_filling,
    rows,
    vials_of,
)


def test_nineteen_of_twenty_are_a_fact(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 20)
    do(
        FinishFilling(
            fill_lot=code,
            filled=19,
            last_number=19,
            volume_ul=1000,
            cells=2_000_000,
            viability=Decimal("94.2"),
        )
    )
    vials = vials_of(lot)
    assert [vial.state for vial in vials] == [VialState.FILLED] * 19 + [VialState.GONE]
    assert vials[-1].disposition is Disposition.NOT_FILLED
    assert (vials[18].fill_position, vials[18].volume_ul, vials[18].cells, vials[18].viability_permille) == (
        19,
        1000,
        2_000_000,
        942,
    )
    fill_lot = rows(FillLot)[0]
    assert (fill_lot.state, fill_lot.planned, fill_lot.counted) == (FillLotState.FILLED, 20, 19)
    void = [label.vial_id for label in rows(LabelCode) if label.voided_by is not None]
    assert void == [vials[-1].id]


def test_one_left_out_on_the_way_is_named(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 5)
    with pytest.raises(Invalid, match="3 tubes were counted, but the numbers up to 4 make 4: look again"):
        do(FinishFilling(fill_lot=code, filled=3, last_number=4))
    do(FinishFilling(fill_lot=code, filled=3, last_number=4, not_filled=(2,)))
    assert [vial.number for vial in vials_of(lot) if vial.state is VialState.FILLED] == [1, 3, 4]


def test_more_tubes_than_planned_are_accepted_and_quality_is_told(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 3)
    do(FinishFilling(fill_lot=code, filled=4))
    assert [vial.name for vial in vials_of(lot)][-1] == "MCB-0001-004"
    assert {vial.state for vial in vials_of(lot)} == {VialState.FILLED}
    notes = rows(ExceptionNote)
    assert [(note.kind, note.detail) for note in notes] == [(ExceptionKind.BALANCE, "MCB-0001-F1: 4 / 3")]


def test_a_filling_starts_once_and_is_finished_once(database: Database) -> None:
    code = planned_filling(planned_bank(), 2)
    do(StartFilling(fill_lot=code))
    with pytest.raises(Refused, match="already started"):
        do(StartFilling(fill_lot=code))
    do(FinishFilling(fill_lot=code, filled=2))
    with pytest.raises(Refused, match="already finished"):
        do(FinishFilling(fill_lot=code, filled=2))


def test_an_expired_lot_that_was_used_is_accepted_and_noted(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 2)
    do(MakeThings(expires_on=date(2020, 1, 1)))
    do(StartFilling(fill_lot=code, cryoprotectant="10 % DMSO", hood="HOOD1", materials=("FBS7",)))
    assert [note.kind for note in rows(ExceptionNote)] == [ExceptionKind.EXPIRED_LOT]
    assert len(rows(FillLotMaterial)) == 1
    assert bank_of(lot).state is BankState.FILLING


def test_what_was_filled_long_ago_keeps_its_own_time(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 2)
    do(StartFilling(fill_lot=code), occurred=LONG_AGO, reason="from the notebook")
    do(FinishFilling(fill_lot=code, filled=2), occurred=LONG_AGO, reason="from the notebook")
    assert {vial.filled_at for vial in vials_of(lot)} == {LONG_AGO.at}
    assert rows(FillLot)[0].started_at == LONG_AGO.at


def test_every_filled_vial_has_the_filling_in_its_story(database: Database) -> None:
    code = planned_filling(planned_bank(), 4)
    event = do(FinishFilling(fill_lot=code, filled=3))
    with Session(work.database().read) as db:
        told = set(db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event.seq)))
    assert {vial.id for vial in rows(Vial)} <= told


@pytest.mark.parametrize(
    ("counted", "last", "empty", "filled", "left", "beyond"),
    [
        (0, None, (), (), (1, 2, 3), 0),
        (3, 3, (), (1, 2, 3), (), 0),
        (2, None, (), (1, 2), (3,), 0),
        (2, 3, (1,), (2, 3), (1,), 0),
        (5, None, (), (1, 2, 3), (), 2),
    ],
)
def test_the_count_is_matched_with_the_numbers(
    *,
    counted: int,
    last: int | None,
    empty: tuple[int, ...],
    filled: tuple[int, ...],
    left: tuple[int, ...],
    beyond: int,
) -> None:
    was = what_was_filled((1, 2, 3), counted, last, empty)
    assert (was.filled, was.empty, was.beyond) == (filled, left, beyond)


def test_a_number_of_another_filling_is_named() -> None:
    with pytest.raises(Invalid, match="Number 9 is not one of this filling"):
        what_was_filled((1, 2, 3), 2, 9)
    with pytest.raises(Invalid, match="Number 8 is not one of this filling"):
        what_was_filled((1, 2, 3), 2, 2, (8,))
