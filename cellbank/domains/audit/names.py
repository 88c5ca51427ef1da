"""Names and addresses of the things that events and changes speak of, all read in one statement.

What belongs to another organisation has no name here: it is told as "another organisation's".
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import BANK_ID, Organisation, Principal
from cellbank.core.journal import Change
from cellbank.core.model import OrganisationOwned
from cellbank.core.work import Reading
from cellbank.domains.accounts.models import Person
from cellbank.domains.audit.words import FOREIGN, points_at, table_label
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun
from cellbank.domains.bench.models import Station
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.equipment.models import Equipment
from cellbank.domains.lines.models import Culture, Line
from cellbank.domains.materials.models import Material, MaterialLot
from cellbank.domains.printing.models import LabelRun
from cellbank.domains.storage.layout import Layout
from cellbank.domains.storage.models import Container, Room, Site
from cellbank.domains.vials.models import Consignment, LabelCode, Placement, Request, UnidentifiedTube, Vial
from cellbank.toolkit.i18n.bidi import Code

OWN_FILTER = {"tenant_ok": "each part of the statement is filtered by the reader's own organisation"}


@dataclass(frozen=True)
class Kind:
    """A kind of thing that has a name: where it is kept, who may read its story, and where its own page is."""

    model: Any
    name: Any
    ref: Any
    """The column whose value stands in addresses."""
    permission: str
    page: str = ""
    """The address of its page; empty where its story is the only page it has."""


KINDS: dict[str, Kind] = {
    "vial": Kind(Vial, Vial.name, Vial.name, "vials.read", "/vials/{}"),
    "container": Kind(Container, Container.name, Container.code, "storage.read", "/containers/{}"),
    "bank": Kind(Bank, Bank.code, Bank.code, "banks.read", "/banks/{}"),
    "line": Kind(Line, Line.name, Line.code, "lines.read", "/lines/{}"),
    "culture": Kind(Culture, Culture.code, Culture.code, "lines.read", "/cultures/{}"),
    "donor": Kind(Donor, Donor.code, Donor.code, "donors.read", "/donors/{}"),
    "donation": Kind(Donation, Donation.code, Donation.code, "donors.read", "/donations/{}"),
    "fill_lot": Kind(FillLot, FillLot.code, FillLot.code, "banks.read", "/fill-lots/{}"),
    "freeze_run": Kind(FreezeRun, FreezeRun.code, FreezeRun.code, "banks.read", "/freeze-runs/{}"),
    "label_run": Kind(LabelRun, LabelRun.code, LabelRun.code, "printing.read"),
    "label_code": Kind(LabelCode, LabelCode.code, LabelCode.code, "vials.read"),
    "consignment": Kind(Consignment, Consignment.code, Consignment.code, "vials.read"),
    "request": Kind(Request, Request.code, Request.code, "vials.read"),
    "unidentified_tube": Kind(UnidentifiedTube, UnidentifiedTube.code, UnidentifiedTube.code, "vials.read"),
    "material": Kind(Material, Material.name, Material.name, "materials.read"),
    "material_lot": Kind(MaterialLot, MaterialLot.lot, MaterialLot.code, "materials.read"),
    "equipment": Kind(Equipment, Equipment.name, Equipment.code, "equipment.read"),
    "site": Kind(Site, Site.name, Site.code, "storage.read"),
    "room": Kind(Room, Room.name, Room.name, "storage.read"),
    "station": Kind(Station, Station.name, Station.code, "bench.use"),
    "person": Kind(Principal, Principal.name, Person.user_name, "accounts.read", "/people/{}"),
    "principal": Kind(Principal, Principal.name, Person.user_name, "accounts.read"),
    "organisation": Kind(
        Organisation, Organisation.name, Organisation.short_name, "accounts.read", "/organisations/{}"
    ),
}


def fence(db: Reading, kind: Kind) -> sa.ColumnElement[bool]:
    """Which rows of a kind the reader may know by name: their own, and the bank's people and shared things."""
    actor = db.actor
    if actor.sees_all:
        return sa.true()
    if kind.model is Organisation:
        return Organisation.id.in_([actor.organisation_id, BANK_ID])
    if kind.model is Principal:
        return Principal.organisation_id.in_([actor.organisation_id, BANK_ID])
    if issubclass(kind.model, OrganisationOwned):
        return kind.model.organisation_id == actor.organisation_id  # type: ignore[no-any-return]
    return sa.true()


def rows_of(db: Reading, name: str) -> sa.Select[Any]:
    """SELECT kind, id, name, ref of the rows of one kind that the reader may know."""
    kind = KINDS[name]
    query = sa.select(
        sa.literal(name).label("kind"),
        kind.model.id.label("id"),
        kind.name.label("name"),
        kind.ref.label("ref"),
    ).where(fence(db, kind))
    return query.outerjoin(Person, Person.id == Principal.id) if kind.model is Principal else query


