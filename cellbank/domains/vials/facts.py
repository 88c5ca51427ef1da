"""Facts that should not have happened: accepted, noted for quality, and where it matters put on hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Invalid, Refused
from cellbank.core.journal import Basis
from cellbank.core.work import Writing
from cellbank.domains.vials.models import (
    ExceptionKind,
    ExceptionNote,
    HoldKind,
    Reservation,
    Vial,
    VialExposure,
)
from cellbank.domains.vials.noting import note_exception
from cellbank.domains.vials.verdict import open_hold


def note(
    db: Writing, vial: Vial, kind: ExceptionKind, detail: str, *, hold: HoldKind | None = None
) -> ExceptionNote:
    """Note what happened to a vial; with ``hold`` it must not be used until quality has looked."""
    held = open_hold(db, vial, hold, detail) if hold is not None else None
    return note_exception(
        db, vial.organisation_id, kind, detail, bank_id=vial.bank_id, vial_id=vial.id, hold=held
    )


def judge(db: Writing, vials: Sequence[Vial], check: Callable[[Sequence[Vial]], None]) -> None:
    """Refuse what is intended and not allowed; accept what has happened already, and note it for quality.

    Refusing a fact would only drive it onto paper. An act counts as happened where its time is stated or stands on
    paper.
    """
    if db.event.basis is Basis.SYSTEM:
        check(vials)
        return
    for vial in vials:
        try:
            check([vial])
        except Refused as refusal:
            note(db, vial, ExceptionKind.OVERRIDE, str(refusal))


def moment(db: Writing) -> datetime:
    """When the act happened, as far as it is known."""
    return db.occurred_at or db.recorded_at


def end_exposures(db: Writing, vials: list[Vial]) -> dict[UUID, VialExposure]:
    """Close the open times out of the cold of these vials; answers them by vial."""
    found = db.scalars(
        sa.select(VialExposure).where(
            VialExposure.vial_id.in_([vial.id for vial in vials]), VialExposure.ended_at.is_(None)
        )
    ).all()
    at = moment(db)
    for exposure in found:
        exposure.ended_at = max(at, exposure.started_at)
    return {exposure.vial_id: exposure for exposure in found}


def end_reservations(db: Writing, vials: list[Vial]) -> None:
    """What is gone is kept for nobody any more."""
    db.execute(
        sa.update(Reservation)
        .where(Reservation.vial_id.in_([vial.id for vial in vials]), Reservation.ended_by.is_(None))
        .values(ended_by=db.event_seq, version=Reservation.version + 1),
        execution_options={"synchronize_session": False},
    )


def require_witness(db: Writing) -> None:
    """A second person must have been there. :raises Invalid: nobody else was there."""
    if db.event.witness_id is None or db.event.witness_id == db.actor.principal_id:
        raise Invalid("A second person must witness this: scan their badge", field="witness")
