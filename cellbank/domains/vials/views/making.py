"""Forms of how vials come to be: planning a bank, filling, freezing, and what vials are kept for."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import request, url_for

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import Command
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import Reading, reading
from cellbank.domains.banks import words
from cellbank.domains.banks.finding import bank_named, fill_lot_named, freeze_run_named
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun, Tier
from cellbank.domains.equipment.models import Equipment, EquipmentKind, Programme
from cellbank.domains.lines.finding import culture_choices
from cellbank.domains.lines.queries import line_choices
from cellbank.domains.vials import commands
from cellbank.domains.vials.models import Allocation, Presentation, Vial, VialState
from cellbank.domains.vials.views.here import pages
from cellbank.toolkit.html.pages import FormProblem, act, done, form_page, seen, show_form
from cellbank.toolkit.html.words import plain, said

PRESENTATIONS = {
    Presentation.VIAL_0_5_ML: Message("0.5 mL vial"),
    Presentation.VIAL_1_ML: Message("1 mL vial"),
    Presentation.VIAL_2_ML: Message("2 mL vial"),
    Presentation.VIAL_5_ML: Message("5 mL vial"),
    Presentation.STRAW: Message("Straw"),
    Presentation.CRYOBAG: Message("Cryobag"),
}
ALLOCATIONS = {
    Allocation.STOCK: Message("Stock"),
    Allocation.QC: Message("Quality control"),
    Allocation.RETENTION: Message("Retention"),
    Allocation.SAFETY_RESERVE: Message("Safety reserve"),
    Allocation.STABILITY: Message("Stability study"),
}
PRECISIONS = {
    "day": Message("To the day"),
    "month": Message("To the month"),
    "year": Message("To the year"),
    "unknown": Message("Not known"),
}
OUTCOMES = {
    "good": Message("Good"),
    "deviated": Message("With a deviation"),
    "failed": Message("Failed: its vials must not be used"),
}

MOST_TO_TICK = 100

Prepared = dict[str, Any]


def choices_of(offered: Mapping[Any, Message]) -> list[tuple[str, str]]:
    """What a list offers: each value with its word in the reader's language."""
    return [
        (value.value if isinstance(value, enum.Enum) else value, plain(said(word)))
        for value, word in offered.items()
    ]


def bank_url(lot: str) -> str:
    """The page of a bank."""
    return url_for("banks.show", lot=lot)


def to_made(
    model: type[Bank | FillLot | FreezeRun], endpoint: str, name: str
) -> Callable[[Actor, Event], str]:
    """Go on to the page of what the act made."""

    def url(actor: Actor, event: Event) -> str:
        with reading(actor) as db:
            code = db.scalar(sa.select(model.code).where(model.id.in_(work.created(event, model))))
        where: dict[str, Any] = {name: code}
        return url_for(endpoint, **where) if code else url_for("banks.index")

    return url


def to_bank(actor: Actor, event: Event) -> str:
    """Go back to the bank whose form it was."""
    return bank_url(str((request.view_args or {})["lot"]))


def to_fill_lot(actor: Actor, event: Event) -> str:
    """Go back to the fill lot whose form it was."""
    return url_for("banks.fill_lot", code=(request.view_args or {})["code"])


def _rule_choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "put_back": choices_of(words.PUT_BACK),
        "statement": choices_of(words.STATEMENTS),
        "grade": choices_of(words.GRADES),
        "made_precision": choices_of(PRECISIONS),
    }


def _new_bank(actor: Actor) -> Prepared:
    tiers = {tier: word for tier, word in words.TIERS.items() if tier is not Tier.UNKNOWN}
    offered = {**_rule_choices(), **_lines(actor), "tier": choices_of(tiers)}
    with reading(actor) as db:
        cultures = culture_choices(db, request.values.get("line", ""))
    if cultures:
        offered["cultures"] = cultures
    return {"choices": offered, "back": url_for("banks.index"), "again_url": url_for("vials.plan_bank")}


