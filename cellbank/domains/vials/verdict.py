"""Whether vials may be taken for a purpose, asked before an act: open holds and approved requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Refused
from cellbank.core.work import Writing, required
from cellbank.domains.banks.models import Bank
from cellbank.domains.vials.models import Hold, HoldKind, Request, RequestState, ThawPurpose, Vial
from cellbank.domains.vials.noting import place_hold
from cellbank.domains.vials.verdicts import refuse_unless_usable

TESTS = (ThawPurpose.QC, ThawPurpose.STABILITY)
OF_ANY_OWNER = {"tenant_ok": "a bought vial is held by a hold on the seller's line or bank"}


def banks_of(db: Writing, vials: Iterable[Vial]) -> dict[UUID, Bank]:
    """The bank of each vial, whoever made it."""
    keys = {vial.bank_id for vial in vials}
    rows = db.scalars(sa.select(Bank).where(Bank.id.in_(keys)), execution_options=OF_ANY_OWNER)
    return {bank.id: bank for bank in rows}


def refuse_unless_allowed(
    db: Writing,
    vials: Sequence[Vial],
    banks: dict[UUID, Bank],
    purpose: ThawPurpose | None,
    request: Request | None,
) -> None:
    """Refuse the first vial that must not be taken for this purpose, or not without a request.

    A hold is no wall for tests where it says so; every other use waits until the hold is lifted. Taken out without a
    purpose, nothing is said about use yet: only holds stand in the way.
    """
    for hold in open_holds(db, vials, banks):
        if hold.allows_qc and purpose in TESTS:
            continue
        vial = next(vial for vial in vials if holds(hold, vial, banks[vial.bank_id]))
        raise Refused("{vial} is on hold: {reason}", vial=vial.name, reason=hold.reason, about=[vial])
    if purpose is not None:
        refuse_unless_usable(db, vials, purpose)
    _refuse_without_request(vials, banks, purpose, request)


def holds(hold: Hold, vial: Vial, bank: Bank) -> bool:
    """Whether this hold is about this vial, or about what it came from."""
    return (
        hold.vial_id == vial.id
        or hold.bank_id == bank.id
        or hold.line_id == bank.line_id
        or (hold.fill_lot_id is not None and hold.fill_lot_id == vial.fill_lot_id)
        or (hold.freeze_run_id is not None and hold.freeze_run_id == vial.freeze_run_id)
    )


def open_holds(db: Writing, vials: Sequence[Vial], banks: dict[UUID, Bank]) -> list[Hold]:
    """Holds in force on these vials, their fill lots, freeze runs, banks and lines."""
    scopes = (
        (Hold.vial_id, {vial.id for vial in vials}),
        (Hold.bank_id, set(banks)),
        (Hold.line_id, {bank.line_id for bank in banks.values()}),
        (Hold.fill_lot_id, {vial.fill_lot_id for vial in vials} - {None}),
        (Hold.freeze_run_id, {vial.freeze_run_id for vial in vials} - {None}),
    )
    about = sa.or_(*(column.in_(keys) for column, keys in scopes if keys))
    in_force = (Hold.closed_by.is_(None), Hold.annulled_by.is_(None))
    return list(
        db.scalars(sa.select(Hold).where(about, *in_force).order_by(Hold.id), execution_options=OF_ANY_OWNER)
    )


def open_hold(db: Writing, vial: Vial, kind: HoldKind, reason: str) -> Hold:
    """Put one vial on hold until quality lifts it."""
    hold = place_hold(db, vial.organisation_id, kind, reason, vial_id=vial.id)
    hold.needs_signature = True
    return hold


def request_named(db: Writing, code: str) -> Request | None:
    """The request that vials are taken for, if one is named. :raises NotFound: unknown here."""
    return required(db.scalar(sa.select(Request).where(Request.code == code)), code) if code else None


def _refuse_without_request(
    vials: Sequence[Vial], banks: dict[UUID, Bank], purpose: ThawPurpose | None, request: Request | None
) -> None:
    """Some banks ask for an approved request, and a request is for one bank."""
    if request is None:
        strict = next((v for v in vials if banks[v.bank_id].needs_request), None)
        if strict is not None and purpose not in TESTS:
            bank = banks[strict.bank_id].code
            raise Refused(
                "Vials of {bank} are taken against an approved request only: name it", bank=bank, about=vials
            )
        return
    if request.state is not RequestState.APPROVED:
        raise Refused("The request {request} is not approved", request=request.code, about=[request])
    stranger = next((vial for vial in vials if vial.bank_id != request.bank_id), None)
    if stranger is not None:
        raise Refused(
            "{vial} is not of the bank that request {request} asks for",
            vial=stranger.name,
            request=request.code,
            about=[stranger, request],
        )
