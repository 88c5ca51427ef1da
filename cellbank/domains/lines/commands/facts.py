"""What registering and correcting a line have in common: the fields that say what the cells are."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field, field_validator

from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing
from cellbank.domains.donors import finding as donors
from cellbank.domains.donors.models import Sex
from cellbank.domains.donors.pseudonyms import refuse_national_code
from cellbank.domains.lines import names
from cellbank.domains.lines.models import LimitingMeasure, Line, LineKind
from cellbank.toolkit.i18n.when import read_day

THOUSANDTHS = 1000


class LineFacts(Command):
    """What a line is, as far as it is known."""

    permission: ClassVar[str] = "lines.manage"

    name: str = Field(title="Line name", min_length=1, max_length=80)
    other_names: tuple[str, ...] = Field(
        default=(),
        title="Other names",
        description="One a line: how papers and catalogues call it.",
        max_length=40,
        json_schema_extra={"kind": "codes"},
    )
    kind: LineKind = Field(title="Kind of cells")
    hpscreg_name: str | None = Field(
        default=None,
        title="hPSCreg name",
        description="As hPSCreg issued it: UKBi005-A-1.",
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    rrid: str | None = Field(
        default=None,
        title="RRID",
        description="Of Cellosaurus: CVCL_0030.",
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    species: str = Field(default="Homo sapiens", title="Species", min_length=2, max_length=120)
    strain: str | None = Field(default=None, title="Strain", max_length=120)
    sex: Sex = Field(default=Sex.UNKNOWN, title="Sex")
    tissue: str | None = Field(default=None, title="Tissue", max_length=200)
    disease: str | None = Field(default=None, title="Disease", max_length=200)
    genetic_change: str | None = Field(default=None, title="Genetic change", max_length=400)
    derived: str | None = Field(
        default=None,
        title="Derived",
        description="As exactly as it is known: a day, a month or 1392.",
        max_length=40,
    )
    derivation_method: str | None = Field(default=None, title="Method of derivation", max_length=200)
    reprogramming_vector: str | None = Field(default=None, title="Reprogramming vector", max_length=200)
    clone: str | None = Field(default=None, title="Clone", max_length=80)
    derived_by: str | None = Field(default=None, title="Derived by", max_length=200)
    growth_medium: str | None = Field(default=None, title="Growth medium", max_length=200)
    matrix: str | None = Field(default=None, title="Matrix", max_length=200)
    feeder: str | None = Field(default=None, title="Feeder cells", max_length=200)
    doubling_time_hours: Decimal | None = Field(
        default=None, title="Expected doubling time", description="In hours.", gt=0, le=10000
    )
    biosafety_level: int | None = Field(default=None, title="Biosafety level", ge=1, le=4)
    reference_karyotype: str | None = Field(default=None, title="Reference karyotype", max_length=200)
    reference_str: str | None = Field(
        default=None,
        title="Reference STR profile",
        description="As reported: D5S818=11,12; TH01=7 …",
        max_length=2000,
        json_schema_extra={"kind": "multiline"},
    )
    mta: str | None = Field(default=None, title="Transfer agreement", max_length=200)
    limits_of_use: str | None = Field(
        default=None,
        title="Limits of use",
        description="Licence, research only, no redistribution.",
        max_length=400,
    )
    depositor_wording: str | None = Field(
        default=None,
        title="In the depositor's own words",
        max_length=4000,
        json_schema_extra={"kind": "multiline"},
    )

    _no_person = field_validator("name", "clone", "depositor_wording", "derived_by", mode="before")(
        refuse_national_code
    )

    def facts(self) -> dict[str, Any]:
        """The columns these fields fill. :raises Invalid: a registry's name of another form, a day that is none."""
        kept = self.model_dump(include=_AS_GIVEN)
        derived_on, precision = read_day(self.derived, "derived")
        hours = self.doubling_time_hours
        return kept | {
            "other_names": "\n".join(self.other_names) or None,
            "hpscreg_name": names.hpscreg_name(self.hpscreg_name) if self.hpscreg_name else None,
            "rrid": names.cellosaurus_accession(self.rrid) if self.rrid else None,
            "derived_on": derived_on,
            "derived_precision": precision,
            "doubling_time_minutes": None if hours is None else round(hours * 60),
        }


_AS_GIVEN = {
    "name", "kind", "species", "strain", "sex", "tissue", "disease", "genetic_change", "derivation_method",
    "reprogramming_vector", "clone", "derived_by", "growth_medium", "matrix", "feeder", "biosafety_level",
    "reference_karyotype", "reference_str", "mta", "limits_of_use", "depositor_wording",
}  # fmt: skip


def remember_line(db: Writing, line: Line) -> None:
    """Let a line be found by its code, its names and what registries call it."""
    words: Iterable[str | None] = [
        line.code, line.name, *(line.other_names or "").splitlines(), line.hpscreg_name, line.rrid,
        f"RRID:{line.rrid}" if line.rrid else None,
    ]  # fmt: skip
    donors.remember_words(db, "line", line.id, line.organisation_id, words)


def limit(value: Decimal | None, measure: LimitingMeasure, field: str) -> int | None:
    """A limit as it is kept: whole passages, or doublings in thousandths. :raises Invalid: half a passage."""
    if value is None or measure is LimitingMeasure.NONE:
        return None
    kept = value * THOUSANDTHS if measure is LimitingMeasure.POPULATION_DOUBLINGS else value
    if kept % 1:
        raise Invalid("{value} is too fine for this limit.", field=field, value=str(value))
    return int(kept)
