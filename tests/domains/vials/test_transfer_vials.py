"""Vials change owners: what is tied to them goes along, and each company sees its own."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import BANK_ID
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotPermitted, Refused
from cellbank.core.model import Model, Recorded, every_table
from cellbank.core.search import SearchTerm
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank
from cellbank.domains.storage.models import LiftCause
from cellbank.domains.vials.commands import TransferVials
from cellbank.domains.vials.commands.ownership import TIED_TO_A_VIAL
from cellbank.domains.vials.models import (
    Destruction,
    Disposition,
    Hold,
    HoldKind,
    IntendedUse,
    Release,
    RelocationTask,
    Reservation,
    Thaw,
    ThawCulture,
    ThawPurpose,
    Vial,
    VialExposure,
    VialOwnership,
    VialState,
)
from cellbank.domains.vials.verdicts import verdicts
from tests.domains.keeping import STARTED, Lineage, change, hold, keep, release, rows
from tests.world import Cast, key


def transfer(cast: Cast, *vials: str, **more: Any) -> None:
    values: dict[str, Any] = {
        "to": "Celltech",
        "effective_from": date(2026, 6, 1),
        "giver_document": "CT-17",
        "taker_document": "CT-18",
        **more,
    }
    work.perform(TransferVials(vials=vials, **values), cast.carol, key=key())


def everything_tied(lineage: Lineage, vial: UUID) -> None:
    """A row of every table that is tied to a vial."""

    def act(db: Writing) -> None:
        own: dict[str, Any] = {"organisation_id": BANK_ID, "vial_id": vial}
        exposure = VialExposure(**own, cause=LiftCause.MOVE, started_at=STARTED, ended_at=clock.now())
        thaw = Thaw(**own, purpose=ThawPurpose.CULTURE, removed_at=clock.now(), annulled_by=db.event_seq)
        db.add_all([exposure, thaw])
        db.add(ThawCulture(**own, thaw_id=thaw.id, culture_id=lineage["culture"], annulled_by=db.event_seq))
        db.add(Destruction(**own, reason="x", discarded_by=db.event_seq, annulled_by=db.event_seq))
        db.add(Reservation(**own, started_by=db.event_seq))
        db.add(
            Release(
                **own, intended_use=IntendedUse.RESEARCH, valid_from=date(2026, 3, 1), given_by=db.event_seq
            )
        )
        db.add(Hold(**own, kind=HoldKind.INVESTIGATION, reason="x", opened_by=db.event_seq))
        db.add(RelocationTask(**own, reason="x", opened_by=db.event_seq))
        db.add(SearchTerm(folded="x", shown="x", kind="vial", subject_id=vial, organisation_id=BANK_ID))

    keep(act)


def test_every_row_tied_to_a_vial_goes_along(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    everything_tied(lineage, lineage["vial"])
    transfer(cast, lineage.codes[0])
    tied: tuple[Any, ...] = (*TIED_TO_A_VIAL, SearchTerm)
    for model in tied:
        column = SearchTerm.subject_id if model is SearchTerm else model.vial_id
        found = rows(database, model, column == lineage["vial"])
        assert found, model
        assert {row.organisation_id for row in found} == {cast.celltech.id}, model
    (other,) = rows(database, Vial, Vial.id == lineage.vials[1])
    assert other.organisation_id == BANK_ID


def test_no_table_tied_to_a_vial_is_forgotten() -> None:
    def points_at_a_vial(table: sa.Table) -> bool:
        return any(
            len(key.columns) == 2 and key.referred_table.name in ("vial", "thaw")
            for key in table.foreign_key_constraints
        )

    tied = {name for name, table in Model.metadata.tables.items() if points_at_a_vial(table)}
    assert tied == {model.__tablename__ for model in TIED_TO_A_VIAL}
    assert tied < {model.__tablename__ for model in every_table(Recorded)}


def test_the_owner_is_a_dated_row(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    transfer(cast, lineage.name(0), giver_sees_future=True)
    before, after = rows(database, VialOwnership, VialOwnership.vial_id == lineage["vial"])
    assert (before.organisation_id, before.effective_until) == (BANK_ID, date(2026, 6, 1))
    assert (after.organisation_id, after.effective_from) == (cast.celltech.id, date(2026, 6, 1))
    assert (after.effective_until, after.transfer_document) == (None, "CT-17; CT-18")
    assert after.giver_agreed_by == after.taker_agreed_by is not None
    assert (after.taker_sees_history, after.giver_sees_future) == (True, True)


def test_in_a_split_bank_each_company_sees_its_own_vials_only(database: Database, cast: Cast) -> None:
    seller = cast.celltech.id
    lineage = Lineage(20, owner=seller)
    work.perform(
        TransferVials(
            vials=lineage.codes[:10],
            to=_another_company(),
            effective_from=date(2026, 6, 1),
            giver_document="A-1",
            taker_document="B-1",
        ),
        cast.carol,
        key=key(),
    )
    with work.reading(cast.charlie) as db:
        kept = set(db.scalars(sa.select(Vial.id)))
    with work.reading(_somebody_of("Royan", cast)) as db:
        bought = set(db.scalars(sa.select(Vial.id)))
        assert db.scalars(sa.select(Bank.id)).all() == []
    assert bought == set(lineage.vials[:10])
    assert kept == set(lineage.vials[10:])
    with work.reading(cast.carol) as db:
        assert set(db.scalars(sa.select(Vial.id))) == set(lineage.vials)


def test_the_sellers_hold_and_release_reach_the_bought_vial(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage, IntendedUse.RESEARCH)
    transfer(cast, lineage.codes[0])

    def may_charlie_use_it() -> bool:
        with work.reading(cast.charlie) as db:
            return verdicts(db, [lineage["vial"]])[lineage["vial"]].allows(IntendedUse.RESEARCH)

    assert may_charlie_use_it()
    hold("line", lineage["line"])
    assert not may_charlie_use_it()


def test_what_is_gone_has_no_new_owner(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    change(Vial, lineage["vial"], state=VialState.GONE, disposition=Disposition.THAWED)
    with pytest.raises(Refused, match="is gone: thawed"):
        transfer(cast, lineage.codes[0])


def test_nobody_buys_their_own_vial_or_buys_it_before_its_owner_had_it(
    database: Database, cast: Cast
) -> None:
    lineage = Lineage()
    with pytest.raises(Refused, match="a transfer cannot be earlier"):
        transfer(cast, lineage.codes[0], effective_from=date(2026, 2, 1))
    transfer(cast, lineage.codes[0])
    with pytest.raises(Refused, match="belongs to Celltech already"):
        transfer(cast, lineage.codes[0])


def test_a_transfer_is_entered_on_its_day_and_by_a_manager(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    with pytest.raises(Invalid, match="on the day"):
        transfer(cast, lineage.codes[0], effective_from=date(2999, 1, 1))
    command = TransferVials(
        vials=lineage.codes,
        to="Celltech",
        effective_from=date(2026, 6, 1),
        giver_document="x1",
        taker_document="x2",
    )
    with pytest.raises(NotPermitted):
        work.perform(command, cast.alice, key=key())


def _another_company() -> str:
    from cellbank.core.actor import Organisation, OrganisationKind

    keep(lambda db: db.add(Organisation(kind=OrganisationKind.RESEARCH, name="Royan", short_name="Royan")))
    return "Royan"


def _somebody_of(short_name: str, cast: Cast) -> Any:
    from dataclasses import replace

    from cellbank.core.actor import Organisation

    with work.reading(cast.carol) as db:
        found = db.scalars(sa.select(Organisation).where(Organisation.short_name == short_name)).one()
    return replace(cast.charlie, organisation_id=found.id)
