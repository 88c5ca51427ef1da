"""Open holds, each with the name of what it is on, and the containers that vials are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.actor import Actor
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.lines.models import Culture, Line
from cellbank.domains.materials.models import MaterialLot
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.models import Hold, Placement, Vial
from cellbank.domains.vials.verdicts.ancestry import OF_ANY_OWNER, Kind
from cellbank.domains.vials.verdicts.known import OpenHold

NAMES: dict[Kind, tuple[Any, Any]] = {
    Kind.DONOR: (Donor, Donor.code),
    Kind.DONATION: (Donation, Donation.code),
    Kind.LINE: (Line, Line.name),
    Kind.CULTURE: (Culture, Culture.code),
    Kind.FILL_LOT: (FillLot, FillLot.code),
    Kind.FREEZE_RUN: (FreezeRun, FreezeRun.code),
    Kind.BANK: (Bank, Bank.code),
    Kind.VIAL: (Vial, Vial.name),
    Kind.CONTAINER: (Container, Container.name),
    Kind.MATERIAL_LOT: (MaterialLot, MaterialLot.lot),
}
"""The table of each scope of a hold, and what a person calls a thing in it."""


def scope_of(hold: Hold) -> tuple[Kind, UUID]:
    """The one thing that a hold is on."""
    for kind in Kind:
        key = getattr(hold, f"{kind}_id")
        if key is not None:
            return kind, key
    raise ValueError("a hold without scope")  # the table's own check refuses such a row


def with_names() -> sa.Select[Any]:
    """A SELECT of holds, each with the name of what it is on."""
    query = sa.select(
        Hold,
        sa.case(
            *((getattr(Hold, f"{kind}_id").is_not(None), name) for kind, (_, name) in NAMES.items())
        ).label("name"),
    )
    for kind, (model, _) in NAMES.items():
        query = query.outerjoin(model, model.id == getattr(Hold, f"{kind}_id"))
    return query


def open_holds(db: Session, actor: Actor, vial_ids: Collection[UUID]) -> list[OpenHold]:
    """Holds in force on these vials and on anything that is not a vial, oldest first.

    Few things but vials are on hold at one time, so those are all read, rather than asked for thing by thing.
    """
    query = with_names().where(
        Hold.closed_by.is_(None),
        Hold.annulled_by.is_(None),
        sa.or_(Hold.vial_id.is_(None), Hold.vial_id.in_(list(vial_ids))),
    )
    found = []
    for hold, name in db.execute(query.order_by(Hold.id), execution_options=OF_ANY_OWNER):
        kind, key = scope_of(hold)
        may_know = actor.sees_all or hold.organisation_id == actor.organisation_id
        found.append(
            OpenHold(
                id=hold.id,
                kind=hold.kind,
                scope=kind,
                scope_id=key,
                name=name if may_know else None,
                reason=hold.reason if may_know else None,
                allows_qc=hold.allows_qc,
            )
        )
    return found


def containers_of(db: Session, vial_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The containers that each vial is in, from its box up to the tank; out vials also where they are out."""
    wanted = list(vial_ids)
    direct = sa.union(
        sa.select(Placement.vial_id.label("vial"), Placement.container_id.label("container")).where(
            Placement.vial_id.in_(wanted), Placement.ended_by.is_(None)
        ),
        sa.select(Vial.id, Vial.out_container_id).where(
            Vial.id.in_(wanted), Vial.out_container_id.is_not(None)
        ),
    ).subquery()
    chain = sa.select(direct.c.vial, direct.c.container).cte("chain", recursive=True)
    chain = chain.union(
        sa.select(chain.c.vial, Container.parent_id)
        .join(Container, Container.id == chain.c.container)
        .where(Container.parent_id.is_not(None))
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for vial, container in db.execute(sa.select(chain), execution_options=OF_ANY_OWNER):
        found[vial].add(container)
    return {vial: frozenset(keys) for vial, keys in found.items()}
