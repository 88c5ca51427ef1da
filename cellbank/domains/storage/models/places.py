"""Tables of the places: sites, rooms, containers, and places that take nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.ids import Kind
from cellbank.core.model import Recorded, by_event, refers_to, unique_while
from cellbank.domains.accounts.models import Calendar
from cellbank.domains.storage.layout import (
    Arrangement,
    CountedFrom,
    FillOrder,
    LabelScheme,
    Layout,
    shared_layout,
)
from cellbank.domains.storage.words import Worded


class Segregation(Worded):
    """How a site keeps unsuitable material apart; 21 CFR 1271.65 allows either."""

    PHYSICAL = "physical"
    DESIGNATION = "designation"


class Site(Recorded):
    """A building of the bank, with its own time zone, working hours and habits."""

    __tablename__ = "site"

    code: Mapped[str] = mapped_column(unique=True)  # short, printed on papers: TBZ
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    zone: Mapped[str] = mapped_column(default="Asia/Tehran")  # IANA time zone
    label_calendar: Mapped[Calendar] = mapped_column(default=Calendar.GREGORIAN)  # one a site, on every label
    segregation: Mapped[Segregation] = mapped_column(default=Segregation.PHYSICAL)
    weekend: Mapped[str] = mapped_column(default="thursday friday")  # English day names
    works_from_minute: Mapped[int] = mapped_column(default=480)  # minutes after midnight, local time
    works_until_minute: Mapped[int] = mapped_column(default=960)
    late_after_minutes: Mapped[int] = mapped_column(default=60)  # recorded later than this: a reason is asked
    context_minutes: Mapped[int] = mapped_column(default=15)  # how long a scan station keeps its context
    is_retired: Mapped[bool] = mapped_column(default=False)


class Holiday(Recorded):
    """A day on which a site does not work; work recorded on it is looked at by quality."""

    __tablename__ = "holiday"
    __table_args__ = (sa.UniqueConstraint("site_id", "day", name="uq_holiday_day"),)
    SUBJECTS = ("site_id",)

    site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    day: Mapped[date]
    name: Mapped[str]
    is_withdrawn: Mapped[bool] = mapped_column(default=False)


class Room(Recorded):
    """A room of a site, where freezers and benches stand."""

    __tablename__ = "room"
    __table_args__ = (sa.UniqueConstraint("site_id", "name", name="uq_room_name"),)

    site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    is_retired: Mapped[bool] = mapped_column(default=False)


class ContainerKind(Worded):
    """What a container is; the last ones hold only briefly, or stand for "not here any more"."""

    FREEZER = "freezer"
    TANK = "tank"
    SHELF = "shelf"
    DRAWER = "drawer"
    RACK = "rack"
    BOX = "box"
    CANISTER = "canister"
    CANE = "cane"
    GOBLET = "goblet"
    VISOTUBE = "visotube"
    ISOPROPANOL_BOX = "isopropanol_box"
    CONTROLLED_RATE_CHAMBER = "controlled_rate_chamber"
    NITROGEN_CART = "nitrogen_cart"
    DRY_ICE_BOX = "dry_ice_box"
    TRANSFER_VESSEL = "transfer_vessel"
    BENCH = "bench"
    PARKING = "parking"
    DRY_SHIPPER = "dry_shipper"
    IN_TRANSIT = "in_transit"
    CUSTOMER = "customer"
    DESTRUCTION_BIN = "destruction_bin"


MOST_DEEP = 8
"""How deep containers stand in each other at most: tank, rack, drawer, box, and some to spare."""

HOLDS_VIALS = frozenset(
    {
        ContainerKind.BOX,
        ContainerKind.CANE,
        ContainerKind.GOBLET,
        ContainerKind.VISOTUBE,
        ContainerKind.ISOPROPANOL_BOX,
    }
)
"""The kinds whose places are meant for vials; the fill level of a freezer counts these."""

STANDS_IN_ROOM = frozenset(
    {
        ContainerKind.FREEZER,
        ContainerKind.TANK,
        ContainerKind.CONTROLLED_RATE_CHAMBER,
        ContainerKind.NITROGEN_CART,
        ContainerKind.DRY_ICE_BOX,
        ContainerKind.TRANSFER_VESSEL,
        ContainerKind.BENCH,
        ContainerKind.PARKING,
        ContainerKind.DRY_SHIPPER,
        ContainerKind.DESTRUCTION_BIN,
        ContainerKind.SHELF,
    }
)
"""The kinds that stand in a room; everything else stands in a container (or nowhere, as "in transit")."""

_CODE_KINDS = {
    ContainerKind.BOX: Kind.BOX,
    ContainerKind.ISOPROPANOL_BOX: Kind.BOX,
    ContainerKind.GOBLET: Kind.BOX,
    ContainerKind.VISOTUBE: Kind.BOX,
    ContainerKind.RACK: Kind.RACK,
    ContainerKind.CANE: Kind.RACK,
    ContainerKind.CANISTER: Kind.RACK,
    ContainerKind.SHELF: Kind.RACK,
    ContainerKind.DRAWER: Kind.RACK,
}


def code_kind(kind: ContainerKind) -> Kind:
    """The letter its printed code carries: box, rack, or freezer for all that holds those."""
    return _CODE_KINDS.get(kind, Kind.FREEZER)


class Condition(Worded):
    """How cold it is in a container."""

    LIQUID_NITROGEN = "liquid_nitrogen"
    VAPOUR = "vapour"
    MINUS_80 = "minus_80"
    MINUS_20 = "minus_20"
    FRIDGE = "fridge"
    DRY_ICE = "dry_ice"
    AMBIENT = "ambient"


class Container(Recorded):
    """Anything that holds containers or vials, with its layout, its cold and its own place."""

    __tablename__ = "container"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_container_code"),
        sa.UniqueConstraint("barcode", name="uq_container_barcode"),
        sa.CheckConstraint("parent_id IS NULL OR room_id IS NULL", name="one_whereabouts"),
        unique_while("NOT is_retired", "uq_container_place_taken", "parent_id", "parent_position"),
    )

    kind: Mapped[ContainerKind]
    code: Mapped[str]  # the 10 characters printed on it
    barcode: Mapped[str | None] = mapped_column(
        default=None
    )  # what its maker printed on it, as rack scanners read it
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    room_id: Mapped[UUID | None] = mapped_column(refers_to("room"), index=True, default=None)
    parent_id: Mapped[UUID | None] = mapped_column(refers_to("container"), index=True, default=None)
    parent_position: Mapped[int | None] = mapped_column(default=None)  # from 1; none: somewhere in it
    equipment_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), default=None)

    arrangement: Mapped[Arrangement]
    rows: Mapped[int | None] = mapped_column(default=None)
    columns: Mapped[int | None] = mapped_column(default=None)
    capacity: Mapped[int | None] = mapped_column(
        default=None
    )  # places of a grid or stack; at most so many of a lot
    row_labels: Mapped[LabelScheme] = mapped_column(default=LabelScheme.LETTERS)
    column_labels: Mapped[LabelScheme] = mapped_column(default=LabelScheme.NUMBERS)
    fill_order: Mapped[FillOrder] = mapped_column(default=FillOrder.ROW_FIRST)
    counted_from: Mapped[CountedFrom] = mapped_column(default=CountedFrom.TOP)
    fits_diameter_tenths_mm: Mapped[int | None] = mapped_column(default=None)  # widest vial a place takes

    condition: Mapped[Condition | None] = mapped_column(default=None)  # none: as what it stands in
    max_stay_minutes: Mapped[int | None] = mapped_column(
        default=None
    )  # a timer runs where set (−80 °C, dry ice)
    is_retired: Mapped[bool] = mapped_column(default=False)

    @property
    def layout(self) -> Layout:
        """How its places lie and what they are called."""
        return shared_layout(
            self.arrangement,
            self.rows or 0,
            self.columns or 0,
            self.capacity,
            self.row_labels,
            self.column_labels,
            self.fill_order,
            self.counted_from,
        )

    def lie_as(self, layout: Layout) -> None:
        """Take another layout. :raises Invalid: it cannot be."""
        layout.checked()
        is_grid = layout.arrangement is Arrangement.GRID
        self.arrangement = layout.arrangement
        self.rows = layout.rows if is_grid else None
        self.columns = layout.columns if is_grid else None
        self.capacity = layout.size
        self.row_labels, self.column_labels = layout.row_labels, layout.column_labels
        self.fill_order, self.counted_from = layout.fill_order, layout.counted_from

    def stand_in_room(self, room: Room) -> None:
        """Stand in a room, in no container. :raises Refused: retired, or nothing that stands in a room."""
        self._is_here()
        if room.is_retired:
            raise Refused("{room} is no longer used.", room=room.name, about=[self])
        self.room_id, self.parent_id, self.parent_position = room.id, None, None

    def move_to(self, parent: Container, position: int | None, inside: Inside) -> None:
        """Stand in another container, at a place of it (none only where it has no places).

        :param inside: what is in ``parent`` now, without this container.
        :raises Refused: retired, into itself, full, taken or blocked
        :raises Invalid: no such place
        """
        self._is_here()
        inside.admit(parent, position, (self,))
        self.room_id, self.parent_id, self.parent_position = None, parent.id, position

    def retire(self, inside: Inside) -> None:
        """Take it out of use for good; its history stays. :raises Refused: something is still in it."""
        self._is_here()
        if inside.count:
            raise Refused(
                "{container} still holds {count}. Empty it first.",
                container=self.name,
                count=inside.count,
                about=[self],
            )
        self.is_retired = True

    def _is_here(self) -> None:
        if self.is_retired:
            raise Refused("{container} is retired.", container=self.name, about=[self])


@dataclass(frozen=True)
class Inside:
    """What is in a container at this moment, and the containers it stands in itself."""

    taken: Mapping[int, str | Message]  # place → what is there, in words or as a code
    blocked: Mapping[int, str]  # place → why
    count: int  # containers and vials in it, with and without a place
    around: frozenset[UUID] = field(default_factory=frozenset)  # itself and the containers it stands in

    @property
    def closed(self) -> frozenset[int]:
        """The places that take nothing now."""
        return frozenset(self.taken) | frozenset(self.blocked)

    def admit(
        self, container: Container, position: int | None, newcomers: tuple[Container, ...] = ()
    ) -> None:
        """Check that ``container`` takes something at ``position``.

        :param newcomers: the containers that want in, if it is containers.
        :raises Refused: retired, a container into itself, too deep, full, taken, blocked
        :raises Invalid: no such place, or none said where each has its own
        """
        if container.is_retired:
            raise Refused("{container} is retired.", container=container.name, about=[container])
        if any(newcomer.id in self.around for newcomer in newcomers):
            raise Refused("{container} cannot stand in itself.", container=newcomers[0].name, about=newcomers)
        if newcomers and len(self.around) >= MOST_DEEP:
            raise Refused("Containers stand in each other {most} deep at most.", most=MOST_DEEP)
        layout = container.layout
        if not layout.has_places:
            if position is not None:
                raise Invalid(
                    "{container} has no places of its own.", field="position", container=container.name
                )
            if layout.size is not None and self.count >= layout.size:
                raise Refused(
                    "{container} is full: it holds {count}.",
                    container=container.name,
                    count=layout.size,
                    about=[container],
                )
            return
        if position is None:
            raise Invalid("Say at which place of {container}.", field="position", container=container.name)
        self._place_is_open(container, position, layout.name(position))

    def _place_is_open(self, container: Container, position: int, place: str) -> None:
        if position in self.blocked:
            raise Refused(
                "Place {place} of {container} is blocked: {why}",
                place=place,
                container=container.name,
                why=self.blocked[position],
                about=[container],
            )
        if position in self.taken:
            raise Refused(
                "Place {place} of {container} is taken by {what}.",
                place=place,
                container=container.name,
                what=self.taken[position],
                about=[container],
            )


class BlockedPlace(Recorded):
    """A place that takes nothing for now: broken, taped off, or holding an unidentified tube."""

    __tablename__ = "blocked_place"
    __table_args__ = (unique_while("ended_by IS NULL", "uq_blocked_place_open", "container_id", "position"),)
    SUBJECTS = ("container_id",)

    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    position: Mapped[int]
    reason: Mapped[str]
    blocked_until: Mapped[date | None] = mapped_column(default=None)
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)
