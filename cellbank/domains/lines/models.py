"""Tables of lines, cultures, vessels and descent."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core import ids
from cellbank.core.choices import Worded
from cellbank.core.errors import Message
from cellbank.core.model import (
    Annullable,
    OrganisationOwned,
    Precision,
    Recorded,
    by_event,
    refers_to,
    same_organisation,
    unique_while,
)
from cellbank.domains.donors.models import InfectiousStatus, Sex
from cellbank.domains.storage.models import Agent


class LineKind(Worded):
    """What sort of cells a line is."""

    IPSC = "ipsc", Message("Induced pluripotent (iPSC)")
    ESC = "esc", Message("Embryonic stem cells (ESC)")
    MSC = "msc", Message("Mesenchymal stromal cells (MSC)")
    PRIMARY = "primary", Message("Primary cells")
    FINITE = "finite", Message("Finite line")
    CONTINUOUS = "continuous", Message("Continuous line")
    CANCER = "cancer", Message("Cancer line")
    HYBRIDOMA = "hybridoma", Message("Hybridoma")
    FEEDER = "feeder", Message("Feeder cells")
    OTHER = "other", Message("Other")


class LimitingMeasure(Worded):
    """By what the age of a line is limited; none where it does not age."""

    PASSAGE = "passage", Message("Passage number")
    POPULATION_DOUBLINGS = "population_doublings", Message("Population doublings")
    NONE = "none", Message("Not limited")


class PassageRule(Worded):
    """The house rule: when, beside a split, the passage number rises by one."""

    PLUS_ONE_AT_FREEZE = "plus_one_at_freeze", Message("One more at each freeze")
    PLUS_ONE_AT_THAW = "plus_one_at_thaw", Message("One more at each thaw")
    NONE = "none", Message("Only at a split")


class Line(OrganisationOwned, Annullable, Recorded):
    """An identity of cells; its organisation is the custodian, who keeps the records."""

    __tablename__ = "line"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "name", name="uq_line_name"),
        sa.UniqueConstraint("code", name="uq_line_code"),
        sa.CheckConstraint(
            "NOT is_donation_unknown OR donation_unknown_reason IS NOT NULL", name="unknown_says_why"
        ),
    )

    # L-0007; names are told apart within one organisation only. Registering gives a running number.
    code: Mapped[str] = mapped_column(default_factory=lambda: f"L-{ids.uuid7().hex[-8:].upper()}")
    name: Mapped[str]
    other_names: Mapped[str | None] = mapped_column(default=None)  # one a line of text
    hpscreg_name: Mapped[str | None] = mapped_column(index=True, default=None)  # issued by hPSCreg: TABi005-A
    rrid: Mapped[str | None] = mapped_column(index=True, default=None)  # Cellosaurus: CVCL_0030
    kind: Mapped[LineKind]
    species: Mapped[str] = mapped_column(default="Homo sapiens")
    strain: Mapped[str | None] = mapped_column(default=None)
    sex: Mapped[Sex] = mapped_column(default=Sex.UNKNOWN)
    tissue: Mapped[str | None] = mapped_column(default=None)
    disease: Mapped[str | None] = mapped_column(default=None)
    genetic_change: Mapped[str | None] = mapped_column(default=None)

    derived_on: Mapped[date | None] = mapped_column(default=None)
    derived_precision: Mapped[Precision] = mapped_column(default=Precision.UNKNOWN)
    derivation_method: Mapped[str | None] = mapped_column(default=None)
    reprogramming_vector: Mapped[str | None] = mapped_column(default=None)
    clone: Mapped[str | None] = mapped_column(default=None)
    derived_by: Mapped[str | None] = mapped_column(default=None)
    is_donation_unknown: Mapped[bool] = mapped_column(default=False)  # HeLa, Vero, deposits
    donation_unknown_reason: Mapped[str | None] = mapped_column(default=None)
    donation_unknown_source: Mapped[str | None] = mapped_column(default=None)

    growth_medium: Mapped[str | None] = mapped_column(default=None)
    matrix: Mapped[str | None] = mapped_column(default=None)
    feeder: Mapped[str | None] = mapped_column(default=None)
    doubling_time_minutes: Mapped[int | None] = mapped_column(default=None)  # expected
    biosafety_level: Mapped[int | None] = mapped_column(default=None)  # 1 to 4
    reference_karyotype: Mapped[str | None] = mapped_column(default=None)
    reference_str: Mapped[str | None] = mapped_column(default=None)  # marker=alleles;… as reported
    mta: Mapped[str | None] = mapped_column(default=None)  # agreement and its number
    limits_of_use: Mapped[str | None] = mapped_column(
        default=None
    )  # licence, "research only", no redistribution

    limiting_measure: Mapped[LimitingMeasure] = mapped_column(default=LimitingMeasure.PASSAGE)
    soft_limit: Mapped[int | None] = mapped_column(
        default=None
    )  # passages, or doublings in thousandths: warn
    hard_limit: Mapped[int | None] = mapped_column(default=None)  # beyond: refuse to bank or issue
    passages_after_thaw_max: Mapped[int | None] = mapped_column(default=None)
    passage_rule: Mapped[PassageRule] = mapped_column(default=PassageRule.NONE)
    depositor_wording: Mapped[str | None] = mapped_column(default=None)
    is_closed: Mapped[bool] = mapped_column(default=False)  # no new cultures


class LineParentKind(Worded):
    """How a line comes from another."""

    SUBCLONE = "subclone", Message("Subclone")
    GENETICALLY_CHANGED = "genetically_changed", Message("Genetically changed")
    REPROGRAMMED = "reprogrammed", Message("Reprogrammed")
    DIFFERENTIATED = "differentiated", Message("Differentiated")
    FUSED = "fused", Message("Fused (hybridoma)")


class LineParent(OrganisationOwned, Annullable, Recorded):
    """The line that a line comes from; a hybridoma has two."""

    __tablename__ = "line_parent"
    __table_args__ = (
        same_organisation("line_id", "line"),
        unique_while("annulled_by IS NULL", "uq_line_parent_pair", "line_id", "parent_line_id"),
    )
    SUBJECTS = ("line_id", "parent_line_id")

    line_id: Mapped[UUID]
    # A plain key: a company may change a line that another organisation keeps.
    parent_line_id: Mapped[UUID] = mapped_column(refers_to("line"), index=True)
    kind: Mapped[LineParentKind]


class LineDonation(OrganisationOwned, Annullable, Recorded):
    """A donation that a line was derived from; a pooled line has several."""

    __tablename__ = "line_donation"
    __table_args__ = (
        same_organisation("line_id", "line"),
        unique_while("annulled_by IS NULL", "uq_line_donation_pair", "line_id", "donation_id"),
    )
    SUBJECTS = ("line_id", "donation_id")

    line_id: Mapped[UUID]
    # A plain key: a hospital's donation may become a line in a company's custody.
    donation_id: Mapped[UUID] = mapped_column(refers_to("donation"), index=True)


class LineInfectiousResult(OrganisationOwned, Annullable, Recorded):
    """What is known of a line itself for one agent: HeLa carries HPV and has no donation here."""

    __tablename__ = "line_infectious_result"
    __table_args__ = (same_organisation("line_id", "line"),)
    SUBJECTS = ("line_id",)

    line_id: Mapped[UUID] = mapped_column(index=True)
    agent: Mapped[Agent]
    agent_other: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[InfectiousStatus]
    assay: Mapped[str | None] = mapped_column(default=None)
    laboratory: Mapped[str | None] = mapped_column(default=None)
    sampled_on: Mapped[date | None] = mapped_column(default=None)
    document: Mapped[str | None] = mapped_column(default=None)


class CultureState(Worded):
    """What has become of a culture."""

    GROWING = "growing", Message("Growing")
    HARVESTED = "harvested", Message("Harvested")
    FROZEN = "frozen", Message("Frozen down")
    DISCARDED = "discarded", Message("Discarded")
    CONTAMINATED = "contaminated", Message("Contaminated")


class SplitMethod(Worded):
    """How cells were taken from their vessel; clumps cannot be counted."""

    ENZYME = "enzyme", Message("Enzyme")
    EDTA_CLUMPS = "edta_clumps", Message("EDTA, as clumps")
    MECHANICAL = "mechanical", Message("Mechanical")
    SUSPENSION = "suspension", Message("Suspension")
    OTHER = "other", Message("Other")


class Culture(OrganisationOwned, Annullable, Recorded):
    """Cells growing in vessels, with their age as far as it is known."""

    __tablename__ = "culture"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_culture_code"),
        sa.CheckConstraint("is_passage_unknown = (passage IS NULL)", name="unknown_is_not_zero"),
        sa.CheckConstraint("passage >= 0 AND passages_after_thaw >= 0", name="passage_not_negative"),
    )
    SUBJECTS = ("id", "line_id")

    # A plain key: a company may grow a line that another organisation keeps.
    line_id: Mapped[UUID] = mapped_column(refers_to("line"), index=True)
    # The donation its cells came from, for a culture that no other culture or vial stands before.
    donation_id: Mapped[UUID | None] = mapped_column(refers_to("donation"), index=True, default=None)
    code: Mapped[str]  # CUL-0107
    state: Mapped[CultureState] = mapped_column(default=CultureState.GROWING)

    passage: Mapped[int | None] = mapped_column(default=None)  # the 12 of p12+3
    passages_after_thaw: Mapped[int | None] = mapped_column(
        default=None
    )  # the 3; none where not counted apart
    is_passage_unknown: Mapped[bool] = mapped_column(default=True)
    passage_wording: Mapped[str | None] = mapped_column(default=None)  # as the depositor wrote it
    # Cumulative doublings in thousandths, none where unknown: when it was seeded, and when it was last counted.
    cpd_at_start_milli: Mapped[int | None] = mapped_column(default=None)
    cpd_milli: Mapped[int | None] = mapped_column(default=None)
    cpd_mean_milli: Mapped[int | None] = mapped_column(default=None)  # of a pool, beside the highest

    started_at: Mapped[datetime | None] = mapped_column(default=None)
    started_precision: Mapped[Precision] = mapped_column(default=Precision.MINUTE)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    end_reason: Mapped[str | None] = mapped_column(default=None)
    incubator_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), index=True, default=None)
    hood_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), index=True, default=None)

    seeded_cells: Mapped[int | None] = mapped_column(default=None)  # all, living and dead
    seeded_viability_permille: Mapped[int | None] = mapped_column(default=None)
    harvested_cells: Mapped[int | None] = mapped_column(default=None)
    harvested_viability_permille: Mapped[int | None] = mapped_column(default=None)
    harvested_at: Mapped[datetime | None] = mapped_column(default=None)
    harvested_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    count_method: Mapped[str | None] = mapped_column(default=None)
    split_method: Mapped[SplitMethod | None] = mapped_column(default=None)
    split_ratio: Mapped[str | None] = mapped_column(default=None)  # 1:3, as said
    confluence_percent: Mapped[int | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)


class VesselKind(Worded):
    """What cells grow in."""

    FLASK = "flask", Message("Flask")
    DISH = "dish", Message("Dish")
    PLATE = "plate", Message("Plate")
    CELL_FACTORY = "cell_factory", Message("Cell factory")
    HYPERFLASK = "hyperflask", Message("HYPERFlask")
    BAG = "bag", Message("Bag")
    SPINNER = "spinner", Message("Spinner")
    BIOREACTOR = "bioreactor", Message("Bioreactor")
    OTHER = "other", Message("Other")


class CultureVessel(OrganisationOwned, Annullable, Recorded):
    """So many vessels of one kind and area that a culture grows in."""

    __tablename__ = "culture_vessel"
    __table_args__ = (same_organisation("culture_id", "culture"),)
    SUBJECTS = ("culture_id",)

    culture_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[VesselKind]
    name: Mapped[str | None] = mapped_column(default=None)  # T75, 6-well
    vessels: Mapped[int]  # how many
    area_mm2: Mapped[int | None] = mapped_column(default=None)  # of one vessel
    volume_ul: Mapped[int | None] = mapped_column(default=None)  # medium in one vessel


class CultureParent(OrganisationOwned, Annullable, Recorded):
    """A culture that went into this one, with its amount: several make a pool, one may go into several."""

    __tablename__ = "culture_parent"
    __table_args__ = (
        same_organisation("culture_id", "culture"),
        same_organisation("parent_culture_id", "culture"),
        unique_while("annulled_by IS NULL", "uq_culture_parent_pair", "culture_id", "parent_culture_id"),
        sa.CheckConstraint("culture_id <> parent_culture_id", name="not_itself"),
    )
    SUBJECTS = ("culture_id", "parent_culture_id")

    culture_id: Mapped[UUID]
    parent_culture_id: Mapped[UUID] = mapped_column(index=True)
    cells: Mapped[int | None] = mapped_column(default=None)  # seeded from this parent, a count
    volume_ul: Mapped[int | None] = mapped_column(default=None)


class CultureMaterial(OrganisationOwned, Annullable, Recorded):
    """A material lot that a culture saw: medium, serum, enzyme, matrix."""

    __tablename__ = "culture_material"
    __table_args__ = (same_organisation("culture_id", "culture"),)
    SUBJECTS = ("culture_id", "material_lot_id")

    culture_id: Mapped[UUID] = mapped_column(index=True)
    material_lot_id: Mapped[UUID] = mapped_column(refers_to("material_lot"), index=True)
    used_for: Mapped[str | None] = mapped_column(default=None)
