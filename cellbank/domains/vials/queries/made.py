"""Which vials a bank, a filling or a freeze run gave, where a bank came from, and how it stands with quality."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import clock
from cellbank.core.work import Reading
from cellbank.domains.banks.models import Bank
from cellbank.domains.vials.models import (
    BankOrigin,
    Disposition,
    ExceptionNote,
    Hold,
    Release,
    Vial,
    VialState,
)
from cellbank.domains.vials.queries.whereabouts import Where, code_of_vial, where_is

OF_ANY_OWNER = {
    "tenant_ok": "a bank may come from a vial of another organisation's bank; only its number is read"
}


class Standing(enum.StrEnum):
    """How a bank stands with quality; one without a release is in quarantine."""

    RELEASED = "released"
    QUARANTINE = "quarantine"
    HOLD = "hold"


@dataclass(frozen=True)
class MadeVial:
    """A vial of a list: its code, and where it is."""

    vial: Vial
    code: str
    where: Where | None


def vials_made(
    db: Reading,
    *,
    bank_id: UUID | None = None,
    fill_lot_id: UUID | None = None,
    freeze_run_id: UUID | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[MadeVial]:
    """The vials of a bank, a filling or a freeze run by their number, with codes and places, in three queries."""
    wanted = sa.select(Vial, code_of_vial()).order_by(Vial.number).limit(limit).offset(offset)
    for column, key in (
        (Vial.bank_id, bank_id),
        (Vial.fill_lot_id, fill_lot_id),
        (Vial.freeze_run_id, freeze_run_id),
    ):
        if key is not None:
            wanted = wanted.where(column == key)
    rows = db.execute(wanted).all()
    homes = where_is(db, [vial.id for vial, _ in rows])
    return [MadeVial(vial, code or "", homes.get(vial.id)) for vial, code in rows]


def origins_of(db: Reading, bank_id: UUID) -> list[tuple[str, str]]:
    """The vials a bank came from: each one's lot-number and its bank's."""
    rows = db.execute(
        sa.select(Vial.name, Bank.code)
        .join(BankOrigin, BankOrigin.vial_id == Vial.id)
        .join(Bank, Bank.id == Vial.bank_id)
        .where(BankOrigin.bank_id == bank_id, BankOrigin.annulled_by.is_(None))
        .order_by(Vial.name),
        execution_options=OF_ANY_OWNER,
    )
    return [(name, lot) for name, lot in rows]


def standings(db: Reading, bank_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """How each bank itself stands: on hold, released today for some use, or in quarantine."""
    keys, today = list(bank_ids), clock.now().date()
    held = sa.select(Hold.bank_id, sa.literal("hold")).where(
        Hold.bank_id.in_(keys), Hold.closed_by.is_(None), Hold.annulled_by.is_(None)
    )
    released = sa.select(Release.bank_id, sa.literal("released")).where(
        Release.bank_id.in_(keys),
        Release.revoked_by.is_(None),
        Release.annulled_by.is_(None),
        Release.valid_from <= today,
        sa.or_(Release.valid_until.is_(None), Release.valid_until >= today),
    )
    rows = db.execute(
        sa.union(held, released),
        execution_options={"tenant_ok": "how a bank stands is asked of banks that were found before"},
    )
    found = {(key, word) for key, word in rows}
    return {
        key: Standing.HOLD
        if (key, "hold") in found
        else Standing.RELEASED
        if (key, "released") in found
        else Standing.QUARANTINE
        for key in keys
    }


def open_exceptions(db: Reading, bank_id: UUID) -> Sequence[ExceptionNote]:
    """What was out of the ordinary with a bank and still waits for quality, newest first."""
    return db.scalars(
        sa.select(ExceptionNote)
        .where(ExceptionNote.bank_id == bank_id, ExceptionNote.closed_by.is_(None))
        .order_by(ExceptionNote.id.desc())
        .limit(50)
    ).all()


def holds_on_run(db: Reading, freeze_run_id: UUID) -> Sequence[Hold]:
    """Open holds of one freeze run."""
    return db.scalars(
        sa.select(Hold).where(
            Hold.freeze_run_id == freeze_run_id, Hold.closed_by.is_(None), Hold.annulled_by.is_(None)
        )
    ).all()


@dataclass(frozen=True)
class Progress:
    """How many vials of a filling have come how far."""

    planned: int = 0
    filled: int = 0
    frozen: int = 0
    placed: int = 0


def progress_of(db: Reading, fill_lot_id: UUID) -> Progress:
    """How many of a filling's vials were filled, frozen, and brought to a place."""
    has_content = sa.and_(
        Vial.state != VialState.PLANNED,
        sa.or_(Vial.disposition.is_(None), Vial.disposition != Disposition.NOT_FILLED),
    )
    row = db.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((has_content, 1))),
            sa.func.count(Vial.freeze_run_id),
            sa.func.count(
                sa.case((sa.and_(has_content, Vial.state.not_in((VialState.FILLED, VialState.FREEZING))), 1))
            ),
        ).where(Vial.fill_lot_id == fill_lot_id)
    ).one()
    return Progress(row[0], row[1], row[2], row[3])
