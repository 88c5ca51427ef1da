"""Selling vials: who owns them from which day, and all that is tied to them goes along."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.actor import Organisation
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.search import SearchTerm
from cellbank.core.work import Writing, required
from cellbank.domains.vials import finding
from cellbank.domains.vials.commands.moves import MOST_AT_ONCE
from cellbank.domains.vials.models import (
    Destruction,
    Hold,
    LabelCode,
    Placement,
    Release,
    RelocationTask,
    Reservation,
    Thaw,
    ThawCulture,
    Vial,
    VialExposure,
    VialOwnership,
    VialState,
)
from cellbank.domains.vials.verdicts.asking import today

TIED_TO_A_VIAL: Final[tuple[type[Any], ...]] = (
    LabelCode,
    Placement,
    VialExposure,
    Thaw,
    ThawCulture,
    Destruction,
    Reservation,
    Release,
    Hold,
    RelocationTask,
)
"""Tables whose rows must have the same organisation as their vial; the database checks that at COMMIT."""


class TransferVials(Command):
    """Give vials another owner from a day on, with the consent of both parties.

    The bank stays with whoever it was made for: a company may own ten vials of twenty.
    """

    records: ClassVar[str] = "vials.transferred"
    permission: ClassVar[str] = "vials.transfer"
    label: ClassVar[str] = "Transfer to another owner"

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    to: str = Field(
        title="New owner", description="Short name of the organisation", min_length=1, max_length=80
    )
    effective_from: date = Field(title="From the day")
    giver_document: str = Field(
        title="Consent of the giver",
        description="Number of the signed document",
        min_length=2,
        max_length=120,
    )
    taker_document: str = Field(
        title="Consent of the taker",
        description="Number of the signed document",
        min_length=2,
        max_length=120,
    )
    taker_sees_history: bool = Field(default=True, title="The new owner sees what came before")
    giver_sees_future: bool = Field(default=False, title="The former owner sees what comes after")

    def run(self, db: Writing) -> None:
        """End the old ownership, begin the new one, and move all rows that are tied to the vials."""
        taker = required(
            db.scalar(sa.select(Organisation).where(Organisation.short_name == self.to)), self.to
        )
        if taker.is_closed:
            raise Refused("{organisation} is closed: it can own nothing", organisation=taker.short_name)
        if self.effective_from > today():
            raise Invalid("Enter the transfer on the day it takes effect", field="effective_from")
        vials = list(finding.locked_vials(db, self.vials).values())
        open_rows = _ownerships(db, [vial.id for vial in vials])
        for vial in vials:
            self._refuse(vial, taker, open_rows.get(vial.id))
        for row in open_rows.values():
            row.effective_until = self.effective_from
        db.flush()
        db.add_all(self._ownership(db, vial, taker) for vial in vials)
        for vial in vials:
            vial.organisation_id = taker.id
        _move_along(db, [vial.id for vial in vials], taker.id)

    def _refuse(self, vial: Vial, taker: Organisation, owned: VialOwnership | None) -> None:
        if vial.state is VialState.GONE:
            vial.refuse_unless_here()
        if vial.organisation_id == taker.id:
            raise Refused(
                "{vial} belongs to {organisation} already",
                vial=vial.name,
                organisation=taker.short_name,
                about=[vial],
            )
        if owned is not None and self.effective_from < owned.effective_from:
            raise Refused(
                "{vial} got its present owner on {day}: a transfer cannot be earlier",
                vial=vial.name,
                day=owned.effective_from,
                about=[vial],
            )

    def _ownership(self, db: Writing, vial: Vial, taker: Organisation) -> VialOwnership:
        return VialOwnership(
            organisation_id=taker.id,
            vial_id=vial.id,
            effective_from=self.effective_from,
            transfer_document=f"{self.giver_document}; {self.taker_document}",
            giver_agreed_by=db.event_seq,
            taker_agreed_by=db.event_seq,
            taker_sees_history=self.taker_sees_history,
            giver_sees_future=self.giver_sees_future,
        )


def _ownerships(db: Writing, vials: list[UUID]) -> dict[UUID, VialOwnership]:
    rows = db.scalars(
        sa.select(VialOwnership).where(
            VialOwnership.vial_id.in_(vials),
            VialOwnership.effective_until.is_(None),
            VialOwnership.annulled_by.is_(None),
        )
    )
    return {row.vial_id: row for row in rows}


def _move_along(db: Writing, vials: list[UUID], taker: UUID) -> None:
    """One statement a table; the words by which a vial is found go along too."""
    for model in TIED_TO_A_VIAL:
        db.execute(
            sa.update(model)
            .where(model.vial_id.in_(vials))
            .values(organisation_id=taker, version=model.version + 1),
            execution_options={"synchronize_session": False},
        )
    db.execute(
        sa.update(SearchTerm)
        .where(SearchTerm.kind == Vial.__tablename__, SearchTerm.subject_id.in_(vials))
        .values(organisation_id=taker),
        execution_options={"synchronize_session": False},
    )
