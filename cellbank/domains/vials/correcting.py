"""What every correction leaves behind: a note for quality, and a hold where the material was released."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank
from cellbank.domains.vials.models import ExceptionKind, HoldKind, Release, Vial
from cellbank.domains.vials.noting import note_exception, place_hold

OF_ANY_OWNER = {"tenant_ok": "a sold vial is released with the bank it came from"}


def released_banks(db: Writing, bank_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these banks have a release that nobody revoked, whoever gave it."""
    rows = db.scalars(
        sa.select(Release.bank_id).where(
            Release.bank_id.in_(set(bank_ids)), Release.revoked_by.is_(None), Release.annulled_by.is_(None)
        ),
        execution_options=OF_ANY_OWNER,
    )
    return {key for key in rows if key is not None}


def released_vials(db: Writing, vials: Iterable[Vial]) -> set[UUID]:
    """Which of these vials are released, alone or with their bank."""
    found = list(vials)
    alone = set(
        db.scalars(
            sa.select(Release.vial_id).where(
                Release.vial_id.in_({vial.id for vial in found}),
                Release.revoked_by.is_(None),
                Release.annulled_by.is_(None),
            ),
            execution_options=OF_ANY_OWNER,
        )
    )
    banks = released_banks(db, {vial.bank_id for vial in found})
    return {vial.id for vial in found if vial.id in alone or vial.bank_id in banks}


def note_on_vials(
    db: Writing, vials: Iterable[Vial], detail: str, kind: ExceptionKind = ExceptionKind.CORRECTION
) -> None:
    """A note for each vial; a released one is held until quality has decided."""
    found = list(vials)
    released = released_vials(db, found)
    for vial in found:
        hold = None
        if vial.id in released:
            hold = place_hold(
                db, vial.organisation_id, HoldKind.CORRECTION, db.event.reason or detail, vial_id=vial.id
            )
            hold.needs_signature = True
        note_exception(
            db, vial.organisation_id, kind, detail, bank_id=vial.bank_id, vial_id=vial.id, hold=hold
        )


def note_on_banks(
    db: Writing, banks: Iterable[Bank], detail: str, kind: ExceptionKind = ExceptionKind.CORRECTION
) -> None:
    """A note for each bank; a released one is held until quality has decided."""
    found = list(banks)
    released = released_banks(db, {bank.id for bank in found})
    for bank in found:
        hold = None
        if bank.id in released:
            hold = place_hold(
                db, bank.organisation_id, HoldKind.CORRECTION, db.event.reason or detail, bank_id=bank.id
            )
            hold.needs_signature = True
        note_exception(db, bank.organisation_id, kind, detail, bank_id=bank.id, hold=hold)
