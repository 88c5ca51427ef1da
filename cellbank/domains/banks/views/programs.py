"""What programs read of banks and their fillings."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from cellbank.core.actor import Actor
from cellbank.core.work import reading
from cellbank.domains.banks import queries
from cellbank.domains.banks.views.here import resources
from cellbank.domains.vials import queries as vials
from cellbank.toolkit.html.pages import page_number


class BankOut(BaseModel):
    """A bank, with its vials counted by state."""

    lot: str
    line: str
    owner: str
    tier: str
    grade: str
    state: str
    standing: str
    made_on: date | None
    passage: int | None
    passages_after_thaw: int | None
    passage_printed: str | None
    put_back: str
    exposure_limit_s: int | None
    floor_stock: int
    fill_lots: list[str]
    freeze_runs: list[str]
    origin_vials: list[str]
    vials: dict[str, int]
    is_balanced: bool


class VialOut(BaseModel):
    """One vial of a bank."""

    name: str
    code: str
    state: str
    disposition: str | None
    allocation: str
    box: str | None
    place: str | None


class VialsOut(BaseModel):
    """The vials of a bank, by number."""

    bank: str
    vials: list[VialOut]


class FillLotOut(BaseModel):
    """One filling of a bank."""

    code: str
    bank: str
    state: str
    planned: int
    counted: int | None
    volume_ul: int | None
    cells: int | None
    started_at: datetime | None
    ended_at: datetime | None
    freeze_runs: list[str]
    vials: list[VialOut]


@resources.resource("/banks/<lot>", permission="banks.read", returns=BankOut)
def bank(actor: Actor, lot: str) -> BankOut:
    """One bank."""
    with reading(actor) as db:
        row = queries.one_bank(db, lot)
        one, key = row.bank, row.bank.id
        kept = (
            "passage",
            "passages_after_thaw",
            "passage_printed",
            "exposure_limit_s",
            "floor_stock",
            "made_on",
        )
        return BankOut(
            lot=one.code,
            line=row.line,
            owner=row.owner,
            tier=one.tier.value,
            grade=one.grade.value,
            state=one.state.value,
            standing=vials.standings(db, [key])[key].value,
            put_back=one.put_back.value,
            fill_lots=[lot.code for lot in queries.fill_lots_of(db, key)],
            freeze_runs=[run.run.code for run in queries.freeze_runs_of(db, key)],
            origin_vials=[name for name, _ in vials.origins_of(db, key)],
            vials=vials.counts_by_state(db, [key]).get(key, {}),
            is_balanced=vials.mass_balance(db, [key])[key].is_even,
            **{name: getattr(one, name) for name in kept},
        )


@resources.resource("/banks/<lot>/vials", permission="banks.read", returns=VialsOut)
def bank_vials(actor: Actor, lot: str) -> VialsOut:
    """The vials of a bank; a page of 500 by ``?page=``."""
    with reading(actor) as db:
        one = queries.bank_named(db, lot)
        found = vials.vials_made(db, bank_id=one.id, limit=500, offset=(page_number() - 1) * 500)
        return VialsOut(bank=one.code, vials=[_vial_out(row) for row in found])


@resources.resource("/fill-lots/<code>", permission="banks.read", returns=FillLotOut)
def one_fill_lot(actor: Actor, code: str) -> FillLotOut:
    """One filling, with its vials."""
    with reading(actor) as db:
        lot = queries.fill_lot_named(db, code)
        kept = ("code", "planned", "counted", "volume_ul", "cells", "started_at", "ended_at")
        return FillLotOut(
            bank=code.strip().upper().rsplit("-", 1)[0],
            state=lot.state.value,
            freeze_runs=[run.run.code for run in queries.freeze_runs_of(db, lot.bank_id, fill_lot_id=lot.id)],
            vials=[_vial_out(row) for row in vials.vials_made(db, fill_lot_id=lot.id)],
            **{name: getattr(lot, name) for name in kept},
        )


def _vial_out(row: vials.MadeVial) -> VialOut:
    return VialOut(
        name=row.vial.name,
        code=row.code,
        state=row.vial.state.value,
        disposition=row.vial.disposition.value if row.vial.disposition else None,
        allocation=row.vial.allocation.value,
        box=row.where.container.code if row.where else None,
        place=row.where.place if row.where else None,
    )
