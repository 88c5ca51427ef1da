"""Pages of banks, fill lots and freeze runs. What makes vials is asked for by the vials' pages; links lead there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from pydantic import BaseModel

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import Reading, reading
from cellbank.domains.banks import commands, queries, words
from cellbank.domains.banks.models import Bank, BankState, FillLot, FillLotState, FreezeOutcome, Tier
from cellbank.domains.printing.queries import LabelBalance, label_balances
from cellbank.domains.vials import queries as vials
from cellbank.toolkit.html.pages import MenuItem, Pages, form_page, page_number, seen
from cellbank.toolkit.html.render import render
from cellbank.toolkit.html.story import Entry
from cellbank.toolkit.html.words import said
from cellbank.toolkit.rest import Resources

pages = Pages("banks")
resources = Resources("banks")
MENU = (MenuItem(Message("Banks").id, "banks.index", "banks", "banks.read", order=30, on_phone=True),)

VIAL_STATES = {
    "stored": Message("in its slot"),
    "out": Message("out"),
    "in_transit": Message("on its way"),
    "freezing": Message("being frozen"),
    "filled": Message("filled"),
    "planned": Message("planned"),
    "missing": Message("missing"),
    "thawed": Message("thawed"),
    "issued": Message("issued"),
    "destroyed": Message("destroyed"),
    "written_off": Message("written off"),
    "not_filled": Message("not filled"),
}
KEPT_FOR = {
    "stock": Message("Stock"),
    "qc": Message("Quality control"),
    "retention": Message("Retention"),
    "safety_reserve": Message("Safety reserve"),
    "stability": Message("Stability study"),
}
TONES = {"stored": "stored", "out": "out", "in_transit": "out", "freezing": "waiting", "filled": "waiting", "missing": "missing"}


def _page(template: str, **context: object) -> str:
    return render(template, url_for=url_for, words=words, exception_words=words.EXCEPTIONS, allocations=KEPT_FOR, **context)


# ---- banks -------------------------------------------------------------------------------------------------


@pages.page("/banks", permission="banks.read")
def index(actor: Actor) -> str:
    """All banks, newest first, with how many vials are where."""
    text, number = request.args.get("q", "").strip(), page_number()
    tier = next((one for one in Tier if one.value == request.args.get("tier")), None)
    with reading(actor) as db:
        found = queries.banks(db, text=text, tier=tier, page=number)
        shown = found[: queries.PAGE]
        keys = [row.bank.id for row in shown]
        counts, standing = vials.counts_by_state(db, keys), vials.standings(db, keys)
        return _page(
            "banks/index.html",
            rows=[(row, standing[row.bank.id].value, _bar(counts.get(row.bank.id, {}))) for row in shown],
            q=text,
            tier=tier,
            newer=_list_url(number - 1) if number > 1 else "",
            older=_list_url(number + 1) if len(found) > queries.PAGE else "",
            may_plan=actor.may("banks.plan"),
        )


def _list_url(number: int) -> str:
    kept = {name: request.args[name] for name in ("q", "tier") if request.args.get(name)}
    return url_for("banks.index", page=number, **kept)


def _bar(counts: Mapping[str, int]) -> list[tuple[str, Message, int]]:
    """Tone, words and number of each state that has vials, in the order they are drawn."""
    return [(TONES.get(name, "gone" if name != "planned" else "planned"), word, counts[name])
            for name, word in VIAL_STATES.items() if counts.get(name)]


@pages.page("/banks/<lot>", permission="banks.read")
def show(actor: Actor, lot: str) -> str:
    """One bank: what it is, whence it comes, how it was made, and whether its vials add up."""
    with reading(actor) as db:
        row = queries.one_bank(db, lot)
        key = row.bank.id
        return _page(
            "banks/show.html",
            row=row,
            bank=row.bank,
            standing=vials.standings(db, [key])[key].value,
            cultures=queries.cultures_of(db, key),
            origins=vials.origins_of(db, key),
            descendants=vials.banks_from(db, key),
            fill_lots=queries.fill_lots_of(db, key),
            runs=queries.freeze_runs_of(db, key),
            balance=vials.mass_balance(db, [key])[key],
            labels=label_balances(db, [key])[key],
            exceptions=vials.open_exceptions(db, key),
            story=story_entries(vials.story_of(db, key)),
            **_may(actor, row.bank),
        )


@pages.page("/banks/<lot>/vials", permission="banks.read")
def vial_list(actor: Actor, lot: str) -> str:
    """The vials of a bank, each with its state, its code and its place."""
    number = page_number()
    with reading(actor) as db:
        row = queries.one_bank(db, lot)
        found = vials.vials_made(db, bank_id=row.bank.id, limit=VIALS_A_PAGE + 1, offset=(number - 1) * VIALS_A_PAGE)
        counts = vials.counts_by_state(db, [row.bank.id]).get(row.bank.id, {})
        return _page(
            "banks/vials.html",
            row=row,
            bank=row.bank,
            vials=[(one, _state(one), _tone(one)) for one in found[:VIALS_A_PAGE]],
            bar=_bar(counts),
            newer=url_for("banks.vial_list", lot=lot, page=number - 1) if number > 1 else "",
            older=url_for("banks.vial_list", lot=lot, page=number + 1) if len(found) > VIALS_A_PAGE else "",
        )


VIALS_A_PAGE = 200


def _state(one: vials.MadeVial) -> Message:
    return VIAL_STATES[(one.vial.disposition or one.vial.state).value]


def _tone(one: vials.MadeVial) -> str:
    name = (one.vial.disposition or one.vial.state).value
    return TONES.get(name, "planned" if name == "planned" else "gone")


def _may(actor: Actor, bank: Bank) -> dict[str, bool]:
    """Which acts are offered: those this person may do, on a bank that still takes them."""
    is_open = bank.state is not BankState.CLOSED
    return {
        "may_plan": actor.may("banks.plan"),
        "may_close": actor.may("banks.plan") and is_open,
        "may_fill": actor.may("banks.fill") and is_open,
        "may_freeze": actor.may("banks.freeze") and is_open,
        "may_receive": actor.may("vials.receive") and is_open and (bank.is_received or bank.is_legacy),
    }


def _close(actor: Actor, lot: str) -> Mapping[str, Any]:
    with reading(actor) as db:
        bank = queries.bank_named(db, lot)
    return {"fixed": {"bank": bank.code}, "saw": seen(bank), "back": url_for("banks.show", lot=bank.code)}


def _to_bank(actor: Actor, event: Event) -> str:
    return str(request.path).rsplit("/", 1)[0]


form_page(
    pages, "/banks/<lot>/closing", commands.CloseBank, then=_to_bank, said=Message("The bank is closed.").id, prepare=_close, endpoint="close"
)


# ---- fill lots and freeze runs -----------------------------------------------------------------------------


@pages.page("/fill-lots/<code>", permission="banks.read")
def fill_lot(actor: Actor, code: str) -> str:
    """One filling as a list of steps, the next one offered."""
    with reading(actor) as db:
        lot = queries.fill_lot_named(db, code)
        row = queries.one_bank(db, code.rsplit("-", 1)[0])
        key = row.bank.id
        labels = label_balances(db, [key], fill_lot=lot.id)[key]
        runs = queries.freeze_runs_of(db, key, fill_lot_id=lot.id)
        return _page(
            "banks/fill_lot.html",
            row=row,
            bank=row.bank,
            lot=lot,
            steps=_steps(db, lot, labels, runs),
            labels=labels,
            runs=runs,
            materials=queries.materials_of_fill_lot(db, lot.id),
            balance=vials.mass_balance(db, [key], fill_lot=lot.id)[key],
            vials=[(one, _state(one), _tone(one)) for one in vials.vials_made(db, fill_lot_id=lot.id)],
            story=story_entries(vials.story_of(db, lot.id)),
            **_may(actor, row.bank),
        )


class Step(BaseModel):
    """One step of a filling: how far it is, and whether it is the next to do."""

    name: str
    done: int
    of: int
    is_done: bool
    is_next: bool = False


def _steps(db: Reading, lot: FillLot, labels: LabelBalance, runs: Sequence[queries.RunRow]) -> list[Step]:
    """Plan, print, fill, freeze, keep cold: what is done, and the first that is not."""
    far = vials.progress_of(db, lot.id)
    is_over = lot.state in (FillLotState.FILLED, FillLotState.CANCELLED)
    running = any(one.run.outcome is FreezeOutcome.RUNNING for one in runs)
    steps = [
        Step(name="plan", done=far.planned, of=far.planned, is_done=True),
        Step(name="print", done=labels.printed, of=far.planned, is_done=labels.printed >= far.planned or is_over),
        Step(name="fill", done=far.filled, of=far.planned, is_done=is_over),
        Step(name="freeze", done=far.frozen, of=far.filled, is_done=is_over and far.frozen >= far.filled and not running),
        Step(name="keep", done=far.placed, of=far.filled, is_done=is_over and far.placed >= far.filled),
    ]
    for step in steps:
        if not step.is_done:
            step.is_next = lot.state is not FillLotState.CANCELLED
            break
    return steps


@pages.page("/freeze-runs/<code>", permission="banks.read")
def freeze_run(actor: Actor, code: str) -> str:
    """One freeze run: in what, how it went, and the vials that were in it."""
    with reading(actor) as db:
        found = queries.one_freeze_run(db, code)
        bank = db.get_one(Bank, found.run.bank_id)
        return _page(
            "banks/freeze_run.html",
            found=found,
            run=found.run,
            bank=bank,
            fill_lots=queries.fill_lots_frozen_in(db, found.run.id),
            materials=queries.materials_of_freeze_run(db, found.run.id),
            holds=vials.holds_on_run(db, found.run.id),
            vials=[(one, _state(one), _tone(one)) for one in vials.vials_made(db, freeze_run_id=found.run.id)],
            story=story_entries(vials.story_of(db, found.run.id)),
            may_finish=actor.may("banks.freeze") and found.run.outcome is FreezeOutcome.RUNNING,
        )


def story_entries(acts: Sequence[vials.Act]) -> list[Entry]:
    """Acts as the page's timeline takes them."""
    return [
        Entry(
            at=act.at,
            what=said(Message(act.what)),
            who=act.who,
            role=act.role,
            station=act.station,
            text=said(act.refusal) if act.refusal else "",
            reason=act.reason,
            refused=act.is_refused,
        )
        for act in acts
    ]


# ---- for programs ------------------------------------------------------------------------------------------


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
        kept = ("passage", "passages_after_thaw", "passage_printed", "exposure_limit_s", "floor_stock", "made_on")
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
