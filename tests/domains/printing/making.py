"""A bank with a planned fill lot, and the short ways in which tests of labels speak."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import ids, work
from cellbank.core.actor import BANK_ID, Actor, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.accounts.models import Calendar
from cellbank.domains.banks.models import Bank, FillLot, RequiredStatement, Tier
from cellbank.domains.lines.models import Line, LineKind
from cellbank.domains.printing.commands import PrintLabels
from cellbank.domains.printing.models import LabelPrint, LabelRun
from cellbank.domains.storage.models import Site
from cellbank.domains.vials.models import LabelCode, Vial, VialState

STAFF = system_actor(
    "test.write", "printing.print", "printing.read", "vials.correct", "vials.read", "storage.read"
)
SIDE, STOCK = "vial-side", "tough-tags-ttlw-2016"


class MakeLot(Command):
    """Make a bank with a planned fill lot; each vial has its number and its label code."""

    records: ClassVar[str] = "test.lot_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a lot"

    bank: str
    vials: int
    line: str = "RCB-iPSC-012"
    statement: RequiredStatement = RequiredStatement.RESEARCH_ONLY
    frozen_on: date | None = None
    organisation_id: UUID = BANK_ID
    state: VialState = VialState.PLANNED

    def run(self, db: Writing) -> None:
        own = self.organisation_id
        line = Line(
            organisation_id=own, name=self.line, kind=LineKind.IPSC, is_donation_unknown=True,
            donation_unknown_reason="a test",
        )  # fmt: skip
        bank = Bank(
            organisation_id=own, line_id=line.id, code=self.bank, tier=Tier.MASTER, passage_printed="p12+3",
            statement=self.statement,
        )  # fmt: skip
        lot = FillLot(
            organisation_id=own, bank_id=bank.id, code=f"{self.bank}-F1", number=1, planned=self.vials
        )
        db.add_all([line, bank, lot])
        for number in range(1, self.vials + 1):
            vial = Vial(
                organisation_id=own, bank_id=bank.id, fill_lot_id=lot.id, number=number, state=self.state,
                name=f"{self.bank}-{number:03}", frozen_on=self.frozen_on,
            )  # fmt: skip
            code = ids.new_code("C", ids.Kind.VIAL)
            db.add_all(
                [vial, LabelCode(organisation_id=own, vial_id=vial.id, code=code, given_by=db.event_seq)]
            )


class MakeSite(Command):
    """Make a site that prints dates in a calendar."""

    records: ClassVar[str] = "test.site_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a site"

    code: str
    calendar: Calendar

    def run(self, db: Writing) -> None:
        db.add(Site(code=self.code, name=self.code, label_calendar=self.calendar))


for _name in ("MakeLot", "MakeSite"):
    REGISTER.pop(_name)


def do(command: Command, actor: Actor = STAFF, **how: Any) -> Event:
    return work.perform(command, actor, key=work.new_key(), **how)


def print_labels(actor: Actor = STAFF, reason: str | None = None, **fields: Any) -> LabelRun:
    """Print, and the run that was made."""
    event = do(PrintLabels(**{"template": SIDE, "stock": STOCK} | fields), actor, reason=reason)
    run: LabelRun = one(LabelRun, LabelRun.id == work.created(event, LabelRun)[0])
    return run


def one(model: Any, *where: Any) -> Any:
    return every(model, *where)[0]


def every(model: Any, *where: Any) -> list[Any]:
    """Rows as they are now, whoever they belong to."""
    with Session(work.database().read, expire_on_commit=False) as session:
        return list(session.scalars(sa.select(model).where(*where).order_by(model.id)))


def prints(run: LabelRun) -> list[LabelPrint]:
    return sorted(every(LabelPrint, LabelPrint.label_run_id == run.id), key=lambda row: row.position)


def codes_of(vial: str) -> list[LabelCode]:
    """A vial's codes, oldest first."""
    return every(LabelCode, LabelCode.vial_id == one(Vial, Vial.name == vial).id)
