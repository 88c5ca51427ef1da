"""Tables of donors, donations, consents and infectious results."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

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
from cellbank.domains.storage.models import Agent


class DonorKind(Worded):
    """For whom the cells are meant."""

    AUTOLOGOUS = "autologous", Message("Autologous")
    ALLOGENEIC = "allogeneic", Message("Allogeneic")
    RESEARCH = "research", Message("For research")


class Sex(Worded):
    """Sex of a donor or of a line's source."""

    FEMALE = "female", Message("Female")
    MALE = "male", Message("Male")
    UNKNOWN = "unknown", Message("Not known")


class Donor(OrganisationOwned, Annullable, Recorded):
    """A person or animal that gave tissue, by code alone: the link to a name is kept elsewhere."""

    __tablename__ = "donor"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_donor_code"),)

    code: Mapped[str]  # D-0031; never made from a name or number of the person, 21 CFR 1271.290
    kind: Mapped[DonorKind]
    species: Mapped[str] = mapped_column(default="Homo sapiens")
    strain: Mapped[str | None] = mapped_column(default=None)
    sex: Mapped[Sex] = mapped_column(default=Sex.UNKNOWN)
    ethnicity: Mapped[str | None] = mapped_column(default=None)  # only if consented
    depositor_code: Mapped[str | None] = mapped_column(default=None)  # the hospital's own pseudonym, verbatim
    note: Mapped[str | None] = mapped_column(default=None)


class Acceptance(Worded):
    """What was decided when a donation arrived."""

    PENDING = "pending", Message("Not decided yet")
    ACCEPTED = "accepted", Message("Accepted")
    REJECTED = "rejected", Message("Rejected")
    QUARANTINED = "quarantined", Message("Quarantined")


class Eligibility(Worded):
    """Whether a donation may be used in people; autologous and research material may be exempt."""

    PENDING = "pending", Message("Not decided yet")
    ELIGIBLE = "eligible", Message("Eligible")
    INELIGIBLE = "ineligible", Message("Not eligible")
    INCOMPLETE = "incomplete", Message("Incomplete")
    EXEMPT = "exempt", Message("Exempt")


class Donation(OrganisationOwned, Annullable, Recorded):
    """One collection of tissue: what, when, where, how it arrived and what was decided about it."""

    __tablename__ = "donation"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_donation_code"),
        sa.CheckConstraint(
            "NOT is_donor_unknown OR donor_unknown_reason IS NOT NULL", name="unknown_says_why"
        ),
    )

    code: Mapped[str]  # the bank's own: DON-0012
    din: Mapped[str | None] = mapped_column(
        index=True, default=None
    )  # ISBT 128 donation identification number
    is_donor_unknown: Mapped[bool] = mapped_column(default=False)  # never a dummy donor
    donor_unknown_reason: Mapped[str | None] = mapped_column(default=None)
    donor_unknown_source: Mapped[str | None] = mapped_column(default=None)  # paper or person that says so

    tissue: Mapped[str]
    procedure: Mapped[str | None] = mapped_column(default=None)
    collected_at: Mapped[datetime | None] = mapped_column(default=None)
    collected_precision: Mapped[Precision] = mapped_column(default=Precision.UNKNOWN)
    collection_ended_at: Mapped[datetime | None] = mapped_column(default=None)
    collection_site: Mapped[str | None] = mapped_column(default=None)
    collector: Mapped[str | None] = mapped_column(default=None)
    ethics_code: Mapped[str | None] = mapped_column(
        default=None
    )  # IR.<institution>.REC.<Jalali year>.<number>
    ischaemia_minutes: Mapped[int | None] = mapped_column(default=None)
    transport_minutes: Mapped[int | None] = mapped_column(default=None)
    container_used: Mapped[str | None] = mapped_column(default=None)  # bag, tube, pot
    amount_ul: Mapped[int | None] = mapped_column(default=None)
    amount_mg: Mapped[int | None] = mapped_column(default=None)

    arrived_at: Mapped[datetime | None] = mapped_column(default=None)
    arrival_centi_c: Mapped[int | None] = mapped_column(default=None)
    arrival_condition: Mapped[str | None] = mapped_column(default=None)
    acceptance: Mapped[Acceptance] = mapped_column(default=Acceptance.PENDING)
    acceptance_reason: Mapped[str | None] = mapped_column(default=None)
    accepted_by: Mapped[int | None] = mapped_column(by_event(), default=None)

    eligibility: Mapped[Eligibility] = mapped_column(default=Eligibility.PENDING)
    eligibility_reason: Mapped[str | None] = mapped_column(default=None)
    eligibility_decided_by_id: Mapped[UUID | None] = mapped_column(refers_to("principal"), default=None)
    eligibility_decided_on: Mapped[date | None] = mapped_column(default=None)
    was_screened: Mapped[bool] = mapped_column(default=False)  # the questionnaire was filled in
    screening_document: Mapped[str | None] = mapped_column(default=None)


class AgeBand(Worded):
    """Age at donation where the year would say too much."""

    FETAL = "fetal", Message("Fetal")
    NEWBORN = "newborn", Message("Newborn")
    CHILD = "child", Message("Child")
    AGE_18_29 = "18-29", Message("18–29 years")
    AGE_30_39 = "30-39", Message("30–39 years")
    AGE_40_49 = "40-49", Message("40–49 years")
    AGE_50_59 = "50-59", Message("50–59 years")
    AGE_60_69 = "60-69", Message("60–69 years")
    AGE_70_PLUS = "70+", Message("70 years and more")


