"""Tables of the places: sites, rooms, containers, their rules, and the times they were out of the cold.

Physical things are the bank's, so none of these tables belongs to a company: it sees its own vials in them.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import Recorded, by_event, refers_to, unique_while
from cellbank.domains.accounts.models import Calendar


class Segregation(enum.StrEnum):
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


class ContainerKind(enum.StrEnum):
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


class Arrangement(enum.StrEnum):
    """How the places of a container lie: a grid, an ordered stack, a counted lot, or none at all."""

    GRID = "grid"
    STACK = "stack"
    LOT = "lot"
    NONE = "none"


class LabelScheme(enum.StrEnum):
    """How rows, columns or levels are named; ``letters_no_io`` leaves out I and O, which read as 1 and 0."""

    LETTERS = "letters"
    LETTERS_NO_IO = "letters_no_io"
    NUMBERS = "numbers"
    RUNNING_NUMBERS = "running_numbers"


class FillOrder(enum.StrEnum):
    """Whether a grid fills along its rows (A1, A2, …) or down its columns (A1, B1, …)."""

    ROW_FIRST = "row_first"
    COLUMN_FIRST = "column_first"


class CountedFrom(enum.StrEnum):
    """Where place 1 of a stack or the first row of a grid is."""

    TOP = "top"
    BOTTOM = "bottom"


class Condition(enum.StrEnum):
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


class Agent(enum.StrEnum):
    """An infectious agent that donors and cells are tested for."""

    HIV_1_2 = "hiv_1_2"
    HEPATITIS_B = "hepatitis_b"
    HEPATITIS_C = "hepatitis_c"
    HTLV = "htlv"
    SYPHILIS = "syphilis"
    CMV = "cmv"
    EBV = "ebv"
    PARVOVIRUS_B19 = "parvovirus_b19"
    WEST_NILE = "west_nile"
    ZIKA = "zika"
    CHAGAS = "chagas"
    MALARIA = "malaria"
    SARS_COV_2 = "sars_cov_2"
    MYCOPLASMA = "mycoplasma"
    BACTERIA_FUNGI = "bacteria_fungi"
    HPV = "hpv"
    OTHER = "other"


class AdmissionRuleKind(enum.StrEnum):
    """What a container looks at before it admits a vial."""

    DISPOSITION = "disposition"  # quarantine, released, rejected
    INFECTIOUS_STATUS = "infectious_status"  # by agent
    GRADE = "grade"
    SPECIES = "species"
    TIER = "tier"
    OWNER = "owner"


class AdmissionRule(Recorded):
    """A container admits only what a rule lists; its contents inherit it. Rows of one kind add up.

    For infectious status there is a row an agent and value: "not tested" never counts as "negative".
    """

    __tablename__ = "admission_rule"
    SUBJECTS = ("container_id",)

    container_id: Mapped[UUID] = mapped_column(refers_to("container"), index=True)
    kind: Mapped[AdmissionRuleKind]
    agent: Mapped[Agent | None] = mapped_column(default=None)
    value: Mapped[str | None] = mapped_column(
        default=None
    )  # the word admitted; none where the rule is about an owner
    owner_id: Mapped[UUID | None] = mapped_column(refers_to("organisation"), default=None)
    started_by: Mapped[int] = mapped_column(by_event())
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)


class LiftCause(enum.StrEnum):
    """Why a container or a vial was lifted out of the cold."""

    TAKE_OUT = "take_out"
    STORE = "store"
    MOVE = "move"
    COUNT = "count"
    EVACUATION = "evacuation"
    FREEZING = "freezing"
    FAILURE = "failure"


class ContainerExposure(Recorded):
    """The interval in which a container was lifted out of its cold, and with it everything inside."""

    __tablename__ = "container_exposure"
    __table_args__ = (
        unique_while("ended_at IS NULL", "uq_container_exposure_open", "container_id"),
        sa.Index("ix_container_exposure_container_id", "container_id", "started_at"),
    )
    SUBJECTS = ("container_id",)

    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    cause: Mapped[LiftCause]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    at_container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), default=None)  # bench, cart
    is_stated: Mapped[bool] = mapped_column(default=False)  # the length was said by a person, not timed


class Handover(Recorded):
    """A container on its way between sites: handed over by one, not here until taken over by the other."""

    __tablename__ = "handover"
    __table_args__ = (unique_while("taken_over_by IS NULL", "uq_handover_open", "container_id"),)
    SUBJECTS = ("id", "container_id")

    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    from_site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    to_site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    handed_over_by: Mapped[int] = mapped_column(by_event())
    due_at: Mapped[datetime | None] = mapped_column(default=None)  # later than this: "never received"
    taken_over_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)
