"""What cells come from, upwards: bank → cultures → thawed vials → older banks → lines → donations → donors."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from cellbank.core.model import Annullable
from cellbank.domains.banks.models import (
    Bank,
    BankCulture,
    FillLot,
    FillLotMaterial,
    FreezeRun,
    FreezeRunMaterial,
)
from cellbank.domains.donors.models import Donation, DonationDonor, DonationMaterial, Donor
from cellbank.domains.lines.models import (
    Culture,
    CultureMaterial,
    CultureParent,
    Line,
    LineDonation,
    LineParent,
)
from cellbank.domains.materials.models import MaterialLot
from cellbank.domains.vials.models import BankOrigin, ThawCulture, Vial

OF_ANY_OWNER = {"tenant_ok": "a hold on the seller's line holds the bought vial too"}


class Kind(enum.StrEnum):
    """What cells come from or have seen; the words are those of the columns of a hold."""

    DONOR = "donor"
    DONATION = "donation"
    LINE = "line"
    CULTURE = "culture"
    FILL_LOT = "fill_lot"
    FREEZE_RUN = "freeze_run"
    BANK = "bank"
    VIAL = "vial"
    CONTAINER = "container"
    MATERIAL_LOT = "material_lot"


@dataclass(frozen=True)
class Edge:
    """One way up: from a thing, found by ``key``, to what ``parent`` names."""

    below: Kind
    above: Kind
    model: type[Any]
    key: str
    parent: str


EDGES = (
    Edge(Kind.BANK, Kind.CULTURE, BankCulture, "bank_id", "culture_id"),
    Edge(Kind.BANK, Kind.VIAL, BankOrigin, "bank_id", "vial_id"),
    Edge(Kind.BANK, Kind.LINE, Bank, "id", "line_id"),
    Edge(Kind.FILL_LOT, Kind.MATERIAL_LOT, FillLotMaterial, "fill_lot_id", "material_lot_id"),
    Edge(Kind.FREEZE_RUN, Kind.MATERIAL_LOT, FreezeRunMaterial, "freeze_run_id", "material_lot_id"),
    Edge(Kind.CULTURE, Kind.CULTURE, CultureParent, "culture_id", "parent_culture_id"),
    Edge(Kind.CULTURE, Kind.LINE, Culture, "id", "line_id"),
    Edge(Kind.CULTURE, Kind.VIAL, ThawCulture, "culture_id", "vial_id"),
    Edge(Kind.CULTURE, Kind.MATERIAL_LOT, CultureMaterial, "culture_id", "material_lot_id"),
    Edge(Kind.VIAL, Kind.BANK, Vial, "id", "bank_id"),
    Edge(Kind.VIAL, Kind.FILL_LOT, Vial, "id", "fill_lot_id"),
    Edge(Kind.VIAL, Kind.FREEZE_RUN, Vial, "id", "freeze_run_id"),
    Edge(Kind.VIAL, Kind.VIAL, Vial, "id", "segment_of_id"),
    Edge(Kind.LINE, Kind.LINE, LineParent, "line_id", "parent_line_id"),
    Edge(Kind.LINE, Kind.DONATION, LineDonation, "line_id", "donation_id"),
    Edge(Kind.DONATION, Kind.DONOR, DonationDonor, "donation_id", "donor_id"),
    Edge(Kind.DONATION, Kind.MATERIAL_LOT, DonationMaterial, "donation_id", "material_lot_id"),
)

DOWNWARDS = tuple(Edge(e.above, e.below, e.model, e.parent, e.key) for e in EDGES)
"""The same ways, walked the other way round."""

MODELS: dict[Kind, type[Any]] = {
    Kind.DONOR: Donor,
    Kind.DONATION: Donation,
    Kind.LINE: Line,
    Kind.CULTURE: Culture,
    Kind.FILL_LOT: FillLot,
    Kind.FREEZE_RUN: FreezeRun,
    Kind.BANK: Bank,
    Kind.VIAL: Vial,
    Kind.MATERIAL_LOT: MaterialLot,
}
"""The table of each kind that cells come from or have seen."""

Things = dict[Kind, frozenset[UUID]]


def ancestors(
    db: Session,
    *,
    banks: Iterable[UUID] = (),
    fill_lots: Iterable[UUID] = (),
    freeze_runs: Iterable[UUID] = (),
) -> dict[UUID, Things]:
    """Everything above each bank, fill lot and freeze run, itself included, in one statement.

    Walks by index from thing to thing; each thing is visited once for each root, so a circle ends too.
    """
    roots = {Kind.BANK: banks, Kind.FILL_LOT: fill_lots, Kind.FREEZE_RUN: freeze_runs}
    found: dict[UUID, dict[Kind, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    values = {kind.value: list(keys) for kind, keys in roots.items()}
    for root, kind, key in db.execute(_upwards(), values, execution_options=OF_ANY_OWNER):
        found[root][Kind(kind)].add(key)
    return {root: {kind: frozenset(keys) for kind, keys in kinds.items()} for root, kinds in found.items()}


def descendants(db: Session, kind: Kind, keys: Iterable[UUID]) -> Things:
    """Everything that comes from some things of one kind, these included, in one statement."""
    found: dict[Kind, set[UUID]] = defaultdict(set)
    values = {kind.value: list(keys)}
    for word, key in db.execute(_downwards(kind), values, execution_options=OF_ANY_OWNER):
        found[Kind(word)].add(key)
    return {word: frozenset(those) for word, those in found.items()}


# Put together once: that takes longer than asking.
@cache
def _upwards() -> sa.Select[Any]:
    roots = [
        _start(kind, MODELS[kind].id.label("root")) for kind in (Kind.BANK, Kind.FILL_LOT, Kind.FREEZE_RUN)
    ]
    walk = sa.select(sa.union_all(*roots).subquery("start")).cte("walk", recursive=True)
    walk = walk.union(_one_step(walk, EDGES))
    return sa.select(walk)


@cache
def _downwards(kind: Kind) -> sa.Select[Any]:
    walk = _start(kind, _word(kind).label("root")).cte("walk", recursive=True)
    walk = walk.union(_one_step(walk, DOWNWARDS))
    return sa.select(walk.c.kind, walk.c.id)


def _start(kind: Kind, root: Any) -> sa.Select[Any]:
    """The things of one kind that a walk starts from; their keys are given under the kind's name."""
    model = MODELS[kind]
    given: sa.BindParameter[Any] = sa.bindparam(kind.value, expanding=True)
    return sa.select(root, _word(kind).label("kind"), model.id.label("id")).where(model.id.in_(given))


