"""A filling is planned: numbers and label codes exist before anything is filled."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from cellbank.core import ids
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.domains.banks.commands import CloseBank
from cellbank.domains.vials.commands import CancelFillLot, PlanFillLot
from cellbank.domains.vials.models import Disposition, LabelCode, VialOwnership, VialState
from tests.domains.vials.making import bank_of, charlie, do, planned_bank, planned_filling, rows, vials_of


def test_the_vials_are_named_by_lot_and_number_and_each_has_a_code(database: Database) -> None:
    lot = planned_bank()
    planned_filling(lot, 3)
    vials = vials_of(lot)
    assert [vial.name for vial in vials] == ["MCB-0001-001", "MCB-0001-002", "MCB-0001-003"]
    assert {vial.state for vial in vials} == {VialState.PLANNED}
    codes = rows(LabelCode)
    assert {code.vial_id for code in codes} == {vial.id for vial in vials}
    assert all(
        ids.parse_code(code.code) == code.code and ids.kind_of(code.code) is ids.Kind.VIAL for code in codes
    )
    assert {row.vial_id for row in rows(VialOwnership)} == {vial.id for vial in vials}


@pytest.mark.sqlite_only
def test_a_code_does_not_tell_its_vials_number(database: Database) -> None:
    lot = planned_bank()
    planned_filling(lot, 40)
    by_vial = {label.vial_id: label.code for label in rows(LabelCode)}
    codes = [by_vial[vial.id] for vial in vials_of(lot)]
    assert codes != sorted(codes)
    assert codes != sorted(codes, reverse=True)


def test_a_second_filling_goes_on_counting(database: Database) -> None:
    lot = planned_bank()
    assert planned_filling(lot, 2) == "MCB-0001-F1"
    assert planned_filling(lot, 2) == "MCB-0001-F2"
    assert [vial.number for vial in vials_of(lot)] == [1, 2, 3, 4]


def test_no_vials_or_too_many_are_refused_by_name_and_value(database: Database) -> None:
    lot = planned_bank()
    with pytest.raises(ValidationError) as nothing:
        PlanFillLot(bank=lot, planned=0)
    assert nothing.value.errors()[0]["loc"] == ("planned",)
    assert nothing.value.errors()[0]["input"] == 0
    with pytest.raises(Invalid, match="10000 vials are too many for one filling; the most is 500") as many:
        do(PlanFillLot(bank=lot, planned=10_000))
    assert many.value.field == "planned"
    assert vials_of(lot) == []


def test_two_hundred_vials_take_few_statements(database: Database) -> None:
    lot = planned_bank()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(database.write, "before_cursor_execute", note)
    try:
        do(PlanFillLot(bank=lot, planned=200))
    finally:
        sa.event.remove(database.write, "before_cursor_execute", note)
    assert len(vials_of(lot)) == 200
    assert len(statements) <= 24, statements


def test_another_organisation_does_not_see_the_bank(database: Database) -> None:
    lot = planned_bank()
    with pytest.raises(NotFound):
        do(PlanFillLot(bank=lot, planned=2), charlie())


def test_a_cancelled_filling_leaves_its_vials_unfilled_and_its_labels_void(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 2)
    do(CancelFillLot(fill_lot=code), reason="cells died")
    assert [(vial.state, vial.disposition) for vial in vials_of(lot)] == [
        (VialState.GONE, Disposition.NOT_FILLED)
    ] * 2
    assert all(label.voided_by is not None for label in rows(LabelCode))
    with pytest.raises(Refused, match="already finished or cancelled"):
        do(CancelFillLot(fill_lot=code), reason="again")


@pytest.mark.sqlite_only
def test_nothing_is_filled_into_a_closed_bank(database: Database) -> None:
    lot = planned_bank()
    planned_filling(lot, 2)
    with pytest.raises(Refused, match="MCB-0001-F1 is not finished"):
        do(CloseBank(bank=lot), reason="over")
    do(CancelFillLot(fill_lot="MCB-0001-F1"), reason="over")
    do(CloseBank(bank=lot), reason="over")
    with pytest.raises(Refused, match="MCB-0001 is closed"):
        do(PlanFillLot(bank=lot, planned=2))
    assert bank_of(lot).version == 2
