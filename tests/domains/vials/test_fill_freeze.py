"""Vials are frozen: in a device or an isopropanol box, in one run or several; a failed run condemns its own only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from cellbank.core.engine import Database
from cellbank.core.errors import Conflict, Invalid, Refused
from cellbank.core.work import Occurred
from cellbank.domains.banks.models import BankState, FillLot, FreezeOutcome, FreezeRun, FreezeRunFillLot
from cellbank.domains.equipment.models import Programme
from cellbank.domains.vials.commands import FinishFreezeRun, PlanFillLot, StartFreezeRun
from cellbank.domains.vials.models import ExceptionKind, ExceptionNote, Hold, VialState
from tests.domains.vials.making import (
    LONG_AGO,
    MakeThings,
    bank_of,
    do,
    filled,
    freezing,
    planned_bank,
    planned_filling,
    rows,
    vials_of,
)

A_YEAR_EARLIER = Occurred(datetime(2023, 6, 2, 8, 30, tzinfo=UTC))
CURVE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def test_the_filled_vials_of_the_bank_go_into_the_run(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 3)
    planned_filling(lot, 2)
    code = freezing(lot)
    run = rows(FreezeRun)[0]
    assert code == "FRZ-0001"
    assert [vial.state for vial in vials_of(lot)] == [VialState.FREEZING] * 3 + [VialState.PLANNED] * 2
    assert {vial.freeze_run_id for vial in vials_of(lot)[:3]} == {run.id}
    assert {vial.frozen_on for vial in vials_of(lot)[:3]} == {bank_of(lot).made_on}
    assert rows(Programme, Programme.id == run.programme_id)[0].edition == 2
    assert len(rows(FreezeRunFillLot)) == 1


def test_a_bank_may_need_several_runs(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 4)
    freezing(lot, vials=(f"{lot}-001", f"{lot}-002"))
    freezing(lot)
    first, second = rows(FreezeRun)
    assert [vial.freeze_run_id for vial in vials_of(lot)] == [first.id, first.id, second.id, second.id]


def test_a_good_run_keeps_its_curve_and_makes_the_bank_frozen(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 2)
    do(
        FinishFreezeRun(
            freeze_run=freezing(lot),
            outcome="good",
            curve_name="run19.csv",
            curve_sha256=CURVE,
            lowest_centi_c=-8000,
        )
    )
    run = rows(FreezeRun)[0]
    assert (run.outcome, run.curve_sha256, run.lowest_centi_c) == (FreezeOutcome.GOOD, CURVE, -8000)
    assert bank_of(lot).state is BankState.FROZEN
    assert rows(Hold) == []
    assert rows(ExceptionNote) == []


def test_a_failed_run_condemns_only_its_vials(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 4)
    bad = freezing(lot, vials=(f"{lot}-001",))
    good = freezing(lot)
    do(FinishFreezeRun(freeze_run=bad, outcome="failed", deviation="no nitrogen"))
    do(FinishFreezeRun(freeze_run=good, outcome="good"))
    holds = rows(Hold)
    assert [hold.freeze_run_id for hold in holds] == [vials_of(lot)[0].freeze_run_id]
    assert holds[0].bank_id is None
    assert [(note.kind, note.hold_id) for note in rows(ExceptionNote)] == [
        (ExceptionKind.RUN_DEVIATION, holds[0].id)
    ]


def test_a_deviation_must_be_told_and_holds_nothing(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 2)
    code = freezing(lot)
    with pytest.raises(Invalid, match="Say what was out of the ordinary"):
        do(FinishFreezeRun(freeze_run=code, outcome="deviated"))
    do(FinishFreezeRun(freeze_run=code, outcome="deviated", deviation="seeded late"))
    assert rows(Hold) == []
    assert [note.kind for note in rows(ExceptionNote)] == [ExceptionKind.RUN_DEVIATION]
    with pytest.raises(Refused, match="FRZ-0001 is already finished"):
        do(FinishFreezeRun(freeze_run=code, outcome="good"))


def test_only_filled_vials_are_frozen(database: Database) -> None:
    lot = planned_bank()
    planned_filling(lot, 2)
    do(MakeThings())
    with pytest.raises(Refused, match="No filled vial of MCB-0001 waits"):
        do(StartFreezeRun(bank=lot, device="CRF1"))
    with pytest.raises(Refused, match="MCB-0001-002 does not wait to be frozen"):
        do(StartFreezeRun(bank=lot, device="CRF1", vials=("MCB-0001-002",)))


@pytest.mark.sqlite_only
def test_a_device_or_a_box_must_be_named(database: Database) -> None:
    lot = planned_bank()
    with pytest.raises(Invalid, match="isopropanol box") as wrong:
        do(StartFreezeRun(bank=lot))
    assert wrong.value.field == "device"


@pytest.mark.sqlite_only
def test_a_run_in_a_device_whose_calibration_is_overdue_is_noted(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 1)
    do(MakeThings(calibration_due_on=date(2020, 1, 1)))
    do(StartFreezeRun(bank=lot, device="CRF1"))
    assert [note.kind for note in rows(ExceptionNote)] == [ExceptionKind.EXPIRED_CALIBRATION]


def test_a_run_of_long_ago_has_its_own_date(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 1)
    do(MakeThings())
    do(StartFreezeRun(bank=lot, device="CRF1"), occurred=LONG_AGO, reason="from the notebook")
    assert vials_of(lot)[0].frozen_on == date(2024, 6, 2)
    assert bank_of(lot).made_on == date(2024, 6, 2)
    with pytest.raises(Refused, match="cannot end before it started"):
        do(FinishFreezeRun(freeze_run="FRZ-0001", outcome="good"), occurred=A_YEAR_EARLIER, reason="wrong")


def test_two_people_who_freeze_at_once_never_freeze_a_vial_twice(database: Database) -> None:
    lot = planned_bank()
    filled(lot, 5)
    do(MakeThings())
    together = Barrier(2)

    def start() -> str:
        together.wait()
        try:
            do(StartFreezeRun(bank=lot, device="CRF1"))
        except (Refused, Conflict) as refusal:
            return str(refusal)
        return "started"

    with ThreadPoolExecutor(2) as people:
        said = sorted(one.result() for one in [people.submit(start), people.submit(start)])
    assert said == ["No filled vial of MCB-0001 waits to be frozen: fill first", "started"]
    assert len(rows(FreezeRun)) == 1
    assert {vial.freeze_run_id for vial in vials_of(lot)} == {rows(FreezeRun)[0].id}


def test_two_fillings_planned_at_once_never_share_a_number(database: Database) -> None:
    lot = planned_bank()
    together = Barrier(2)

    def plan() -> None:
        together.wait()
        do(PlanFillLot(bank=lot, planned=10))

    with ThreadPoolExecutor(2) as people:
        for one in [people.submit(plan), people.submit(plan)]:
            one.result()
    assert [vial.number for vial in vials_of(lot)] == list(range(1, 21))
    assert [fill_lot.code for fill_lot in rows(FillLot)] == ["MCB-0001-F1", "MCB-0001-F2"]
