"""Registering donations, from one donor, from several, or from a donor who is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, field_validator

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing
from cellbank.domains.donors import finding
from cellbank.domains.donors.models import (
    Acceptance,
    AgeBand,
    Donation,
    DonationDonor,
    DonationMaterial,
    Donor,
)
from cellbank.domains.donors.owners import owner_called
from cellbank.domains.donors.pseudonyms import refuse_national_code
from cellbank.domains.materials.finding import lots_called
from cellbank.toolkit.i18n.when import read_when

work.explain("uq_donation_code", "This number of a donation was just given: try again.")

KEPT_AS_GIVEN = {
    "din", "tissue", "procedure", "collection_site", "collector", "ethics_code", "ischaemia_minutes",
    "transport_minutes", "container_used", "amount_ul", "amount_mg", "arrival_condition", "acceptance",
    "acceptance_reason", "was_screened", "screening_document", "donor_unknown_reason", "donor_unknown_source",
}  # fmt: skip


class RegisterDonation(Command):
    """Register one collection of tissue: from whom, what, when, how it arrived and whether it was accepted."""

    records: ClassVar[str] = "donations.registered"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Register a donation"

    donors: tuple[str, ...] = Field(
        default=(),
        title="Donors",
        description="One code a line; several for pooled tissue.",
        max_length=200,
        json_schema_extra={"kind": "codes"},
    )
    donor_unknown_reason: str | None = Field(
        default=None,
        title="Why the donor is not known",
        description="Only where no donor can be named, as for HeLa.",
        max_length=400,
    )
    donor_unknown_source: str | None = Field(
        default=None,
        title="Who or what says so",
        description="A paper, a catalogue, a person.",
        max_length=400,
    )
    tissue: str = Field(title="Tissue", min_length=1, max_length=200)
    din: str | None = Field(
        default=None,
        title="Donation number (DIN)",
        description="ISBT 128, or the hospital's own number.",
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    collected: str | None = Field(
        default=None,
        title="Collected",
        description="As exactly as it is known: 1405/03/12 09:14, 1405/03/12, 2013-05 or 1392.",
        max_length=40,
    )
    age_years: int | None = Field(default=None, title="Age at donation, in years", ge=0, le=130)
    age_band: AgeBand | None = Field(
        default=None, title="Age band", description="Instead of the years, where they would say too much."
    )
    procedure: str | None = Field(default=None, title="Procedure", max_length=200)
    collection_site: str | None = Field(default=None, title="Collected at", max_length=200)
    collector: str | None = Field(default=None, title="Collected by", max_length=200)
    ethics_code: str | None = Field(
        default=None, title="Ethics code", description="IR.<institution>.REC.<year>.<number>", max_length=80
    )
    ischaemia_minutes: int | None = Field(default=None, title="Ischaemia, in minutes", ge=0)
    transport_minutes: int | None = Field(default=None, title="Transport, in minutes", ge=0)
    container_used: str | None = Field(default=None, title="Container", max_length=120)
    amount_ul: int | None = Field(default=None, title="Amount, in µL", ge=0)
    amount_mg: int | None = Field(default=None, title="Amount, in mg", ge=0)
    materials: tuple[str, ...] = Field(
        default=(),
        title="Material lots used",
        description="Anticoagulant, medium, bag: one lot a line.",
        max_length=50,
        json_schema_extra={"kind": "codes"},
    )
    arrived: str | None = Field(
        default=None, title="Arrived", description="As exactly as it is known.", max_length=40
    )
    arrival_temperature_c: Decimal | None = Field(
        default=None, title="Temperature at arrival", description="In °C.", ge=-200, le=60
    )
    arrival_condition: str | None = Field(default=None, title="Condition at arrival", max_length=400)
    acceptance: Acceptance = Field(default=Acceptance.PENDING, title="Acceptance")
    acceptance_reason: str | None = Field(default=None, title="Why so decided", max_length=400)
    was_screened: bool = Field(default=False, title="The donor's questionnaire was filled in")
    screening_document: str | None = Field(default=None, title="Number of the questionnaire", max_length=120)
    organisation: str | None = Field(
        default=None,
        title="Whose",
        description="Where the donor is not known; otherwise the donor's organisation.",
        max_length=12,
    )

    _no_person = field_validator(
        "din", "donor_unknown_reason", "donor_unknown_source", "collection_site", "arrival_condition",
        "acceptance_reason", "procedure", "screening_document", mode="before",
    )(refuse_national_code)  # fmt: skip

    def run(self, db: Writing) -> None:
        """Write the donation, its donors and the lots that were used."""
        self._refuse_half_known()
        donors = finding.donors_called(db, self.donors)
        owner = donors[0].organisation_id if donors else owner_called(db, self.organisation)
        donation = Donation(
            organisation_id=owner,
            code=finding.free_number(db, "DON", Donation.code),
            is_donor_unknown=not donors,
            accepted_by=None if self.acceptance is Acceptance.PENDING else db.event_seq,
            **self._times_and_temperature(db.setting.site_zone),
            **self.model_dump(include=KEPT_AS_GIVEN),
        )
        db.add(donation)
        db.flush()
        self._link(db, donation, donors)
        finding.remember_words(db, "donation", donation.id, owner, [donation.code, donation.din])

    def _refuse_half_known(self) -> None:
        if self.donors and (self.donor_unknown_reason or self.donor_unknown_source):
            raise Invalid(
                "Either name the donors or say why none is known, not both.", field="donor_unknown_reason"
            )
        if not self.donors and not self.donor_unknown_reason:
            raise Invalid("Name the donor, or say why the donor is not known.", field="donors")
        if not self.donors and not self.donor_unknown_source:
            raise Invalid("Say who or what says that the donor is not known.", field="donor_unknown_source")
        if self.age_years is not None and len(self.donors) > 1:
            raise Invalid("Several donors have no single age: give an age band or none.", field="age_years")
        if self.age_years is not None and self.age_band is not None:
            raise Invalid("Give the age in years or its band, not both.", field="age_band")

    def _times_and_temperature(self, zone: str) -> dict[str, Any]:
        collected_at, precision = read_when(self.collected, zone, "collected")
        arrived_at, _ = read_when(self.arrived, zone, "arrived")
        if collected_at and arrived_at and arrived_at < collected_at:
            raise Invalid("It cannot have arrived before it was collected.", field="arrived")
        celsius = self.arrival_temperature_c
        if celsius is not None and celsius * 100 % 1:
            raise Invalid(
                "{value} is finer than a hundredth of a degree.",
                field="arrival_temperature_c",
                value=str(celsius),
            )
        return {
            "collected_at": collected_at,
            "collected_precision": precision,
            "arrived_at": arrived_at,
            "arrival_centi_c": None if celsius is None else int(celsius * 100),
        }

    def _link(self, db: Writing, donation: Donation, donors: list[Donor]) -> None:
        owner: UUID = donation.organisation_id
        for donor in donors:
            db.add(
                DonationDonor(
                    organisation_id=owner,
                    donation_id=donation.id,
                    donor_id=donor.id,
                    age_years=self.age_years,
                    age_band=self.age_band,
                )
            )
        for lot in lots_called(db, self.materials):
            db.add(DonationMaterial(organisation_id=owner, donation_id=donation.id, material_lot_id=lot.id))


class AnnulDonation(Command):
    """Annul a donation that was recorded by mistake; it stays to be seen, and what was made of it says so."""

    records: ClassVar[str] = "donations.annulled"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Annul a donation"
    needs_reason: ClassVar[bool] = True

    donation: str = Field(title="Donation", min_length=1, max_length=40)

    def run(self, db: Writing) -> None:
        """Mark it and its links with this event."""
        donation = finding.donation_called(db, self.donation)
        donation.annulled_by = db.event_seq
        links = sa.select(DonationDonor).where(
            DonationDonor.donation_id == donation.id, DonationDonor.annulled_by.is_(None)
        )
        for link in db.scalars(links):
            link.annulled_by = db.event_seq
        finding.remember_words(db, "donation", donation.id, donation.organisation_id, [])
