"""Exceptions and holds that an act leaves behind: facts are accepted, quality looks at them afterwards."""

from __future__ import annotations

from uuid import UUID

from cellbank.core.work import Writing
from cellbank.domains.vials.models import ExceptionKind, ExceptionNote, Hold, HoldKind


def place_hold(db: Writing, organisation_id: UUID, kind: HoldKind, reason: str, **scope: UUID) -> Hold:
    """Forbid the use of one thing (``freeze_run_id=…``, ``vial_id=…``) and of all that comes from it."""
    hold = Hold(organisation_id=organisation_id, kind=kind, reason=reason, opened_by=db.event_seq)
    for column, key in scope.items():
        setattr(hold, column, key)
    db.add(hold)
    return hold


def note_exception(
    db: Writing,
    organisation_id: UUID,
    kind: ExceptionKind,
    detail: str,
    *,
    bank_id: UUID | None = None,
    vial_id: UUID | None = None,
    culture_id: UUID | None = None,
    hold: Hold | None = None,
) -> ExceptionNote:
    """Leave a note for quality about this very act."""
    note = ExceptionNote(
        organisation_id=organisation_id,
        kind=kind,
        detail=detail,
        bank_id=bank_id,
        vial_id=vial_id,
        culture_id=culture_id,
        hold_id=hold.id if hold else None,
        about_event=db.event_seq,
    )
    db.add(note)
    return note
