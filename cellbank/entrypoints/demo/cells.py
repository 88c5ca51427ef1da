"""The demonstration's cells: real open lines and their donors, registered as a bank would from its paper records."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cellbank.core import clock
from cellbank.domains.donors.commands import RecordConsent, RegisterDonation, RegisterDonor
from cellbank.domains.donors.models import AgeBand, Donation, Donor, DonorKind
from cellbank.domains.lines.commands import RegisterLine, StartCulture
from cellbank.domains.lines.models import Culture, LineKind
from cellbank.entrypoints.demo.cast import COMPANY
from cellbank.entrypoints.demo.stage import Stage

DATA = Path(__file__).parent / "data" / "hipsci_lines.tsv"
COMPANY_DONORS = 20
"""The last so many donors are the company's own."""


@dataclass(frozen=True)
class Row:
    """One real line, as HipSci publishes it."""

    name: str
    donor: str
    sex: str
    age: str
    ethnicity: str
    disease: str
    source: str
    culture: str
    method: str
    derived_on: str
    ecacc: str
    biosample: str
    passages: str


@dataclass(frozen=True)
class Grown:
    """A registered line with a culture ready to be banked."""

    line: str
    culture: str
    passage: int
    owner: str | None
    donor: str


def rows() -> list[Row]:
    """The 150 lines, in the file's order."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file, delimiter="\t")]


def register(stage: Stage) -> list[Grown]:
    """Register every donor once, with a donation and a consent, and every line with its culture."""
    every = rows()
    donors = list(dict.fromkeys(row.donor for row in every))
    company = set(donors[-COMPANY_DONORS:])
    donations: dict[str, tuple[str, str]] = {}
    grown = []
    for row in every:
        owner = COMPANY if row.donor in company else None
        if row.donor not in donations:
            donations[row.donor] = _donor(stage, row, owner)
        donor, donation = donations[row.donor]
        grown.append(_line(stage, row, owner, donor, donation))
    return grown


def _donor(stage: Stage, row: Row, owner: str | None) -> tuple[str, str]:
    event = stage.act(
        "omid",
        RegisterDonor(
            kind=DonorKind.RESEARCH,
            sex=row.sex.lower(),
            ethnicity=row.ethnicity,
            depositor_code=row.donor,
            organisation=owner,
        ),
        days_ago=900,
    )
    donor = stage.code(event, Donor)
    event = stage.act(
        "omid",
        RegisterDonation(
            donors=(donor,),
            tissue="Skin (punch biopsy)",
            collected=row.derived_on[:4] or None,
            age_band=_age_band(row.age),
            procedure="Punch biopsy",
            collection_site="Cambridge BioResource",
            acceptance="accepted",
            organisation=owner,
        ),
        days_ago=880,
    )
    donation = stage.code(event, Donation)
    stage.act(
        "omid",
        RecordConsent(
            donor=donor,
            form="Bank consent",
            form_version="2",
            language="en",
            given_on=date(2013, 6, 1),
            allows_bank_storage=True,
            allows_research_in_country=True,
            allows_export=True,
            allows_genetic_sequencing=True,
            allows_data_sharing=True,
        ),
        days_ago=880,
    )
    return donor, donation


def _age_band(text: str) -> AgeBand | None:
    """HipSci's five years within our ten."""
    years = int(text.partition("-")[0])
    bands = (AgeBand.AGE_18_29, AgeBand.AGE_30_39, AgeBand.AGE_40_49, AgeBand.AGE_50_59, AgeBand.AGE_60_69)
    return bands[years // 10 - 2] if years < 70 else AgeBand.AGE_70_PLUS


def _line(stage: Stage, row: Row, owner: str | None, donor: str, donation: str) -> Grown:
    passage = int(row.passages.split()[0])
    stage.act(
        "omid",
        RegisterLine(
            name=row.name,
            kind=LineKind.IPSC,
            sex=row.sex.lower(),
            tissue="Skin",
            derived=row.derived_on or None,
            derivation_method=f"Sendai virus, {row.method}",
            reprogramming_vector=row.method,
            growth_medium="Essential 8" if row.culture == "Feeder-free" else "KOSR medium",
            feeder=None if row.culture == "Feeder-free" else "Mouse embryonic fibroblasts",
            limits_of_use="Research use only; HipSci material transfer agreement",
            mta="HipSci open access",
            depositor_wording=f"{row.name}; {row.biosample}; ECACC {row.ecacc}" if row.ecacc else row.name,
            donations=(donation,),
            limiting_measure="passage",
            soft_limit=40,
            hard_limit=60,
            custodian=owner,
        ),
        days_ago=700,
    )
    event = stage.act(
        "sara",
        StartCulture(line=row.name, passage=f"p{passage}", vessel="plate", vessels=2),
        days_ago=420,
    )
    return Grown(row.name, stage.code(event, Culture), passage, owner, donor)


def long_ago(days: int) -> date:
    """A day in the past."""
    return (clock.now() - timedelta(days=days)).date()