class DonationDonor(OrganisationOwned, Annullable, Recorded):
    """A donor of a donation; a pooled donation has several."""

    __tablename__ = "donation_donor"
    __table_args__ = (
        same_organisation("donation_id", "donation"),
        same_organisation("donor_id", "donor"),
        unique_while("annulled_by IS NULL", "uq_donation_donor_pair", "donation_id", "donor_id"),
    )
    SUBJECTS = ("donation_id", "donor_id")

    donation_id: Mapped[UUID]
    donor_id: Mapped[UUID] = mapped_column(index=True)
    age_years: Mapped[int | None] = mapped_column(default=None)  # at donation
    age_band: Mapped[AgeBand | None] = mapped_column(default=None)  # instead of the years


class DonationMaterial(OrganisationOwned, Annullable, Recorded):
    """A material lot used at a donation: anticoagulant, medium, bag."""

    __tablename__ = "donation_material"
    __table_args__ = (same_organisation("donation_id", "donation"),)
    SUBJECTS = ("donation_id", "material_lot_id")

    donation_id: Mapped[UUID] = mapped_column(index=True)
    material_lot_id: Mapped[UUID] = mapped_column(refers_to("material_lot"), index=True)


class WithdrawalEffect(Worded):
    """What a withdrawal of consent asks for."""

    NO_CONTACT = "no_contact", Message("No further contact")
    NO_NEW_USE = "no_new_use", Message("No new use")
    DESTROY_REMAINING = "destroy_remaining", Message("No new use, and what remains is destroyed")


CONSENT_SCOPES = (
    "allows_bank_storage",
    "allows_research_in_country",
    "allows_export",
    "allows_commercial_use",
    "allows_genetic_sequencing",
    "allows_animal_chimera",
    "allows_germline_or_embryo",
    "allows_clinical_use",
    "allows_recontact",
    "allows_incidental_findings",
    "allows_data_sharing",
)
"""What a donor is asked, each on its own (ISSCR and ICLAC practice)."""


class Consent(OrganisationOwned, Annullable, Recorded):
    """What a donor agreed to, on which version of which form, and its withdrawal; no: refused or unasked."""

    __tablename__ = "consent"
    __table_args__ = (
        same_organisation("donor_id", "donor"),
        same_organisation("donation_id", "donation"),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawal_effect IS NULL)", name="withdrawal_says_what_it_asks"
        ),
    )
    SUBJECTS = ("id", "donor_id", "donation_id")

    donor_id: Mapped[UUID] = mapped_column(index=True)
    donation_id: Mapped[UUID | None] = mapped_column(
        index=True, default=None
    )  # none: for all donations of the donor
    form: Mapped[str]  # which form
    form_version: Mapped[str]
    language: Mapped[str]  # the language it was explained and signed in
    given_on: Mapped[date]
    given_by_guardian: Mapped[bool] = mapped_column(default=False)
    document_sha256: Mapped[str | None] = mapped_column(default=None)  # of the scan, kept elsewhere
    replaces_id: Mapped[UUID | None] = mapped_column(refers_to("consent"), default=None)

    allows_bank_storage: Mapped[bool] = mapped_column(default=False)
    allows_research_in_country: Mapped[bool] = mapped_column(default=False)
    allows_export: Mapped[bool] = mapped_column(default=False)
    allows_commercial_use: Mapped[bool] = mapped_column(default=False)
    allows_genetic_sequencing: Mapped[bool] = mapped_column(default=False)
    allows_animal_chimera: Mapped[bool] = mapped_column(default=False)
    allows_germline_or_embryo: Mapped[bool] = mapped_column(default=False)
    allows_clinical_use: Mapped[bool] = mapped_column(default=False)
    allows_recontact: Mapped[bool] = mapped_column(default=False)
    allows_incidental_findings: Mapped[bool] = mapped_column(default=False)
    allows_data_sharing: Mapped[bool] = mapped_column(default=False)

    withdrawn_on: Mapped[date | None] = mapped_column(default=None)
    withdrawal_effect: Mapped[WithdrawalEffect | None] = mapped_column(default=None)
    withdrawn_by: Mapped[int | None] = mapped_column(by_event(), default=None)


class InfectiousStatus(Worded):
    """What is known about an agent; no row at all also means not tested."""

    NOT_TESTED = "not_tested", Message("Not tested")
    NEGATIVE = "negative", Message("Negative")
    POSITIVE = "positive", Message("Positive")
    INDETERMINATE = "indeterminate", Message("Indeterminate")


class InfectiousResult(OrganisationOwned, Annullable, Recorded):
    """One result for one agent, of a donation's sample; a repeat is another row, both stay."""

    __tablename__ = "infectious_result"
    __table_args__ = (
        same_organisation("donation_id", "donation"),
        same_organisation("donor_id", "donor"),
    )
    SUBJECTS = ("donation_id", "donor_id")

    donation_id: Mapped[UUID] = mapped_column(index=True)
    donor_id: Mapped[UUID | None] = mapped_column(index=True, default=None)  # whose sample; none for a pool
    agent: Mapped[Agent]
    agent_other: Mapped[str | None] = mapped_column(default=None)  # where the agent is "other"
    status: Mapped[InfectiousStatus]
    assay: Mapped[str | None] = mapped_column(default=None)
    kit_lot: Mapped[str | None] = mapped_column(default=None)
    laboratory: Mapped[str | None] = mapped_column(default=None)
    sampled_on: Mapped[date | None] = mapped_column(default=None)
    reported_on: Mapped[date | None] = mapped_column(default=None)
    document: Mapped[str | None] = mapped_column(default=None)  # the report's number
