"""Where a vial was: its places, its time out of the cold, counts, and tubes nobody can name."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.errors import Message
from cellbank.core.model import (
    Annullable,
    OrganisationOwned,
    Recorded,
    by_event,
    refers_to,
    same_organisation,
    unique_while,
)
from cellbank.domains.storage.models import LiftCause
from cellbank.domains.storage.occupants import stands_at_places


class Placement(OrganisationOwned, Annullable, Recorded):
    """A vial's stay at a place; a move ends the old row and inserts a new one. The open one is its home."""

    __tablename__ = "placement"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("ended_by IS NULL", "uq_placement_place_taken", "container_id", "position"),
        unique_while("ended_by IS NULL", "uq_placement_vial_placed", "vial_id"),
        sa.Index("ix_placement_vial_id", "vial_id", "started_by"),
        sa.Index("ix_placement_container_id", "container_id", "position", "started_by"),
    )
    SUBJECTS = ("vial_id", "container_id")

    vial_id: Mapped[UUID]
    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    position: Mapped[int | None] = mapped_column(
        default=None
    )  # from 1; none in a lot, or where the place is unknown
    started_by: Mapped[int] = mapped_column(by_event())
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)


def _open_placements() -> sa.Select[Any]:
    query = sa.select(Placement.container_id, Placement.position).where(Placement.ended_by.is_(None))
    return cast("sa.Select[Any]", query)


stands_at_places("vial", Message("vials"), _open_placements)


class VialExposure(OrganisationOwned, Annullable, Recorded):
    """The interval in which one vial was lifted alone; lifting its rack is a container's exposure."""

    __tablename__ = "vial_exposure"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("ended_at IS NULL", "uq_vial_exposure_open", "vial_id"),
        sa.Index("ix_vial_exposure_vial_id", "vial_id", "started_at"),
    )
    SUBJECTS = ("vial_id",)

    vial_id: Mapped[UUID]
    cause: Mapped[LiftCause]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    at_container_id: Mapped[UUID | None] = mapped_column(
        refers_to("container"), default=None
    )  # transfer vessel, bench
    is_stated: Mapped[bool] = mapped_column(default=False)  # the length was said by a person, not timed


class CountMethod(enum.StrEnum):
    """How a container was counted; reading 81 frosted codes by hand is not the default."""

    TUBES_SEEN = "tubes_seen"
    PATTERN = "pattern"
    RACK_READER = "rack_reader"
    PHOTOGRAPH = "photograph"
    EACH_CODE = "each_code"


class StockCount(Recorded):
    """One count of one container, with its method."""

    __tablename__ = "stock_count"
    SUBJECTS = ("id", "container_id")

    container_id: Mapped[UUID] = mapped_column(refers_to("container"), index=True)
    method: Mapped[CountMethod]
    expected: Mapped[int]  # tubes that should have been there
    seen: Mapped[int]
    exposure_id: Mapped[UUID | None] = mapped_column(
        refers_to("container_exposure"), default=None
    )  # the timed lift
    file_sha256: Mapped[str | None] = mapped_column(default=None)  # of the reader's file or the photograph


class CountFindingKind(enum.StrEnum):
    """How what was seen differs from what was expected."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    OTHER_PLACE = "other_place"
    UNREADABLE = "unreadable"


class CountFinding(Recorded):
    """One difference found in a count, open until somebody settles it."""

    __tablename__ = "count_finding"
    SUBJECTS = ("count_id", "vial_id", "container_id")

    count_id: Mapped[UUID] = mapped_column(refers_to("stock_count"), index=True)
    container_id: Mapped[UUID] = mapped_column(refers_to("container"), index=True)
    position: Mapped[int | None] = mapped_column(default=None)
    kind: Mapped[CountFindingKind]
    vial_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), index=True, default=None)
    code_read: Mapped[str | None] = mapped_column(default=None)
    settled_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    settlement: Mapped[str | None] = mapped_column(default=None)


class UnidentifiedTube(Recorded):
    """A tube that nobody can name yet; a blocked place keeps its slot until it is identified or destroyed."""

    __tablename__ = "unidentified_tube"
    SUBJECTS = ("id", "container_id", "vial_id")

    code: Mapped[str] = mapped_column(unique=True)  # on the tag tied to it
    container_id: Mapped[UUID] = mapped_column(refers_to("container"), index=True)
    position: Mapped[int | None] = mapped_column(default=None)
    blocked_place_id: Mapped[UUID | None] = mapped_column(refers_to("blocked_place"), default=None)
    description: Mapped[str]  # what can be read or seen
    found_by: Mapped[int] = mapped_column(by_event())
    vial_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), default=None)  # what it turned out to be
    closed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