def _word(kind: Kind) -> sa.ColumnElement[str]:
    return sa.cast(sa.literal(kind.value), sa.Text)


def _one_step(walk: sa.CTE, edges: Sequence[Edge]) -> sa.Select[Any]:
    """From each thing found to what stands directly beyond it.

    PostgreSQL lets a recursive query name itself once, so all the ways up are outer joins of one SELECT, and the
    numbered steps say which of them a row is about; a CASE without that number is NULL, which no index looks for.
    """
    step = sa.union_all(
        *(
            sa.select(
                sa.literal(number, sa.Integer).label("number"),
                _word(edge.below).label("below"),
                _word(edge.above).label("above"),
            )
            for number, edge in enumerate(edges)
        )
    ).cte("step")
    source: Any = sa.join(walk, step, step.c.below == walk.c.kind)
    parents = []
    for number, edge in enumerate(edges):
        alias = aliased(edge.model)
        is_it = step.c.number == number
        matches = getattr(alias, edge.key) == sa.case((is_it, walk.c.id), else_=sa.null())
        if issubclass(edge.model, Annullable) and "id" not in (edge.key, edge.parent):
            matches = sa.and_(matches, alias.annulled_by.is_(None))
        source = source.outerjoin(alias, matches)
        parents.append((is_it, getattr(alias, edge.parent)))
    parent = sa.case(*parents)
    return sa.select(walk.c.root, step.c.above, parent).select_from(source).where(parent.is_not(None))


def merged(parts: Iterable[Things]) -> Things:
    """Several ancestries as one."""
    whole: dict[Kind, frozenset[UUID]] = {}
    for part in parts:
        for kind, keys in part.items():
            whole[kind] = whole.get(kind, frozenset()) | keys
    return whole
