"""What else stands at places: domains above say it here, so that storage can count what it does not know.

``vials`` adds its open placements; from then on a box with vials cannot be retired, and levels are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cellbank.core.errors import Message


@dataclass(frozen=True)
class Occupant:
    """One kind of thing at places: what it is called, and a SELECT of (container_id, position)."""

    noun: Message
    select: Callable[[], sa.Select[*tuple[Any, ...]]]


_KINDS: dict[str, Occupant] = {}

COUNTED = {"tenant_ok": "only whether a place is taken, never by whose"}
"""The execution option of every statement that counts occupants of all organisations."""


def stands_at_places(kind: str, noun: Message, select: Callable[[], sa.Select[*tuple[Any, ...]]]) -> None:
    """Say that rows of ``kind`` stand at places: ``select`` gives (container_id, position or NULL)."""
    _KINDS[kind] = Occupant(noun, select)


def kinds() -> dict[str, Occupant]:
    """What stands at places, by kind."""
    return dict(_KINDS)


def occupied() -> sa.Subquery:
    """All occupants of all kinds and organisations: (container_id, position). Execute with ``COUNTED``."""
    selects = [kind.select() for kind in _KINDS.values()]
    if not selects:
        nothing = sa.select(
            sa.cast(sa.null(), sa.Uuid()).label("container_id"),
            sa.cast(sa.null(), sa.BigInteger()).label("position"),
        ).where(sa.false())
        return nothing.subquery("occupied")
    named = [
        sa.select(one.c[0].label("container_id"), one.c[1].label("position"))
        for one in (select.subquery() for select in selects)
    ]
    return (sa.union_all(*named) if len(named) > 1 else named[0]).subquery("occupied")