def find(db: Reading, kind: str, ref: str) -> UUID | None:
    """The key of the thing of this kind with this code, name or key in hexadecimal; None where the reader has none."""
    known = KINDS[kind]
    wanted = [kind_column == ref for kind_column in {known.name, known.ref}]
    key = _key(ref)
    if key is not None:
        wanted.append(known.model.id == key)
    query = rows_of(db, kind).where(sa.or_(*wanted)).order_by(known.model.id.desc()).limit(1)
    found = db.execute(query, execution_options=OWN_FILTER).first()
    if found is None and kind == "vial":
        label = sa.select(LabelCode.vial_id).where(LabelCode.code == ref).order_by(LabelCode.id.desc())
        return db.scalar(label.limit(1))
    return found.id if found is not None else None


def find_any(db: Reading, refs: Iterable[str]) -> set[UUID]:
    """The keys of everything with one of these codes or names, of whatever kind the reader may read."""
    wanted = sorted(set(refs))
    parts = []
    for name, kind in KINDS.items():
        if db.actor.may(kind.permission):
            named = rows_of(db, name).where(sa.or_(kind.name.in_(wanted), kind.ref.in_(wanted)))
            parts.append(sa.select(named.subquery().c.id))
    if db.actor.may("vials.read"):
        own = sa.true() if db.actor.sees_all else LabelCode.organisation_id == db.actor.organisation_id
        parts.append(sa.select(LabelCode.vial_id).where(LabelCode.code.in_(wanted), own))
    return set(db.scalars(sa.union_all(*parts), execution_options=OWN_FILTER)) if parts else set()


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 32 else None  # noqa: PLR2004 - hexadecimal digits of a key
    except ValueError:
        return None


@dataclass
class Names:
    """Names and addresses of rows, and where placements are."""

    names: dict[tuple[str, UUID], str] = field(default_factory=dict)
    urls: dict[tuple[str, UUID], str] = field(default_factory=dict)
    places: dict[UUID, tuple[UUID, str, str]] = field(default_factory=dict)
    """Placement → (vial, container's name, place's name)."""

    @classmethod
    def of(cls, db: Reading, pairs: Iterable[tuple[str, Any]]) -> Names:
        """Names of (kind, key) pairs; what the reader may not see has none."""
        made = cls()
        wanted: dict[str, set[UUID]] = defaultdict(set)
        for kind, key in pairs:
            if kind in KINDS and key is not None:
                wanted[kind].add(key)
        if not wanted:
            return made
        parts = [
            rows_of(db, kind).where(KINDS[kind].model.id.in_(keys)) for kind, keys in sorted(wanted.items())
        ]
        statement = sa.union_all(*parts) if len(parts) > 1 else parts[0]
        for kind, key, name, ref in db.execute(statement, execution_options=OWN_FILTER).all():
            made.names[kind, key] = name or ref or ""
            page = KINDS[kind].page or f"/history/{kind}/{{}}"
            if db.actor.may(KINDS[kind].permission):
                made.urls[kind, key] = page.format(ref or key.hex)
        return made

    @classmethod
    def in_changes(
        cls, db: Reading, changes: Sequence[Change], pairs: Iterable[tuple[str, Any]] = ()
    ) -> Names:
        """Names of every key that the changes speak of, and of ``pairs``."""
        moved = [c.row_id for c in changes if c.table_name == "placement"]
        places = (
            db.execute(
                sa.select(Placement.id, Placement.vial_id, Container, Placement.position)
                .join(Container, Container.id == Placement.container_id)
                .where(Placement.id.in_(moved))
            ).all()
            if moved
            else []
        )
        spoken = [pair for change in changes for pair in keys_in(change)]
        made = cls.of(db, [*spoken, *(("vial", row.vial_id) for row in places), *pairs])
        layouts: dict[UUID, Layout] = {}
        for key, vial, container, position in places:
            layout = layouts.setdefault(container.id, container.layout)
            made.places[key] = (vial, container.name, _place(layout, position))
        return made

    def told(self, kind: str, key: UUID) -> Any:
        """The row's name as a code; what has no name of its own by its kind; another organisation's as such."""
        name = self.names.get((kind, key))
        if name:
            return Code(name)
        return FOREIGN if kind in KINDS else table_label(kind)

    def url(self, kind: str, key: UUID) -> str:
        """The row's page, or nothing."""
        return self.urls.get((kind, key), "")


def _place(layout: Layout, position: int | None) -> str:
    """A place's printed name; a place that the container no longer has by its number."""
    if position is None:
        return ""
    return layout.name(position) if position in layout.places else str(position)


def keys_in(change: Change) -> Iterable[tuple[str, UUID]]:
    """(kind, key) of the row that changed and of every row its columns point at, before and after."""
    yield change.table_name, change.row_id
    for column, value in json.loads(change.body).items():
        kind = points_at(change.table_name, column)
        if kind is not None and kind != "event":
            sides = value.values() if isinstance(value, dict) else (value,)
            yield from ((kind, UUID(side)) for side in sides if isinstance(side, str))


__all__ = ["KINDS", "Kind", "Names", "find", "find_any", "keys_in", "rows_of"]
