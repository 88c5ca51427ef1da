"""What donors agreed to, and its withdrawal."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, field_validator

from cellbank.core.choices import Worded
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.donors import finding
from cellbank.domains.donors.models import CONSENT_SCOPES, Consent, DonationDonor, WithdrawalEffect
from cellbank.domains.donors.pseudonyms import refuse_national_code


class ConsentLanguage(Worded):
    """The language in which a consent was explained and signed."""

    PERSIAN = "fa", Message("Persian")
    AZERBAIJANI = "az", Message("Azerbaijani")
    KURDISH = "ku", Message("Kurdish")
    ARABIC = "ar", Message("Arabic")
    ENGLISH = "en", Message("English")
    OTHER = "other", Message("Another language")


class RecordConsent(Command):
    """Record what a donor agreed to: which version of which form, and each scope on its own."""

    records: ClassVar[str] = "consents.recorded"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Record a consent"

    donor: str = Field(title="Donor", min_length=1, max_length=40)
    donation: str | None = Field(
        default=None, title="Donation", description="Empty: for every donation of the donor.", max_length=40
    )
    form: str = Field(title="Consent form", description="Its name or number.", min_length=1, max_length=120)
    form_version: str = Field(title="Version", min_length=1, max_length=40)
    language: ConsentLanguage = Field(title="Language")
    given_on: date = Field(title="Given on")
    given_by_guardian: bool = Field(default=False, title="A guardian signed")
    document_sha256: str | None = Field(
        default=None,
        title="SHA-256 of the scan",
        description="The scan itself is kept elsewhere.",
        pattern="^[0-9a-f]{64}$",
    )
    allows_bank_storage: bool = Field(default=False, title="Keep it in the bank")
    allows_research_in_country: bool = Field(default=False, title="Research in this country")
    allows_export: bool = Field(default=False, title="Export to other countries")
    allows_commercial_use: bool = Field(default=False, title="Commercial use")
    allows_genetic_sequencing: bool = Field(default=False, title="Genetic sequencing")
    allows_animal_chimera: bool = Field(default=False, title="Animal chimeras")
    allows_germline_or_embryo: bool = Field(default=False, title="Germ line or embryo research")
    allows_clinical_use: bool = Field(default=False, title="Clinical use")
    allows_recontact: bool = Field(default=False, title="Contact the donor again")
    allows_incidental_findings: bool = Field(default=False, title="Tell the donor incidental findings")
    allows_data_sharing: bool = Field(default=False, title="Share the data")

    _no_person = field_validator("form", "form_version", mode="before")(refuse_national_code)

    def run(self, db: Writing) -> None:
        """Add the consent; a newer one for the same donation stands before the older, which stays."""
        donor = finding.donors_called(db, [self.donor])[0]
        if self.given_on > db.recorded_at.date():
            raise Invalid(
                "It cannot have been given in the future: {day}", field="given_on", day=self.given_on
            )
        donation_id = self._donation_id(db, donor.id)
        older = db.scalar(
            sa.select(Consent.id)
            .where(
                Consent.donor_id == donor.id,
                Consent.donation_id.is_not_distinct_from(donation_id),
                Consent.annulled_by.is_(None),
                Consent.withdrawn_on.is_(None),
            )
            .order_by(Consent.given_on.desc(), Consent.id.desc())
            .limit(1)
        )
        kept = {"form", "form_version", "given_on", "given_by_guardian", "document_sha256", *CONSENT_SCOPES}
        db.add(
            Consent(
                organisation_id=donor.organisation_id,
                donor_id=donor.id,
                donation_id=donation_id,
                replaces_id=older,
                language=self.language.value,
                **self.model_dump(include=kept),
            )
        )

    def _donation_id(self, db: Writing, donor_id: UUID) -> UUID | None:
        if not self.donation:
            return None
        donation = finding.donation_called(db, self.donation)
        theirs = sa.select(DonationDonor.id).where(
            DonationDonor.donation_id == donation.id,
            DonationDonor.donor_id == donor_id,
            DonationDonor.annulled_by.is_(None),
        )
        if db.scalar(theirs) is None:
            raise Refused(
                "{donation} is not a donation of {donor}.",
                donation=donation.code,
                donor=self.donor,
                about=[donation],
            )
        return donation.id


class WithdrawConsent(Command):
    """Record that a donor withdrew a consent, and what they ask for; nothing is deleted."""

    records: ClassVar[str] = "consents.withdrawn"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Record a withdrawal"

    consent: UUID = Field(title="Consent")
    withdrawal_effect: WithdrawalEffect = Field(title="What the donor asks for")
    withdrawn_on: date | None = Field(default=None, title="Withdrawn on", description="Empty: today.")

    def run(self, db: Writing) -> None:
        """Write the day and the effect; what it means for vials follows from here."""
        consent = _consent(db, self.consent)
        today = db.recorded_at.date()
        on = self.withdrawn_on or today
        if consent.withdrawn_on is not None:
            raise Refused("It was already withdrawn on {day}.", day=consent.withdrawn_on, about=[consent])
        if on > today:
            raise Invalid("It cannot have been withdrawn in the future: {day}", field="withdrawn_on", day=on)
        if on < consent.given_on:
            raise Invalid("It was given only on {day}.", field="withdrawn_on", day=consent.given_on)
        consent.withdrawn_on, consent.withdrawal_effect = on, self.withdrawal_effect
        consent.withdrawn_by = db.event_seq


class AnnulConsent(Command):
    """Annul a consent that was recorded by mistake: under the wrong donor, or twice."""

    records: ClassVar[str] = "consents.annulled"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Annul a consent"
    needs_reason: ClassVar[bool] = True

    consent: UUID = Field(title="Consent")

    def run(self, db: Writing) -> None:
        """Mark it with this event."""
        _consent(db, self.consent).annulled_by = db.event_seq


def _consent(db: Writing, key: UUID) -> Consent:
    """The consent, locked. :raises NotFound: there is none. :raises Refused: it was annulled."""
    db.lock(Consent, [key])
    found = required(db.scalar(sa.select(Consent).where(Consent.id == key)), str(key))
    if found.annulled_by is not None:
        raise Refused("This consent was annulled: it was recorded by mistake.", about=[found])
    return found
