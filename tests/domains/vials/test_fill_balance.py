"""The mass balance: what was planned and filled is somewhere, or has gone somehow; a difference is shown."""

from __future__ import annotations

import pytest

from cellbank.core.engine import Database
from cellbank.core.work import reading
from cellbank.domains.banks.models import FillLot
from cellbank.domains.vials.commands import (
    AssignAllocation,
    FinishFilling,
    PlaceVials,
    ReceiveVials,
    RegisterBank,
    RegisterLegacyVials,
    To,
)
from cellbank.domains.vials.commands.receiving import ListedVial
from cellbank.domains.vials.models import Allocation, ArrivalDecision
from cellbank.domains.vials.queries import Balance, mass_balance
from tests.domains.vials.making import (
    STAFF,
    MakeLine,
    SetVial,
    bank_of,
    charlie,
    do,
    frozen,
    lot_of,
    planned_bank,
    planned_filling,
    rows,
)
from tests.domains.vials.stock import MakeBox


def balance_of(lot: str) -> Balance:
    """The balance of a bank now."""
    key = bank_of(lot).id
    with reading(STAFF) as db:
        return mass_balance(db, [key])[key]


def test_planned_is_not_filled_and_filled(database: Database) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 20)
    assert (balance_of(lot).planned, balance_of(lot).to_be_filled, balance_of(lot).is_even) == (20, 20, True)
    do(FinishFilling(fill_lot=code, filled=19))
    balance = balance_of(lot)
    assert (balance.planned, balance.not_filled, balance.filled, balance.became["making"]) == (20, 1, 19, 19)
    assert balance.is_even


def test_every_filled_vial_is_somewhere_or_has_gone_somehow(database: Database) -> None:
    lot = frozen(vials=8)
    do(MakeBox(code="CB00000001", name="Box 1"))
    do(PlaceVials(moves=tuple(To(vial=f"{lot}-{n:03d}", container="CB00000001") for n in range(1, 8))))
    do(AssignAllocation(vials=(f"{lot}-001",), allocation=Allocation.QC))
    do(AssignAllocation(vials=(f"{lot}-002",), allocation=Allocation.RETENTION))
    do(SetVial(vial=f"{lot}-003", values={"state": "gone", "disposition": "thawed"}))
    do(SetVial(vial=f"{lot}-004", values={"state": "missing"}))
    do(SetVial(vial=f"{lot}-005", values={"state": "out"}))
    balance = balance_of(lot)
    assert {name: n for name, n in balance.became.items() if n} == {
        "making": 1,
        "stored": 2,
        "qc": 1,
        "retention": 1,
        "thawed": 1,
        "missing": 1,
        "out": 1,
    }
    assert (balance.came, balance.vial_difference, balance.is_even) == (8, 0, True)


def test_more_filled_than_planned_is_a_difference(database: Database) -> None:
    lot = planned_bank()
    do(FinishFilling(fill_lot=planned_filling(lot, 3), filled=5))
    balance = balance_of(lot)
    assert (balance.planning_difference, balance.vial_difference, balance.is_even) == (-2, 0, False)


def test_a_vial_that_was_counted_but_never_was_is_a_difference(database: Database) -> None:
    lot = frozen(vials=3)
    do(SetVial(vial=f"{lot}-002", values={"state": "gone", "disposition": "not_filled"}))
    balance = balance_of(lot)
    assert (balance.planning_difference, balance.vial_difference, balance.is_even) == (-1, 1, False)


def test_received_and_old_vials_count_too(database: Database) -> None:
    do(MakeLine(name="HeLa"))
    lot = lot_of(do(RegisterBank(line="HeLa", is_received=True)))
    accepted = ListedVial(decision=ArrivalDecision.ACCEPTED)
    do(
        ReceiveVials(
            bank=lot, sender="ATCC", vials=(accepted, accepted, ListedVial(listed_as="x", has_arrived=False))
        )
    )
    do(RegisterLegacyVials(bank=lot, count=4))
    balance = balance_of(lot)
    assert (balance.received, balance.registered, balance.came) == (2, 4, 6)
    assert (balance.became["making"], balance.became["stored"], balance.is_even) == (2, 4, True)


@pytest.mark.sqlite_only
def test_two_fillings_are_balanced_together_and_apart(database: Database) -> None:
    lot = planned_bank()
    do(FinishFilling(fill_lot=planned_filling(lot, 3), filled=2))
    planned_filling(lot, 4)
    assert (balance_of(lot).planned, balance_of(lot).filled) == (7, 2)
    key, second = bank_of(lot).id, rows(FillLot)[1].id
    with reading(STAFF) as db:
        apart = mass_balance(db, [key], fill_lot=second)[key]
    assert (apart.planned, apart.to_be_filled, apart.filled) == (4, 4, 0)


def test_a_bank_balances_also_for_those_who_do_not_see_all_its_vials(database: Database) -> None:
    lot, stranger = frozen(), charlie()
    key = bank_of(lot).id
    with reading(stranger) as db:
        assert mass_balance(db, [key])[key].is_even
