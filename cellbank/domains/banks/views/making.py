"""One filling as a list of steps, and one freeze run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cellbank.core.actor import Actor
from cellbank.core.work import Reading, reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.banks import queries
from cellbank.domains.banks.models import Bank, FillLot, FillLotState, FreezeOutcome
from cellbank.domains.banks.views.here import offered, page, pages, state_of, tone_of
from cellbank.domains.printing.queries import LabelBalance, label_balances
from cellbank.domains.vials import queries as vials


@pages.page("/fill-lots/<code>", permission="banks.read")
def fill_lot(actor: Actor, code: str) -> str:
    """One filling as a list of steps, the next one offered."""
    with reading(actor) as db:
        lot = queries.fill_lot_named(db, code)
        row = queries.one_bank(db, code.rsplit("-", 1)[0])
        key = row.bank.id
        labels = label_balances(db, [key], fill_lot=lot.id)[key]
        runs = queries.freeze_runs_of(db, key, fill_lot_id=lot.id)
        return page(
            "banks/fill_lot.html",
            row=row,
            bank=row.bank,
            lot=lot,
            steps=_steps(db, lot, labels, runs),
            labels=labels,
            runs=runs,
            materials=queries.materials_of_fill_lot(db, lot.id),
            balance=vials.mass_balance(db, [key], fill_lot=lot.id)[key],
            vials=[(one, state_of(one), tone_of(one)) for one in vials.vials_made(db, fill_lot_id=lot.id)],
            story=audit.story_of(db, "fill_lot", lot.id),
            story_url=f"/history/fill_lot/{lot.code}",
            **offered(actor, row.bank),
        )


@dataclass
class Step:
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
        Step(name="print", done=labels.printed, of=far.planned, is_done=labels.printed >= far.planned),
        Step(name="fill", done=far.filled, of=far.planned, is_done=is_over),
        Step(
            name="freeze",
            done=far.frozen,
            of=far.filled,
            is_done=is_over and far.frozen >= far.filled and not running,
        ),
        Step(name="keep", done=far.placed, of=far.filled, is_done=is_over and far.placed >= far.filled),
    ]
    for step in steps:
        if not step.is_done and not (step.name == "print" and is_over):
            step.is_next = lot.state is not FillLotState.CANCELLED
            break
    return steps


@pages.page("/freeze-runs/<code>", permission="banks.read")
def freeze_run(actor: Actor, code: str) -> str:
    """One freeze run: in what, how it went, and the vials that were in it."""
    with reading(actor) as db:
        found = queries.one_freeze_run(db, code)
        bank = db.get_one(Bank, found.run.bank_id)
        return page(
            "banks/freeze_run.html",
            found=found,
            run=found.run,
            bank=bank,
            fill_lots=queries.fill_lots_frozen_in(db, found.run.id),
            materials=queries.materials_of_freeze_run(db, found.run.id),
            holds=vials.holds_on_run(db, found.run.id),
            vials=[
                (one, state_of(one), tone_of(one)) for one in vials.vials_made(db, freeze_run_id=found.run.id)
            ],
            story=audit.story_of(db, "freeze_run", found.run.id),
            story_url=f"/history/freeze_run/{found.run.code}",
            may_finish=actor.may("banks.freeze") and found.run.outcome is FreezeOutcome.RUNNING,
        )
