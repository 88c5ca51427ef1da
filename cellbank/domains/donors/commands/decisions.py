"""What is decided about a donation: whether it is accepted, and whether it may be used in people."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field, field_validator

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.donors import finding
from cellbank.domains.donors.models import (
    Acceptance,
    Donation,
    Eligibility,
    InfectiousResult,
    InfectiousStatus,
)
from cellbank.domains.donors.pseudonyms import refuse_national_code
from cellbank.domains.donors.words import agent_word
from cellbank.domains.storage.models import Agent

MUST_BE_NEGATIVE = (Agent.HIV_1_2, Agent.HEPATITIS_B, Agent.HEPATITIS_C, Agent.SYPHILIS)
"""What every donor of cells for people is tested for (21 CFR 1271.85(a))."""


class DecideAcceptance(Command):
    """Decide about a donation that arrived: accepted, rejected or into quarantine."""

    records: ClassVar[str] = "donations.acceptance_decided"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Decide about acceptance"

    donation: str = Field(title="Donation", min_length=1, max_length=40)
    acceptance: Acceptance = Field(title="Acceptance")
    acceptance_reason: str | None = Field(default=None, title="Why so decided", max_length=400)

    _no_person = field_validator("acceptance_reason", mode="before")(refuse_national_code)

    def run(self, db: Writing) -> None:
        """Write the decision and the event that made it."""
        donation = finding.donation_called(db, self.donation)
        if self.acceptance is Acceptance.REJECTED and not self.acceptance_reason:
            raise Invalid("Say why it is rejected.", field="acceptance_reason")
        donation.acceptance, donation.acceptance_reason = self.acceptance, self.acceptance_reason
        donation.accepted_by = None if self.acceptance is Acceptance.PENDING else db.event_seq


class DecideEligibility(Command):
    """Decide whether a donation may be used in people; the decision belongs to the donation, not to the person."""

    records: ClassVar[str] = "donations.eligibility_decided"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Decide about eligibility"

    donation: str = Field(title="Donation", min_length=1, max_length=40)
    eligibility: Eligibility = Field(title="Eligibility")
    eligibility_reason: str | None = Field(default=None, title="Why so decided", max_length=400)
    decided_on: date | None = Field(default=None, title="Decided on", description="Empty: today.")

    _no_person = field_validator("eligibility_reason", mode="before")(refuse_national_code)

    def run(self, db: Writing) -> None:
        """Write the decision; "eligible" needs negative results, and not tested is not negative."""
        donation = finding.donation_called(db, self.donation)
        today = db.recorded_at.date()
        if self.decided_on is not None and self.decided_on > today:
            raise Invalid(
                "It cannot have been decided in the future: {day}", field="decided_on", day=self.decided_on
            )
        if self.eligibility in (Eligibility.INELIGIBLE, Eligibility.EXEMPT) and not self.eligibility_reason:
            raise Invalid("Say why it was decided so.", field="eligibility_reason")
        if self.eligibility is Eligibility.ELIGIBLE:
            _refuse_without_negative_results(db, donation)
        is_decided = self.eligibility is not Eligibility.PENDING
        donation.eligibility, donation.eligibility_reason = self.eligibility, self.eligibility_reason
        donation.eligibility_decided_by_id = db.actor.principal_id if is_decided else None
        donation.eligibility_decided_on = (self.decided_on or today) if is_decided else None


def _refuse_without_negative_results(db: Writing, donation: Donation) -> None:
    """Nobody is eligible with a positive result, or without the results that must be negative."""
    results = db.execute(
        sa.select(InfectiousResult.agent, InfectiousResult.status).where(
            InfectiousResult.donation_id == donation.id, InfectiousResult.annulled_by.is_(None)
        )
    ).all()
    doubtful = {
        agent
        for agent, status in results
        if status in (InfectiousStatus.POSITIVE, InfectiousStatus.INDETERMINATE)
    }
    if doubtful:
        raise Refused(
            "{donation} cannot be eligible: a result is positive or unclear for {agents}.",
            donation=donation.code,
            agents=_in_words(doubtful),
            about=[donation],
        )
    untested = set(MUST_BE_NEGATIVE) - {
        agent for agent, status in results if status is InfectiousStatus.NEGATIVE
    }
    if untested:
        raise Refused(
            "{donation} cannot be eligible yet: there is no negative result for {agents}, and not tested is not"
            " negative.",
            donation=donation.code,
            agents=_in_words(untested),
            about=[donation],
        )


def _in_words(agents: set[Agent]) -> list[Message]:
    return [agent_word(agent) for agent in sorted(agents)]
