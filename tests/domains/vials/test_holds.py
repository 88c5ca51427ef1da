"""A hold is placed on anything that cells come from, and lifting one lifts only that one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import BANK_ID
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.journal import EventSubject
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.commands import HoldScope, LiftHold, PlaceHold
from cellbank.domains.vials.models import Hold, HoldKind, IntendedUse
from tests.domains.keeping import Lineage, release, rows
from tests.domains.vials.test_may_it_be_used import allowed
from tests.world import Cast, key


def place(cast: Cast, scope: HoldScope, thing: str, why: str = "mycoplasma suspected") -> Hold:
    command = PlaceHold(scope=scope, thing=thing, kind=HoldKind.INVESTIGATION, why=why)
    event = work.perform(command, cast.bob, key=key())
    with work.reading(cast.bob) as db:
        return db.get_one(Hold, work.created(event, Hold)[0])


def test_quality_holds_anything_by_its_code(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    (box,) = rows(database, Container, Container.id == lineage["box"])
    things = {
        HoldScope.VIAL: lineage.codes[0],
        HoldScope.BANK: lineage.lot,
        HoldScope.FILL_LOT: f"{lineage.lot}-F1",
        HoldScope.FREEZE_RUN: f"FRZ-{lineage.number:04}",
        HoldScope.CULTURE: f"CUL-{lineage.number:04}A",
        HoldScope.LINE: lineage.line,
        HoldScope.DONATION: f"DON-{lineage.number:04}",
        HoldScope.DONOR: lineage.donor.lower(),
        HoldScope.CONTAINER: box.code,
        HoldScope.MATERIAL_LOT: f"serum-{lineage.number}",
    }
    assert set(things) == set(HoldScope)
    for scope, thing in things.items():
        hold = place(cast, scope, thing)
        assert hold.organisation_id == BANK_ID
        assert allowed(lineage["vial"]) == set(), scope
        work.perform(LiftHold(hold=hold.id), cast.bob, key=key(), reason="tested negative")
        assert allowed(lineage["vial"]) == set(IntendedUse), scope


def test_lifting_one_lifts_only_that_one_and_says_why(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    first = place(cast, HoldScope.BANK, lineage.lot)
    second = place(cast, HoldScope.BANK, lineage.lot, why="a labelling error")
    work.perform(LiftHold(hold=first.id), cast.bob, key=key(), reason="tested negative")
    assert allowed(lineage["vial"]) == set()
    (lifted,) = rows(database, Hold, Hold.id == first.id)
    assert lifted.closing_reason == "tested negative"
    (stays,) = rows(database, Hold, Hold.id == second.id)
    assert stays.closed_by is None
    with pytest.raises(Refused, match="lifted already"):
        work.perform(LiftHold(hold=first.id), cast.bob, key=key(), reason="again")


def test_a_hold_is_lifted_with_a_reason_only(database: Database, cast: Cast) -> None:
    hold = place(cast, HoldScope.BANK, Lineage().lot)
    with pytest.raises(Invalid, match="reason"):
        work.perform(LiftHold(hold=hold.id), cast.bob, key=key())


def test_a_hold_is_part_of_the_story_of_what_it_is_on(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    hold = place(cast, HoldScope.DONOR, lineage.donor)
    with work.reading(cast.bob) as db:
        subjects = set(
            db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == hold.opened_by))
        )
    assert {lineage["donor"], hold.id} <= subjects


def test_a_technician_holds_nothing(database: Database, cast: Cast) -> None:
    command = PlaceHold(
        scope=HoldScope.BANK, thing=Lineage().lot, kind=HoldKind.INVESTIGATION, why="I do not like it"
    )
    with pytest.raises(NotPermitted):
        work.perform(command, cast.alice, key=key())


def test_what_is_unknown_is_not_held(database: Database, cast: Cast) -> None:
    with pytest.raises(NotFound):
        place(cast, HoldScope.DONOR, "D-9999")
