"""Results of infectious agents, each added, none edited."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, field_validator

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.donors import finding
from cellbank.domains.donors.models import DonationDonor, InfectiousResult, InfectiousStatus
from cellbank.domains.donors.pseudonyms import refuse_national_code
from cellbank.domains.donors.words import agent_choices
from cellbank.domains.storage.models import Agent


class RecordInfectiousResult(Command):
    """Record what a laboratory found of one agent; not tested is not negative, and a repeat stands beside the first."""

    records: ClassVar[str] = "donations.result_recorded"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Record an infectious result"

    donation: str = Field(title="Donation", min_length=1, max_length=40)
    donor: str | None = Field(
        default=None, title="Donor", description="Whose sample it was; empty for a pool.", max_length=40
    )
    agent: Agent = Field(title="Agent", json_schema_extra={"choices": agent_choices()})  # type: ignore[dict-item]
    agent_other: str | None = Field(
        default=None, title="Which other agent", description="Where it is not in the list.", max_length=120
    )
    status: InfectiousStatus = Field(title="Result")
    assay: str | None = Field(default=None, title="Assay", max_length=200)
    kit_lot: str | None = Field(default=None, title="Lot of the kit", max_length=80)
    laboratory: str | None = Field(default=None, title="Laboratory", max_length=200)
    sampled_on: date | None = Field(default=None, title="Sampled on")
    reported_on: date | None = Field(default=None, title="Reported on")
    document: str | None = Field(default=None, title="Number of the report", max_length=120)

    _no_person = field_validator("document", "agent_other", "assay", mode="before")(refuse_national_code)

    def run(self, db: Writing) -> None:
        """Add the result."""
        if (self.agent is Agent.OTHER) != bool(self.agent_other):
            raise Invalid("Name the other agent, and only where it is not in the list.", field="agent_other")
        if self.sampled_on and self.reported_on and self.reported_on < self.sampled_on:
            raise Invalid("It cannot have been reported before it was sampled.", field="reported_on")
        donation = finding.donation_called(db, self.donation)
        kept = {
            "agent", "agent_other", "status", "assay", "kit_lot", "laboratory", "sampled_on", "reported_on", "document",
        }  # fmt: skip
        db.add(
            InfectiousResult(
                organisation_id=donation.organisation_id,
                donation_id=donation.id,
                donor_id=self._donor_id(db, donation.id),
                **self.model_dump(include=kept),
            )
        )

    def _donor_id(self, db: Writing, donation_id: UUID) -> UUID | None:
        if not self.donor:
            return None
        donor = finding.donors_called(db, [self.donor])[0]
        gave = sa.select(DonationDonor.id).where(
            DonationDonor.donation_id == donation_id, DonationDonor.donor_id == donor.id
        )
        if db.scalar(gave.limit(1)) is None:
            raise Refused(
                "{donation} is not a donation of {donor}.",
                donation=self.donation,
                donor=donor.code,
                about=[donor],
            )
        return donor.id


class AnnulInfectiousResult(Command):
    """Annul a result that was recorded by mistake: of another sample, or mistyped."""

    records: ClassVar[str] = "donations.result_annulled"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Annul a result"
    needs_reason: ClassVar[bool] = True

    result: UUID = Field(title="Result")

    def run(self, db: Writing) -> None:
        """Mark it with this event."""
        db.lock(InfectiousResult, [self.result])
        found = required(
            db.scalar(sa.select(InfectiousResult).where(InfectiousResult.id == self.result)), str(self.result)
        )
        if found.annulled_by is not None:
            raise Refused("This result was already annulled.", about=[found])
        found.annulled_by = db.event_seq
