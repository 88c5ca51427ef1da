"""From a change's canonical text to words: names for keys, labels for columns, places for placements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import Organisation, Principal
from cellbank.core.errors import Message
from cellbank.core.journal import Change, ChangeKind, Event
from cellbank.core.model import Model, Recorded
from cellbank.core.work import Reading
from cellbank.domains.audit.words import COLUMNS, HIDDEN, TABLES
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun
from cellbank.domains.bench.models import Station
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.equipment.models import Equipment
from cellbank.domains.lines.models import Culture, Line
from cellbank.domains.materials.models import Material, MaterialLot
from cellbank.domains.storage.models import Container, Room, Site
from cellbank.domains.vials.models import LabelCode, Placement, Vial
from cellbank.toolkit.html.story import Difference

# Table → (column that names a row, address of its page with that column or another filled in).
NAMED: dict[str, tuple[type[Recorded], Any, str, Any]] = {
    "vial": (Vial, Vial.name, "/vials/{}", Vial.name),
    "container": (Container, Container.name, "/containers/{}", Container.code),
    "bank": (Bank, Bank.code, "/banks/{}", Bank.code),
    "line": (Line, Line.name, "/lines/{}", Line.code),
    "culture": (Culture, Culture.code, "/cultures/{}", Culture.code),
    "donor": (Donor, Donor.code, "/donors/{}", Donor.code),
    "donation": (Donation, Donation.code, "", None),
    "fill_lot": (FillLot, FillLot.code, "/fill-lots/{}", FillLot.code),
    "freeze_run": (FreezeRun, FreezeRun.code, "/freeze-runs/{}", FreezeRun.code),
    "principal": (Principal, Principal.name, "", None),
    "person": (Principal, Principal.name, "/people/{}", Principal.id),
    "organisation": (Organisation, Organisation.short_name, "", None),
    "site": (Site, Site.name, "", None),
    "room": (Room, Room.name, "", None),
    "label_code": (LabelCode, LabelCode.code, "", None),
    "equipment": (Equipment, Equipment.name, "", None),
    "material": (Material, Material.name, "", None),
    "material_lot": (MaterialLot, MaterialLot.lot, "", None),
    "station": (Station, Station.name, "", None),
}


def kind_of_key(table: sa.Table, column: str) -> str | None:
    """The table that a key column points at, or None for a plain value."""
    for key in table.columns[column].foreign_keys:
        return key.target_fullname.split(".")[0]
    return None


@dataclass
class Names:
    """Names and addresses of rows, and where placements are; all read in one statement a table."""

    names: dict[tuple[str, UUID], str] = field(default_factory=dict)
    urls: dict[tuple[str, UUID], str] = field(default_factory=dict)
    places: dict[UUID, tuple[UUID, str, str]] = field(default_factory=dict)
    """Placement → (vial, container's name, place's name)."""

    @classmethod
    def of(cls, db: Reading, pairs: Iterable[tuple[str, Any]]) -> Names:
        """Names of (table, key) pairs; what the reader may not see has none."""
        made = cls()
        wanted: dict[str, set[UUID]] = defaultdict(set)
        for kind, key in pairs:
            if kind in NAMED and key is not None:
                wanted[kind].add(key)
        for kind, keys in sorted(wanted.items()):
            model, name, url, ref = NAMED[kind]
            columns = [model.id, name, ref if ref is not None else sa.null()]
            for key, text, code in db.execute(sa.select(*columns).where(model.id.in_(keys))).all():
                made.names[kind, key] = text or ""
                if url:
                    made.urls[kind, key] = url.format(code.hex if isinstance(code, UUID) else code)
        return made

    @classmethod
    def in_changes(cls, db: Reading, changes: Sequence[Change]) -> Names:
        """Names of every key that the changes speak of."""
        pairs: list[tuple[str, UUID]] = []
        for change in changes:
            table = Model.metadata.tables.get(change.table_name)
            if table is None:
                continue
            for column, value in json.loads(change.body).items():
                kind = kind_of_key(table, column) if column in table.columns else None
                if kind is not None and kind != "event":
                    sides = value.values() if isinstance(value, dict) else (value,)
                    pairs += [(kind, UUID(side)) for side in sides if isinstance(side, str)]
        moved = [c.row_id for c in changes if c.table_name == "placement"]
        rows = db.execute(
            sa.select(Placement.id, Placement.vial_id, Container, Placement.position)
            .join(Container, Container.id == Placement.container_id)
            .where(Placement.id.in_(moved))
        ).all() if moved else []
        made = cls.of(db, [*pairs, *(("vial", row.vial_id) for row in rows)])
        for key, vial, container, position in rows:
            made.places[key] = (vial, container.name, container.place_name(position))
        return made

    def name(self, kind: str, key: UUID) -> str:
        """The row's name; a row without one is told by the start of its key."""
        return self.names.get((kind, key)) or f"…{key.hex[-6:]}"

    def url(self, kind: str, key: UUID) -> str:
        """The row's page, or nothing."""
        return self.urls.get((kind, key), "")


