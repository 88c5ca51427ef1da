"""A few vials and boxes for tests of what happens to vials, written by commands that only tests know."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import ids, work
from cellbank.core.actor import (
    BANK_ID,
    Actor,
    Organisation,
    OrganisationKind,
    Principal,
    PrincipalKind,
    system_actor,
)
from cellbank.core.command import REGISTER, Command
from cellbank.core.engine import Database
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, PutBackRule, Tier
from cellbank.domains.lines.models import Line, LineKind
from cellbank.domains.storage.models import Arrangement, Container, ContainerKind
from cellbank.domains.vials.models import (
    Hold,
    HoldKind,
    IntendedUse,
    LabelCode,
    Placement,
    Release,
    Vial,
    VialOwnership,
    VialState,
)

STAFF = system_actor(
    "test.write",
    "vials.read",
    "vials.move",
    "vials.take_out",
    "vials.thaw",
    "vials.receive",
    "vials.correct",
    "storage.read",
    "storage.manage",
    "bench.use",
    "quality.hold",
)
_names = itertools.count(1)


@dataclass(frozen=True)
class Stock:
    """Some vials: their lot-numbers and codes, and the box they are in."""

    bank: str
    vials: tuple[str, ...]
    codes: tuple[str, ...]
    keys: tuple[UUID, ...]
    box: str


class MakeBox(Command):
    """Make a container."""

    records: ClassVar[str] = "test.box_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a box"

    code: str
    name: str
    kind: ContainerKind = ContainerKind.BOX
    rows: int = 9
    columns: int = 9
    parent: str | None = None
    parent_position: int | None = None

    def run(self, db: Writing) -> None:
        parent = db.scalar(sa.select(Container).where(Container.code == self.parent)) if self.parent else None
        is_grid = self.rows > 0
        db.add(
            Container(
                kind=self.kind,
                code=self.code,
                name=self.name,
                arrangement=Arrangement.GRID if is_grid else Arrangement.NONE,
                rows=self.rows if is_grid else None,
                columns=self.columns if is_grid else None,
                capacity=self.rows * self.columns if is_grid else None,
                parent_id=parent.id if parent else None,
                parent_position=self.parent_position,
            )
        )


class MakeStock(Command):
    """Make a line, a bank and stored vials."""

    records: ClassVar[str] = "test.stock_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make stock"

    bank: str
    codes: tuple[str, ...]
    box: str | None = None
    organisation_id: UUID = BANK_ID
    put_back: PutBackRule = PutBackRule.WITHIN_LIMIT
    exposure_limit_s: int | None = None
    floor_stock: int = 0
    tier: Tier = Tier.MASTER
    state: VialState = VialState.STORED
    is_released: bool = True

    def run(self, db: Writing) -> None:
        line = Line(
            organisation_id=self.organisation_id,
            name=f"line of {self.bank}",
            kind=LineKind.IPSC,
            is_donation_unknown=True,
            donation_unknown_reason="a test",
        )
        bank = Bank(
            organisation_id=self.organisation_id,
            line_id=line.id,
            code=self.bank,
            tier=self.tier,
            put_back=self.put_back,
            exposure_limit_s=self.exposure_limit_s,
            floor_stock=self.floor_stock,
        )
        db.add_all([line, bank])
        if self.is_released:
            db.add(
                Release(
                    organisation_id=self.organisation_id,
                    bank_id=bank.id,
                    intended_use=IntendedUse.RESEARCH,
                    valid_from=date(2026, 1, 1),
                    is_signed=True,
                    given_by=db.event_seq,
                )
            )
        box = db.scalar(sa.select(Container).where(Container.code == self.box)) if self.box else None
        for number, code in enumerate(self.codes, 1):
            vial = Vial(
                organisation_id=self.organisation_id,
                bank_id=bank.id,
                number=number,
                name=f"{self.bank}-{number:03}",
                state=self.state,
            )
            db.add(vial)
            db.add(
                LabelCode(
                    organisation_id=self.organisation_id, vial_id=vial.id, code=code, given_by=db.event_seq
                )
            )
            db.add(
                VialOwnership(
                    organisation_id=self.organisation_id, vial_id=vial.id, effective_from=date(2026, 1, 1)
                )
            )
            if box is not None:
                db.add(
                    Placement(
                        organisation_id=self.organisation_id,
                        vial_id=vial.id,
                        container_id=box.id,
                        position=number,
                        started_by=db.event_seq,
                    )
                )


class AddCustomer(Command):
    """Add another organisation and somebody who acts for it."""

    records: ClassVar[str] = "test.customer_added"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Add a customer"

    name: str

    def run(self, db: Writing) -> None:
        company = Organisation(kind=OrganisationKind.COMPANY, name=self.name, short_name=self.name)
        db.add(company)
        db.add(Principal(kind=PrincipalKind.PERSON, organisation_id=company.id, name=f"{self.name} Charlie"))


for _command in (MakeBox, MakeStock, AddCustomer):
    REGISTER.pop(_command.__name__)


def do(command: Command, actor: Actor = STAFF, **more: Any) -> Event:
    """Perform a command once, under a fresh key."""
    return work.perform(command, actor, key=more.pop("key", work.new_key()), **more)


def some_box(name: str = "", *, kind: ContainerKind = ContainerKind.BOX, **more: Any) -> str:
    """A new container's code."""
    code = ids.new_code("C", ids.Kind.BOX if kind is ContainerKind.BOX else ids.Kind.FREEZER)
    do(MakeBox(code=code, name=name or f"Box {next(_names)}", kind=kind, **more))
    return code


