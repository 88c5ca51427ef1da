"""The demonstration's banks: planned, filled, frozen, kept a night at −80 °C, and carried into nitrogen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cellbank.domains.banks.models import Bank, FillLot, FreezeRun, Tier
from cellbank.domains.printing.commands import Fate, MarkLabels, PrintLabels
from cellbank.domains.printing.models import LabelRun
from cellbank.domains.quality.commands import RejectBank, ReleaseBank
from cellbank.domains.vials.commands import (
    FinishFilling,
    FinishFreezeRun,
    MoveVials,
    PlaceVials,
    PlanBank,
    PlanFillLot,
    StartFilling,
    StartFreezeRun,
)
from cellbank.domains.vials.commands.moves import To
from cellbank.domains.vials.models import IntendedUse
from cellbank.entrypoints.demo.cells import Grown, long_ago
from cellbank.entrypoints.demo.places import Places
from cellbank.entrypoints.demo.stage import Stage

A_BANK = 42
REJECTED = "MCB-0012"
NOT_YET = 250
"""Banks younger than so many days are still in quarantine."""
A_BOX = 81


@dataclass
class Boxes:
    """The next free places of the nitrogen boxes, filled box by box, two banks a box at most."""

    codes: list[str]
    free: int = A_BOX
    number: int = 0

    def take(self, count: int) -> str:
        """A box with so many free places."""
        if self.free < count:
            self.number, self.free = self.number + 1, A_BOX
        self.free -= count
        return self.codes[self.number]


@dataclass
class Banked:
    """A bank of the demonstration and its vials' names, by number."""

    code: str
    line: Grown
    planned: int
    filled: int
    vials: list[str] = field(default_factory=list)


def master_banks(stage: Stage, grown: list[Grown], places: Places) -> list[Banked]:
    """One master bank from each of the given lines' cultures; the third was filled 41 of 42."""
    boxes = Boxes(places.cold_boxes)
    made = []
    for number, line in enumerate(grown):
        planned = 20 if number == 2 else A_BANK
        filled = 19 if number == 2 else planned
        days = 400 - number * 5
        plan = Plan(line, Tier.MASTER, planned, filled, days, boxes.take(planned))
        made.append(bank(stage, plan, places))
    return made


@dataclass(frozen=True)
class Plan:
    """A bank to be made ``days`` ago from a line's culture, and where it goes; no box: it stays at −80 °C."""

    line: Grown
    tier: Tier
    planned: int
    filled: int
    days: int
    box: str | None
    origin: tuple[str, ...] = ()


def bank(stage: Stage, plan: Plan, places: Places) -> Banked:
    """Plan, print, fill and freeze one bank, keep it a night at −80 °C, and carry it into nitrogen."""
    line, tier, planned, filled, days = plan.line, plan.tier, plan.planned, plan.filled, plan.days
    event = stage.act(
        "omid",
        PlanBank(
            line=line.line,
            tier=tier,
            owner=line.owner,
            cultures=(line.culture,),
            origin_vials=plan.origin,
            passage=line.passage,
            made_on=long_ago(days),
            expires_on=None,
            exposure_limit_s=600,
            put_back="returned_hold" if tier is Tier.MASTER else "within_limit",
            floor_stock=6,
            statement="research_only",
            title=f"{line.line} {tier.value} bank",
        ),
        days_ago=days,
    )
    code = stage.code(event, Bank)
    event = stage.act("sara", PlanFillLot(bank=code, planned=planned), days_ago=days)
    lot = stage.code(event, FillLot)
    _labels(stage, lot, filled, planned, days)
    stage.act("sara", StartFilling(fill_lot=lot, cryoprotectant="CryoStor CS10"), days_ago=days, hour=11)
    stage.act(
        "sara",
        FinishFilling(fill_lot=lot, filled=filled, volume_ul=1000, cells=1_000_000, viability=94),
        days_ago=days,
        hour=11,
    )
    event = stage.act(
        "sara",
        StartFreezeRun(bank=code, fill_lots=(lot,), container=places.isopropanol),
        days_ago=days,
        hour=12,
    )
    run = stage.code(event, FreezeRun)
    stage.act("sara", FinishFreezeRun(freeze_run=run, outcome="good"), days_ago=days, hour=16)
    vials = [f"{code}-{number:03d}" for number in range(1, filled + 1)]
    cold = places.minus_80_boxes[sum(map(ord, code)) % len(places.minus_80_boxes)]
    for part in _eighty(vials):
        stage.act(
            "sara", PlaceVials(moves=tuple(To(vial=v, container=cold) for v in part)), days_ago=days, hour=16
        )
        if plan.box is not None:
            moves = tuple(To(vial=v, container=plan.box) for v in part)
            stage.act("amir", MoveVials(moves=moves), days_ago=days - 1, hour=9)
    if plan.box is not None:
        _decide(stage, code, days)
    return Banked(code, line, planned, filled, vials)


def _labels(stage: Stage, lot: str, filled: int, planned: int, days: int) -> None:
    """Printed before anything is filled; what stays on no vial is accounted for."""
    event = stage.act(
        "amir",
        PrintLabels(
            template="vial-side",
            stock="cryo-roll-1.28x0.5",
            fill_lot=lot,
            frozen_on=long_ago(days),
            site="TBZ",
        ),
        days_ago=days,
    )
    run = stage.code(event, LabelRun)
    used = f"1-{filled}"
    stage.act("amir", MarkLabels(run_code=run, fate=Fate.USED, labels=used), days_ago=days, hour=12)
    if filled < planned:
        numbers = f"{filled + 1}-{planned}"
        left = MarkLabels(run_code=run, fate=Fate.DESTROYED, labels=numbers)
        stage.act("amir", left, days_ago=days, hour=12, witness="sara")


def _decide(stage: Stage, code: str, days: int) -> None:
    """Quality releases most banks for research, rejects one, and has not come to the newest yet."""
    if code == REJECTED:
        stage.act(
            "bahar",
            RejectBank(bank=code),
            days_ago=days - 30,
            reason="Mycoplasma found by PCR, report M-2026-117",
        )
    elif days > NOT_YET:
        released = ReleaseBank(
            bank=code,
            use=IntendedUse.RESEARCH,
            valid_from=long_ago(days - 30),
            specification="SPEC-IPSC-R v3",
        )
        stage.act("bahar", released, days_ago=days - 30)


def _eighty(vials: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(vials), 80):
        yield vials[start : start + 80]