def changes_told(changes: Sequence[Change], names: Names) -> tuple[Difference, ...]:
    """What an act changed, a line a value: placements as places, keys as names, columns in words."""
    told: list[Difference] = []
    for change in changes:
        if change.table_name == "placement" and change.row_id in names.places:
            told.append(_place(change, names))
            continue
        table = Model.metadata.tables.get(change.table_name)
        body = json.loads(change.body)
        for column, value in body.items():
            if column in HIDDEN or column.endswith("_by") and change.kind is ChangeKind.INSERT:
                continue
            before, after = (value["old"], value["new"]) if change.kind is ChangeKind.UPDATE else (None, value)
            if change.kind is ChangeKind.INSERT and after in (None, False, ""):
                continue
            kind = kind_of_key(table, column) if table is not None and column in table.columns else None
            if kind == "event":
                continue
            told.append(
                Difference(
                    label=_label(change.table_name, column),
                    before=_shown(before, kind, names),
                    after=_shown(after, kind, names),
                    is_code=kind is not None or column in ("code", "name", "barcode", "din", "lot", "rrid"),
                )
            )
    return tuple(told)


def _place(change: Change, names: Names) -> Difference:
    vial, container, place = names.places[change.row_id]
    where = f"{container} › {place}" if place else container
    label = f"{names.name('vial', vial)}"
    if change.kind is ChangeKind.INSERT:
        return Difference(label, None, where, is_code=True)
    return Difference(label, where, None, is_code=True)


def _label(table: str, column: str) -> str:
    """Message id of a column's name, with its table where the column alone would say little."""
    return COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column) or column.replace("_", " ").capitalize()


def _shown(value: Any, kind: str | None, names: Names) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind is not None and isinstance(value, str):
        return names.name(kind, UUID(value))
    return str(value)


def sentence_of(event: Event, changes: Sequence[Change], names: Names) -> str:
    """The shortest true words about an act: why it was refused, or from where to where things went."""
    if event.refusal:
        said = json.loads(event.refusal)
        return str(Message(said["id"], said.get("values", {})))
    gone = {names.places[c.row_id][0]: names.places[c.row_id][1:] for c in changes
            if c.table_name == "placement" and c.kind is ChangeKind.UPDATE and c.row_id in names.places}
    come = {names.places[c.row_id][0]: names.places[c.row_id][1:] for c in changes
            if c.table_name == "placement" and c.kind is ChangeKind.INSERT and c.row_id in names.places}
    if len(gone | come) == 1:
        (vial,) = gone | come
        ends = [" › ".join(filter(None, side[vial])) for side in (gone, come) if vial in side]
        return " → ".join(ends)
    return ""


__all__ = ["COLUMNS", "TABLES", "Names", "changes_told", "kind_of_key", "sentence_of"]