def _old_bank(actor: Actor) -> Prepared:
    offered = {**_rule_choices(), **_lines(actor), "tier": choices_of(words.TIERS)}
    return {"choices": offered, "back": url_for("banks.index")}


def _lines(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    with reading(actor) as db:
        return {"line": line_choices(db)}


def _of_bank(actor: Actor, lot: str, command: type[Command], **more: Any) -> Prepared:
    """The form of an act on one bank, with what the bank says now."""
    with reading(actor) as db:
        bank = bank_named(db, lot)
    now = {name: getattr(bank, name) for name in command.model_fields if hasattr(bank, name)}
    return {
        "fixed": {"bank": bank.code},
        "values": {
            name: value.value if isinstance(value, enum.Enum) else value for name, value in now.items()
        },
        "choices": _rule_choices(),
        "saw": seen(bank),
        "back": bank_url(bank.code),
        **more,
    }


def _rules(actor: Actor, lot: str) -> Prepared:
    return _of_bank(actor, lot, commands.ChangeHouseRules)


def _correction(actor: Actor, lot: str) -> Prepared:
    return _of_bank(actor, lot, commands.CorrectBank)


def _new_filling(actor: Actor, lot: str) -> Prepared:
    return _of_bank(
        actor, lot, commands.PlanFillLot, choices={"presentation": choices_of(PRESENTATIONS)}, saw=[]
    )


def _allocation(actor: Actor, lot: str) -> Prepared:
    with reading(actor) as db:
        bank = bank_named(db, lot)
        names = db.scalars(
            sa.select(Vial.name)
            .where(Vial.bank_id == bank.id, Vial.state != VialState.GONE)
            .order_by(Vial.number)
        ).all()
    # Beyond a hundred, naming them is quicker than looking through boxes to tick.
    offered = {"vials": [(name, name) for name in names]} if len(names) <= MOST_TO_TICK else {}
    return {
        "choices": {**offered, "allocation": choices_of(ALLOCATIONS)},
        "back": bank_url(bank.code),
    }


def _instruments(db: Reading, *kinds: EquipmentKind) -> list[tuple[str, str]]:
    rows = db.execute(
        sa.select(Equipment.code, Equipment.name)
        .where(Equipment.kind.in_(kinds), Equipment.is_retired.is_(False))
        .order_by(Equipment.name)
    )
    return [(code, f"{name} ({code})") for code, name in rows]


def _start_filling(actor: Actor, code: str) -> Prepared:
    with reading(actor) as db:
        lot = fill_lot_named(db, code)
        hoods = _instruments(db, EquipmentKind.HOOD)
    return {
        "fixed": {"fill_lot": lot.code},
        "choices": {"hood": hoods} if hoods else {},
        "saw": seen(lot),
        "back": url_for("banks.fill_lot", code=lot.code),
    }


def _on_fill_lot(actor: Actor, code: str) -> Prepared:
    with reading(actor) as db:
        lot = fill_lot_named(db, code)
    return {
        "fixed": {"fill_lot": lot.code},
        "values": {"filled": lot.planned},
        "saw": seen(lot),
        "back": url_for("banks.fill_lot", code=lot.code),
    }


def _new_run(actor: Actor, lot: str) -> Prepared:
    with reading(actor) as db:
        bank = bank_named(db, lot)
        waiting = db.scalars(
            sa.select(FillLot.code)
            .where(
                FillLot.id.in_(
                    sa.select(Vial.fill_lot_id).where(Vial.bank_id == bank.id, Vial.state == VialState.FILLED)
                )
            )
            .order_by(FillLot.number)
        ).all()
        devices = _instruments(db, EquipmentKind.CONTROLLED_RATE_FREEZER, EquipmentKind.ISOPROPANOL_BOX)
        programmes = db.scalars(
            sa.select(Programme.name).where(Programme.is_retired.is_(False)).distinct()
        ).all()
    offered = {
        "fill_lots": [(code, code) for code in waiting],
        "device": devices,
        "programme": [(name, name) for name in sorted(programmes)],
    }
    return {
        "fixed": {"bank": bank.code},
        "choices": {name: found for name, found in offered.items() if found},
        "back": bank_url(bank.code),
    }


form_page(
    pages,
    "/banks/new",
    commands.PlanBank,
    then=to_made(Bank, "banks.show", "lot"),
    said=Message("The bank is planned.").id,
    prepare=_new_bank,
    endpoint="plan_bank",
    template="vials/bank_form.html",
)
form_page(
    pages,
    "/banks/old",
    commands.RegisterBank,
    then=to_made(Bank, "banks.show", "lot"),
    said=Message("The bank is registered.").id,
    prepare=_old_bank,
    endpoint="register_bank",
    template="vials/bank_form.html",
)
form_page(
    pages,
    "/banks/<lot>/rules",
    commands.ChangeHouseRules,
    then=to_bank,
    said=Message("The house rules are changed.").id,
    prepare=_rules,
    endpoint="change_house_rules",
)
form_page(
    pages,
    "/banks/<lot>/correction",
    commands.CorrectBank,
    then=to_bank,
    said=Message("The record is corrected.").id,
    prepare=_correction,
    endpoint="correct_bank",
    template="vials/bank_form.html",
)
form_page(
    pages,
    "/banks/<lot>/fill-lots",
    commands.PlanFillLot,
    then=to_made(FillLot, "banks.fill_lot", "code"),
    said=Message("The filling is planned: its vials have numbers and codes. Print their labels next.").id,
    prepare=_new_filling,
    endpoint="plan_fill_lot",
)
form_page(
    pages,
    "/banks/<lot>/allocations",
    commands.AssignAllocation,
    then=to_bank,
    said=Message("It is written down what they are kept for.").id,
    prepare=_allocation,
    endpoint="allocate",
)
form_page(
    pages,
    "/banks/<lot>/freeze-runs",
    commands.StartFreezeRun,
    then=to_made(FreezeRun, "banks.freeze_run", "code"),
    said=Message("The freeze run has started.").id,
    prepare=_new_run,
    endpoint="start_freeze_run",
)
form_page(
    pages,
    "/fill-lots/<code>/start",
    commands.StartFilling,
    then=to_fill_lot,
    said=Message("Filling has started.").id,
    prepare=_start_filling,
    endpoint="start_filling",
)
form_page(
    pages,
    "/fill-lots/<code>/finish",
    commands.FinishFilling,
    then=to_fill_lot,
    said=Message("The filling is finished. Freeze the vials next.").id,
    prepare=_on_fill_lot,
    endpoint="finish_filling",
)
form_page(
    pages,
    "/fill-lots/<code>/cancel",
    commands.CancelFillLot,
    then=to_fill_lot,
    said=Message("The filling is cancelled.").id,
    prepare=_on_fill_lot,
    endpoint="cancel_fill_lot",
)


@pages.page("/freeze-runs/<code>/finish", permission="banks.freeze", methods=("GET", "POST"))
def finish_freeze_run(actor: Actor, code: str) -> Any:
    """How a freeze run ended, with the curve's file, of which the fingerprint is kept."""
    with reading(actor) as db:
        run = freeze_run_named(db, code)
    url = url_for("banks.freeze_run", code=run.code)
    fixed: dict[str, Any] = {"freeze_run": run.code}
    curve = request.files.get("curve")
    if curve is not None and curve.filename:
        fixed |= {"curve_name": curve.filename, "curve_sha256": hashlib.sha256(curve.read()).hexdigest()}
    problem = None
    if request.method == "POST":
        try:
            act(commands.FinishFreezeRun, actor, **fixed)
            return done(Message("The freeze run is finished. Put its vials in the cold next.").id, url)
        except FormProblem as found:
            problem = found
    return show_form(
        commands.FinishFreezeRun,
        template="vials/finish_freeze_run.html",
        problem=problem,
        fixed={"freeze_run": run.code, "curve_name": 1, "curve_sha256": 1},
        choices={"outcome": choices_of(OUTCOMES)},
        saw=[] if problem else seen(run),
        back=url,
    )