def some_stock(
    vials: int = 3, *, box: str | None = None, in_a_box: bool = True, lot: str = "", **more: Any
) -> Stock:
    """A new bank with so many vials, in the first places of a box."""
    box = box or (some_box() if in_a_box else None)
    lot = lot or f"MCB-{next(_names):04}"
    codes = tuple(ids.new_code("C", ids.Kind.VIAL) for _ in range(vials))
    event = do(MakeStock(bank=lot, codes=codes, box=box, **more))
    names = tuple(f"{lot}-{number:03}" for number in range(1, vials + 1))
    return Stock(lot, names, codes, tuple(work.created(event, Vial)), box or "")


def charlie(name: str = "Other", *permissions: str) -> Actor:
    """Somebody of another organisation."""
    event = do(AddCustomer(name=name))
    (company,), (person,) = work.created(event, Organisation), work.created(event, Principal)
    return Actor(
        principal_id=person,
        organisation_id=company,
        name=f"{name} Charlie",
        permissions=frozenset(permissions or STAFF.permissions),
    )


def where(database: Database) -> dict[str, tuple[str, int | None]]:
    """Each vial's open place: name → (container's code, position)."""
    with Session(database.read) as db:
        rows = db.execute(
            sa.select(Vial.name, Container.code, Placement.position)
            .select_from(Placement)
            .join(Vial, Vial.id == Placement.vial_id)
            .join(Container, Container.id == Placement.container_id)
            .where(Placement.ended_by.is_(None))
        )
        return {name: (code, position) for name, code, position in rows}


def vial_of(database: Database, name: str) -> Vial:
    """The vial as it is now."""
    with Session(database.read) as db:
        return db.scalars(sa.select(Vial).where(Vial.name == name)).one()


def rows_of(database: Database, model: type[Any]) -> list[Any]:
    """Every row of a table, oldest first."""
    with Session(database.read) as db:
        return list(db.scalars(sa.select(model).order_by(model.id)))


class HoldVial(Command):
    """Put a vial on hold."""

    records: ClassVar[str] = "test.held"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Hold"

    vial_id: UUID

    def run(self, db: Writing) -> None:
        vial = db.get_one(Vial, self.vial_id)
        db.add(
            Hold(
                organisation_id=vial.organisation_id,
                vial_id=vial.id,
                kind=HoldKind.QUARANTINE,
                reason="mycoplasma suspected",
                opened_by=db.event_seq,
            )
        )


REGISTER.pop("HoldVial")


def hold(vial_id: UUID) -> None:
    """Put a vial on hold."""
    do(HoldVial(vial_id=vial_id))
