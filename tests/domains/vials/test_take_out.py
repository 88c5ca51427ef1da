"""Taking out and putting back: the place stays reserved, the time is counted, the bank's rule is obeyed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cellbank.core import clock
from cellbank.core.engine import Database
from cellbank.core.errors import Refused
from cellbank.core.undo import undo
from cellbank.core.work import Occurred
from cellbank.domains.banks.models import PutBackRule
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials.commands import Back, MoveVials, PutBack, TakeOut, To
from cellbank.domains.vials.models import ExceptionNote, Hold, HoldKind, ThawPurpose, VialExposure, VialState
from tests.domains.vials.stock import STAFF, do, hold, rows_of, some_box, some_stock, vial_of, where


def take_out(*vials: str, seconds_ago: int = 0, **more: object) -> None:
    occurred = Occurred(clock.now() - timedelta(seconds=seconds_ago)) if seconds_ago else None
    do(TakeOut(vials=vials, **more), occurred=occurred)


def put_back(*vials: str, **more: object) -> None:
    do(PutBack(vials=tuple(Back(vial=vial, **more) for vial in vials)))


def test_out_is_a_state_and_the_place_stays_reserved(database: Database) -> None:
    stock, other = some_stock(1), some_stock(1)
    vessel = some_box(kind=ContainerKind.TRANSFER_VESSEL, rows=0)
    take_out(stock.codes[0], destination=vessel)
    vial = vial_of(database, stock.vials[0])
    assert (vial.state, vial.out_container_id is not None) == (VialState.OUT, True)
    assert where(database)[stock.vials[0]] == (stock.box, 1)
    with pytest.raises(Refused, match="is taken by"):
        do(MoveVials(moves=(To(vial=other.codes[0], container=stock.box, place="A1"),)))
    with pytest.raises(Refused, match="is out since"):
        take_out(stock.codes[0])
    with pytest.raises(Refused, match="put it back first"):
        do(MoveVials(moves=(To(vial=stock.codes[0], container=stock.box, place="B1"),)))


def test_it_comes_back_and_the_time_is_kept_for_good(database: Database) -> None:
    stock = some_stock(1)
    take_out(stock.codes[0], seconds_ago=41)
    put_back(stock.codes[0])
    vial, (exposure,) = vial_of(database, stock.vials[0]), rows_of(database, VialExposure)
    assert (vial.state, vial.out_at, vial.out_container_id) == (VialState.STORED, None, None)
    assert exposure.ended_at - exposure.started_at >= timedelta(seconds=41)
    assert rows_of(database, Hold) == []


def test_it_may_come_back_into_another_place(database: Database) -> None:
    stock, other = some_stock(1), some_box()
    take_out(stock.codes[0])
    put_back(stock.codes[0], container=other, place="C5")
    assert where(database)[stock.vials[0]] == (other, 23)


def test_what_was_out_too_long_is_put_back_on_hold(database: Database) -> None:
    stock = some_stock(1, exposure_limit_s=60)
    take_out(stock.codes[0], seconds_ago=90)
    put_back(stock.codes[0])
    (held,), (noted,) = rows_of(database, Hold), rows_of(database, ExceptionNote)
    assert (held.kind, held.vial_id, noted.hold_id) == (HoldKind.RETURNED, stock.keys[0], held.id)
    assert where(database)[stock.vials[0]] == (stock.box, 1)


@pytest.mark.parametrize(("rule", "holds"), [(PutBackRule.WITHIN_LIMIT, 0), (PutBackRule.RETURNED_HOLD, 1)])
def test_the_banks_rule_for_what_comes_back(database: Database, rule: PutBackRule, holds: int) -> None:
    stock = some_stock(1, put_back=rule)
    take_out(stock.codes[0])
    put_back(stock.codes[0])
    assert len(rows_of(database, Hold)) == holds


def test_never_means_never(database: Database) -> None:
    stock = some_stock(1, put_back=PutBackRule.NEVER)
    take_out(stock.codes[0])
    with pytest.raises(Refused, match="never put back"):
        put_back(stock.codes[0])


def test_a_hold_forbids_use_but_not_quality_control(database: Database) -> None:
    stock = some_stock(2)
    hold(stock.keys[0])
    with pytest.raises(Refused, match="is on hold: mycoplasma suspected"):
        take_out(stock.codes[0], purpose=ThawPurpose.CULTURE)
    take_out(stock.codes[0], purpose=ThawPurpose.QC)
    put_back(stock.codes[0])
    do(MoveVials(moves=(To(vial=stock.codes[0], container=stock.box, place="B1"),)))
    take_out(stock.codes[1], purpose=ThawPurpose.CULTURE)


def test_a_slip_is_taken_back_and_the_exposure_annulled(database: Database) -> None:
    stock = some_stock(1, put_back=PutBackRule.NEVER)
    event = do(TakeOut(vials=(stock.codes[0],)))
    undo(event.id, STAFF, key="u")
    (exposure,) = rows_of(database, VialExposure)
    assert vial_of(database, stock.vials[0]).state is VialState.STORED
    assert exposure.annulled_by is not None


def test_what_was_out_for_an_hour_was_no_slip(database: Database) -> None:
    stock = some_stock(1)
    event = do(TakeOut(vials=(stock.codes[0],)), occurred=Occurred(clock.now() - timedelta(minutes=50)))
    with pytest.raises(Refused, match="corrected with a reason"):
        undo(event.id, STAFF, key="u")


def test_a_put_back_is_undone_by_being_out_again(database: Database) -> None:
    stock = some_stock(1)
    take_out(stock.codes[0])
    back = do(PutBack(vials=(Back(vial=stock.codes[0]),)))
    undo(back.id, STAFF, key="u")
    assert vial_of(database, stock.vials[0]).state is VialState.OUT
    assert len(rows_of(database, VialExposure)) == 2
