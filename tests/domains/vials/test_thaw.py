"""Thawing: gone at the scan, the outcome later, the last vials for a manager, and never put back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cellbank.core import clock
from cellbank.core.engine import Database
from cellbank.core.errors import NotPermitted, Refused
from cellbank.core.journal import Basis
from cellbank.core.undo import undo
from cellbank.core.work import Occurred
from cellbank.domains.vials.commands import Back, PutBack, RecordThawOutcome, TakeOut, ThawVials
from cellbank.domains.vials.models import (
    Disposition,
    ExceptionKind,
    ExceptionNote,
    Hold,
    Thaw,
    ThawOutcome,
    ThawPurpose,
    VialExposure,
    VialState,
)
from tests.domains.vials.stock import STAFF, do, hold, rows_of, some_stock, vial_of, where

QC, CULTURE = ThawPurpose.QC, ThawPurpose.CULTURE


def test_it_is_gone_at_the_scan_and_its_place_is_free(database: Database) -> None:
    stock = some_stock(2)
    do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE, reference="ORD-7"))
    vial, (thaw,) = vial_of(database, stock.vials[0]), rows_of(database, Thaw)
    assert (vial.state, vial.disposition) == (VialState.GONE, Disposition.THAWED)
    assert (thaw.purpose, thaw.reference, thaw.thawed_at, thaw.outcome) == (CULTURE, "ORD-7", None, None)
    assert where(database) == {stock.vials[1]: (stock.box, 2)}


def test_a_thawed_vial_is_handled_no_more(database: Database) -> None:
    stock = some_stock(1)
    do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE))
    for command in (
        ThawVials(vials=(stock.codes[0],), purpose=CULTURE),
        TakeOut(vials=(stock.codes[0],)),
        PutBack(vials=(Back(vial=stock.codes[0]),)),
    ):
        with pytest.raises(Refused, match="is gone: thawed"):
            do(command)


def test_thawing_ends_the_time_out(database: Database) -> None:
    stock = some_stock(1)
    do(TakeOut(vials=(stock.codes[0],)))
    do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE))
    (exposure,) = rows_of(database, VialExposure)
    assert exposure.ended_at is not None


def test_a_hold_forbids_it(database: Database) -> None:
    stock = some_stock(1)
    hold(stock.keys[0])
    with pytest.raises(Refused, match="on hold"):
        do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE))
    do(ThawVials(vials=(stock.codes[0],), purpose=QC))


def test_what_is_not_released_is_thawed_for_tests_only(database: Database) -> None:
    stock = some_stock(2, is_released=False)
    with pytest.raises(Refused, match="may not be used for this"):
        do(ThawVials(vials=stock.codes[:1], purpose=CULTURE))
    with pytest.raises(Refused, match="may not be used for this"):
        do(TakeOut(vials=stock.codes[:1], purpose=CULTURE))
    do(TakeOut(vials=stock.codes[:1]))
    do(ThawVials(vials=stock.codes, purpose=QC))


def test_a_thaw_that_has_happened_is_accepted_and_noted(database: Database) -> None:
    stock = some_stock(1, is_released=False)
    yesterday = Occurred(clock.now() - timedelta(days=1), basis=Basis.PAPER, document="LB-12 p. 4")
    do(ThawVials(vials=stock.codes, purpose=CULTURE), occurred=yesterday, reason="entered from paper")
    (noted,) = rows_of(database, ExceptionNote)
    assert noted.kind is ExceptionKind.OVERRIDE
    assert "may not be used for this" in noted.detail
    assert vial_of(database, stock.vials[0]).disposition is Disposition.THAWED


def test_the_last_vials_of_a_bank_are_a_managers(database: Database) -> None:
    stock = some_stock(4, floor_stock=2)
    do(ThawVials(vials=stock.codes[:2], purpose=CULTURE))
    with pytest.raises(Refused, match="of the last 2 vials"):
        do(ThawVials(vials=(stock.codes[2],), purpose=CULTURE))
    manager = replace(STAFF, permissions=STAFF.permissions | {"vials.thaw_last"})
    do(ThawVials(vials=(stock.codes[2],), purpose=CULTURE), manager)


def test_the_outcome_is_recorded_once_at_the_hood(database: Database) -> None:
    stock = some_stock(1)
    do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE))
    done = RecordThawOutcome(
        vial=stock.codes[0], outcome=ThawOutcome.GOOD, viability=Decimal("94.2"), cells=1_200_000
    )
    event = do(done)
    (thaw,) = rows_of(database, Thaw)
    assert (thaw.outcome, thaw.viability_permille, thaw.outcome_by) == (ThawOutcome.GOOD, 942, event.seq)
    assert thaw.thawed_at is not None
    with pytest.raises(Refused, match="recorded already"):
        do(done)


@pytest.mark.parametrize(
    ("outcome", "notes", "holds"),
    [(ThawOutcome.LOW_VIABILITY, 0, 0), (ThawOutcome.EMPTY, 1, 0), (ThawOutcome.WRONG_CONTENT, 1, 1)],
)
def test_what_should_not_have_been_in_it_waits_for_quality(
    database: Database, outcome: ThawOutcome, notes: int, holds: int
) -> None:
    stock = some_stock(2)
    do(ThawVials(vials=(stock.codes[0],), purpose=CULTURE))
    do(RecordThawOutcome(vial=stock.codes[0], outcome=outcome))
    assert (len(rows_of(database, ExceptionNote)), len(rows_of(database, Hold))) == (notes, holds)
    if holds:  # the bank's other vials wait too
        with pytest.raises(Refused, match="on hold"):
            do(TakeOut(vials=(stock.codes[1],), purpose=CULTURE))


@pytest.mark.parametrize("is_out", [False, True])
def test_a_slip_is_taken_back(database: Database, *, is_out: bool) -> None:
    stock = some_stock(2)
    if is_out:
        do(TakeOut(vials=(stock.codes[0],)))
    before = vial_of(database, stock.vials[0])
    event = do(ThawVials(vials=stock.codes, purpose=CULTURE))
    undo(event.id, STAFF, key="u")
    after = vial_of(database, stock.vials[0])
    assert (after.state, after.out_at, after.disposition) == (before.state, before.out_at, None)
    assert where(database) == {name: (stock.box, n) for n, name in enumerate(stock.vials, 1)}
    assert [e.ended_at for e in rows_of(database, VialExposure)] == [None] * is_out
    do(ThawVials(vials=stock.codes, purpose=CULTURE))


def test_what_was_confirmed_at_the_hood_was_no_slip(database: Database) -> None:
    stock = some_stock(1)
    event = do(ThawVials(vials=stock.codes, purpose=CULTURE))
    do(RecordThawOutcome(vial=stock.codes[0], outcome=ThawOutcome.GOOD))
    with pytest.raises(Refused, match="done with it since"):
        undo(event.id, STAFF, key="u")


def test_without_the_permission_nobody_thaws(database: Database) -> None:
    stock = some_stock(1)
    reader = replace(STAFF, permissions=frozenset({"vials.read"}))
    with pytest.raises(NotPermitted):
        do(ThawVials(vials=stock.codes, purpose=CULTURE), reader)
