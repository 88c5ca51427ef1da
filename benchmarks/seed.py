"""A bank of any size, written in bulk under events of ten thousand vials: the journal is as full as a real one's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import founding, ids, work
from cellbank.core.actor import BANK_ID, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, FillLot, FillLotState, Tier
from cellbank.domains.lines.models import Line, LineKind
from cellbank.domains.storage.models import Arrangement, Container, ContainerKind
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Placement, Vial, VialOwnership, VialState

AN_EVENT = 10_000
A_BOX = 81
EMPTY_BOX = (8, 12)
COUNTER = itertools.count(1)


class SeedVials(Command):
    """Write a slice of a made-up bank: its boxes, vials, label codes and placements."""

    records: ClassVar[str] = "bench.seeded"
    permission: ClassVar[str] = "bench.seed"
    label: ClassVar[str] = "Seed"

    first: int
    count: int

    def run(self, db: Writing) -> None:
        """Bulk inserts, one statement a table."""
        bank, lot = self._origin(db)
        rack = _container(db, f"Rack {self.first}", None, (20, 20))
        rows: dict[Any, list[dict[str, Any]]] = {
            model: [] for model in (Container, Vial, VialOwnership, LabelCode, Placement)
        }
        for box_number, start in enumerate(range(0, self.count, A_BOX), start=1):
            box = ids.uuid7()
            rows[Container].append(_box(box, rack, box_number))
            for place, offset in enumerate(range(start, min(start + A_BOX, self.count)), start=1):
                number = offset + 1
                vial = ids.uuid7()
                rows[Vial].append(_vial(vial, bank, lot, self.first, number))
                rows[VialOwnership].append(_ownership(vial))
                rows[LabelCode].append(_label(vial, db.event_seq))
                rows[Placement].append(_placement(vial, box, place, db.event_seq))
        for model, made in rows.items():
            db.execute(sa.insert(model.__table__), made)

    def _origin(self, db: Writing) -> tuple[UUID, UUID]:
        line = Line(organisation_id=BANK_ID, name=f"line {self.first}", kind=LineKind.IPSC)
        db.add(line)
        db.flush()
        bank = Bank(organisation_id=BANK_ID, line_id=line.id, code=f"MCB-{self.first:07d}", tier=Tier.MASTER)
        db.add(bank)
        db.flush()
        lot = FillLot(
            organisation_id=BANK_ID,
            bank_id=bank.id,
            code=f"MCB-{self.first:07d}-F1",
            number=1,
            planned=self.count,
            state=FillLotState.FILLED,
        )
        db.add(lot)
        db.flush()
        return bank.id, lot.id


class SeedEmptyBoxes(Command):
    """Make boxes with room for 96 vials each, in a rack of their own."""

    records: ClassVar[str] = "bench.boxes_seeded"
    permission: ClassVar[str] = "bench.seed"
    label: ClassVar[str] = "Seed boxes"

    count: int

    def run(self, db: Writing) -> None:
        """One after the other; there are few."""
        rack = _container(db, "Empty boxes", None, (1, self.count))
        for number in range(1, self.count + 1):
            _container(db, f"Empty {number}", (rack, number), EMPTY_BOX)


def _container(db: Writing, name: str, stands: tuple[UUID, int] | None, grid: tuple[int, int]) -> UUID:
    """A rack, or a box that stands at a place of a rack."""
    made = Container(
        kind=ContainerKind.BOX if stands else ContainerKind.RACK,
        code=ids.new_code("C", ids.Kind.BOX if stands else ids.Kind.RACK),
        name=name,
        parent_id=stands[0] if stands else None,
        parent_position=stands[1] if stands else None,
        arrangement=Arrangement.GRID,
        rows=grid[0],
        columns=grid[1],
        capacity=grid[0] * grid[1],
    )
    db.add(made)
    db.flush()
    return made.id


def _box(key: UUID, rack: UUID, number: int) -> dict[str, Any]:
    return _defaults(
        Container,
        id=key,
        kind=ContainerKind.BOX,
        code=ids.new_code("C", ids.Kind.BOX),
        name=f"Box {number}",
        parent_id=rack,
        parent_position=number,
        arrangement=Arrangement.GRID,
        rows=9,
        columns=9,
        capacity=A_BOX,
    )


def _vial(key: UUID, bank: UUID, lot: UUID, first: int, number: int) -> dict[str, Any]:
    return _defaults(
        Vial,
        id=key,
        organisation_id=BANK_ID,
        bank_id=bank,
        fill_lot_id=lot,
        name=f"MCB-{first:07d}-{number:05d}",
        number=number,
        state=VialState.STORED,
        volume_ul=1000,
        cells=1_000_000,
        frozen_on=date(2026, 1, 10),
    )


def _ownership(vial: UUID) -> dict[str, Any]:
    return _defaults(VialOwnership, organisation_id=BANK_ID, vial_id=vial, effective_from=date(2026, 1, 10))


def _label(vial: UUID, event: int) -> dict[str, Any]:
    return _defaults(
        LabelCode,
        organisation_id=BANK_ID,
        vial_id=vial,
        code=ids.new_code("C", ids.Kind.VIAL),
        kind=LabelCodeKind.OWN,
        given_by=event,
    )


def _placement(vial: UUID, box: UUID, place: int, event: int) -> dict[str, Any]:
    return _defaults(
        Placement,
        organisation_id=BANK_ID,
        vial_id=vial,
        container_id=box,
        position=place,
        started_by=event,
    )


def _defaults(model: Any, **given: Any) -> dict[str, Any]:
    """A whole row: what is given, else the column's own default, else nothing."""
    row: dict[str, Any] = {}
    for column in model.__table__.columns:
        if column.name in given:
            row[column.name] = given[column.name]
        elif column.name == "id":
            row["id"] = ids.uuid7()
        elif column.name == "version":
            row["version"] = 1
        else:
            row[column.name] = _default(column)
    unknown = set(given) - set(row)
    if unknown:
        raise TypeError(f"{model.__tablename__} has no {', '.join(sorted(unknown))}")
    return row


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, sa.ColumnDefault) and not callable(default.arg) else None


for seeding in (SeedVials, SeedEmptyBoxes):
    REGISTER.pop(seeding.__name__)


def seed(vials: int) -> Iterator[int]:
    """Fill the database in use with so many vials; yields how many are there after each event."""
    founding.found()
    actor = system_actor("bench.seed")
    done = 0
    while done < vials:
        count = min(AN_EVENT, vials - done)
        work.perform(SeedVials(first=next(COUNTER), count=count), actor, key=f"seed {done}")
        done += count
        yield done


def empty_boxes(count: int) -> None:
    """Boxes to move vials into."""
    work.perform(SeedEmptyBoxes(count=count), system_actor("bench.seed"), key="empty boxes")
