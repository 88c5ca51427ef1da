"""What can be asked about banks: the list, one bank, its fillings and its freeze runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import Organisation
from cellbank.core.work import Reading, required
from cellbank.domains.banks.finding import bank_named, fill_lot_named
from cellbank.domains.banks.models import (
    Bank,
    BankState,
    FillLot,
    FillLotMaterial,
    FreezeRun,
    FreezeRunFillLot,
    FreezeRunMaterial,
    Tier,
)
from cellbank.domains.equipment.models import Equipment, Programme
from cellbank.domains.lines.models import Line
from cellbank.domains.materials.models import Material, MaterialLot
from cellbank.domains.storage.models import Container

PAGE = 50


@dataclass(frozen=True)
class BankRow:
    """A bank with its line's and its owner's names."""

    bank: Bank
    line: str
    owner: str
    line_code: str


@dataclass(frozen=True)
class RunRow:
    """A freeze run with what it ran in and how."""

    run: FreezeRun
    device: Equipment | None
    container: Container | None
    programme: Programme | None


@dataclass(frozen=True)
class UsedLot:
    """A material lot that was used in a filling or a freeze run."""

    code: str
    lot: str
    material: str


def banks(
    db: Reading,
    *,
    line: UUID | None = None,
    tier: Tier | None = None,
    text: str = "",
    page: int = 1,
    is_open: bool = False,
) -> Sequence[BankRow]:
    """Banks, newest first, one more than a page holds where there are further ones."""
    wanted = _rows().order_by(Bank.id.desc()).limit(PAGE + 1).offset((page - 1) * PAGE)
    if line is not None:
        wanted = wanted.where(Bank.line_id == line)
    if tier is not None:
        wanted = wanted.where(Bank.tier == tier)
    if is_open:
        wanted = wanted.where(Bank.state != BankState.CLOSED)
    if text:
        like = f"%{text.strip().replace('%', '').replace('_', '')}%"
        wanted = wanted.where(sa.or_(Bank.code.ilike(like), Line.name.ilike(like), Bank.title.ilike(like)))
    # A bank made for a company may be of a line that another organisation keeps: its name may be read.
    return [
        BankRow(bank, line_name, owner, code)
        for bank, line_name, owner, code in db.execute(_mine(db, wanted), execution_options=NAME_OF_LINE)
    ]


NAME_OF_LINE = {"tenant_ok": "filtered by the bank's owner; of the line and the owner only names are read"}


def _rows() -> sa.Select[Bank, str, str, str]:
    return (
        sa.select(Bank, Line.name, Organisation.short_name, Line.code)
        .join(Line, Line.id == Bank.line_id)
        .join(Organisation, Organisation.id == Bank.organisation_id)
        .where(Bank.annulled_by.is_(None))
    )


def _mine(db: Reading, wanted: sa.Select[Bank, str, str, str]) -> sa.Select[Bank, str, str, str]:
    return wanted if db.actor.sees_all else wanted.where(Bank.organisation_id == db.actor.organisation_id)


def one_bank(db: Reading, lot: str) -> BankRow:
    """One bank with its line's and its owner's names.

    :raises NotFound:
    """
    wanted = _mine(db, _rows().where(Bank.code == lot.strip().upper()))
    bank, line, owner, code = required(db.execute(wanted, execution_options=NAME_OF_LINE).one_or_none(), lot)
    return BankRow(bank, line, owner, code)


def fill_lots_of(db: Reading, bank_id: UUID) -> Sequence[FillLot]:
    """The fillings of a bank, in their order."""
    return db.scalars(
        sa.select(FillLot)
        .where(FillLot.bank_id == bank_id, FillLot.annulled_by.is_(None))
        .order_by(FillLot.number)
    ).all()


def freeze_runs_of(db: Reading, bank_id: UUID, *, fill_lot_id: UUID | None = None) -> Sequence[RunRow]:
    """The freeze runs of a bank, or those that one of its fillings went into, in their order."""
    wanted = _runs().where(FreezeRun.bank_id == bank_id).order_by(FreezeRun.id)
    if fill_lot_id is not None:
        of_lot = sa.select(FreezeRunFillLot.freeze_run_id).where(
            FreezeRunFillLot.fill_lot_id == fill_lot_id, FreezeRunFillLot.annulled_by.is_(None)
        )
        wanted = wanted.where(FreezeRun.id.in_(of_lot))
    return [
        RunRow(run, device, container, programme) for run, device, container, programme in db.execute(wanted)
    ]


def one_freeze_run(db: Reading, code: str) -> RunRow:
    """One freeze run.

    :raises NotFound:
    """
    found = db.execute(_runs().where(FreezeRun.code == code.strip().upper())).one_or_none()
    run, device, container, programme = required(found, code)
    return RunRow(run, device, container, programme)


def _runs() -> sa.Select[FreezeRun, Equipment, Container, Programme]:
    return (
        sa.select(FreezeRun, Equipment, Container, Programme)
        .outerjoin(Equipment, Equipment.id == FreezeRun.device_id)
        .outerjoin(Container, Container.id == FreezeRun.container_id)
        .outerjoin(Programme, Programme.id == FreezeRun.programme_id)
        .where(FreezeRun.annulled_by.is_(None))
    )


def fill_lots_frozen_in(db: Reading, freeze_run_id: UUID) -> Sequence[FillLot]:
    """The fillings that went into a freeze run."""
    return db.scalars(
        sa.select(FillLot)
        .join(FreezeRunFillLot, FreezeRunFillLot.fill_lot_id == FillLot.id)
        .where(FreezeRunFillLot.freeze_run_id == freeze_run_id, FreezeRunFillLot.annulled_by.is_(None))
        .order_by(FillLot.number)
    ).all()


def materials_of_fill_lot(db: Reading, fill_lot_id: UUID) -> list[UsedLot]:
    """The material lots used in a filling."""
    used = sa.select(FillLotMaterial.material_lot_id).where(
        FillLotMaterial.fill_lot_id == fill_lot_id, FillLotMaterial.annulled_by.is_(None)
    )
    return _used(db, used)


def materials_of_freeze_run(db: Reading, freeze_run_id: UUID) -> list[UsedLot]:
    """The material lots used in a freeze run."""
    used = sa.select(FreezeRunMaterial.material_lot_id).where(
        FreezeRunMaterial.freeze_run_id == freeze_run_id, FreezeRunMaterial.annulled_by.is_(None)
    )
    return _used(db, used)


def _used(db: Reading, keys: sa.Select[UUID]) -> list[UsedLot]:
    rows = db.execute(
        sa.select(MaterialLot.code, MaterialLot.lot, Material.name)
        .join(Material, Material.id == MaterialLot.material_id)
        .where(MaterialLot.id.in_(keys))
        .order_by(MaterialLot.code)
    )
    return [UsedLot(code, lot, name) for code, lot, name in rows]


def lot_numbers(db: Reading, *, newest: int = 200) -> list[str]:
    """Lot numbers of banks that are not closed, newest first, to choose from."""
    return list(
        db.scalars(
            sa.select(Bank.code)
            .where(Bank.state != BankState.CLOSED, Bank.annulled_by.is_(None))
            .order_by(Bank.id.desc())
            .limit(newest)
        )
    )


__all__ = [
    "PAGE",
    "BankRow",
    "RunRow",
    "UsedLot",
    "bank_named",
    "banks",
    "fill_lot_named",
    "fill_lots_frozen_in",
    "fill_lots_of",
    "freeze_runs_of",
    "lot_numbers",
    "materials_of_fill_lot",
    "materials_of_freeze_run",
    "one_bank",
    "one_freeze_run",
]
