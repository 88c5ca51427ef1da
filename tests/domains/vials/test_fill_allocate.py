"""It is said what vials are kept for."""

from __future__ import annotations

import pytest

from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, Refused
from cellbank.domains.vials.commands import AssignAllocation, CancelFillLot
from cellbank.domains.vials.models import Allocation, LabelCode
from tests.domains.vials.making import do, frozen, planned_bank, planned_filling, rows, vials_of


def test_vials_are_kept_for_quality_control_by_name_or_code(database: Database) -> None:
    lot = frozen()
    code = rows(LabelCode, LabelCode.vial_id == vials_of(lot)[1].id)[0].code
    do(AssignAllocation(vials=(f"{lot}-001", code), allocation=Allocation.QC))
    assert [vial.allocation for vial in vials_of(lot)] == [Allocation.QC, Allocation.QC, Allocation.STOCK]


def test_giving_up_what_is_kept_back_needs_a_reason(database: Database) -> None:
    lot = frozen()
    do(AssignAllocation(vials=(f"{lot}-001",), allocation=Allocation.SAFETY_RESERVE))
    with pytest.raises(Invalid, match="is kept back") as wrong:
        do(AssignAllocation(vials=(f"{lot}-001",), allocation=Allocation.STOCK))
    assert wrong.value.field == "reason"
    do(AssignAllocation(vials=(f"{lot}-001",), allocation=Allocation.STOCK), reason="stock ran out")
    assert vials_of(lot)[0].allocation is Allocation.STOCK


@pytest.mark.sqlite_only
def test_what_is_gone_is_kept_for_nothing(database: Database) -> None:
    lot = planned_bank()
    do(CancelFillLot(fill_lot=planned_filling(lot, 1)), reason="over")
    with pytest.raises(Refused, match="is gone"):
        do(AssignAllocation(vials=(f"{lot}-001",), allocation=Allocation.QC))
