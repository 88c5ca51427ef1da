from __future__ import annotations

import pytest

from cellbank.core.errors import Invalid, Refused
from cellbank.domains.donors.commands import (
    AnnulInfectiousResult,
    DecideAcceptance,
    DecideEligibility,
    RecordInfectiousResult,
)
from cellbank.domains.donors.models import (
    Acceptance,
    Donation,
    Eligibility,
    InfectiousResult,
    InfectiousStatus,
)
from cellbank.domains.storage.models import Agent
from tests.origin import TESTED, do, donation, donor, every, only

ELIGIBLE = DecideEligibility(donation="DON-0001", eligibility=Eligibility.ELIGIBLE)


def found(agent, status=InfectiousStatus.NEGATIVE, **more):
    return do(RecordInfectiousResult(donation="DON-0001", agent=agent, status=status, **more))


def test_not_tested_is_not_negative(database):
    donation()
    for agent in TESTED[:-1]:
        found(agent)
    found(TESTED[-1], InfectiousStatus.NOT_TESTED)
    with pytest.raises(Refused, match="no negative result") as refused:
        do(ELIGIBLE)
    assert [word.id for word in refused.value.message.values["agents"]] == ["Syphilis"]
    found(TESTED[-1])
    do(ELIGIBLE)
    decided = only(Donation)
    assert decided.eligibility is Eligibility.ELIGIBLE
    assert decided.eligibility_decided_by_id is not None


def test_a_positive_result_stands_against_a_negative_repeat_until_it_is_annulled(database):
    donation()
    for agent in TESTED:
        found(agent)
    found(Agent.CMV, InfectiousStatus.POSITIVE)
    found(Agent.CMV)
    with pytest.raises(Refused, match="positive or unclear"):
        do(ELIGIBLE)
    wrong = every(InfectiousResult, agent=Agent.CMV, status=InfectiousStatus.POSITIVE)[0]
    do(AnnulInfectiousResult(result=wrong.id), reason="the report is another donation's")
    do(ELIGIBLE)


def test_a_refused_decision_changes_nothing(database):
    donation()
    with pytest.raises(Refused):
        do(ELIGIBLE)
    assert only(Donation).eligibility is Eligibility.PENDING


@pytest.mark.sqlite_only
@pytest.mark.parametrize("decision", [Eligibility.INELIGIBLE, Eligibility.EXEMPT])
def test_some_decisions_say_why(database, decision):
    donation()
    with pytest.raises(Invalid, match="Say why"):
        do(DecideEligibility(donation="DON-0001", eligibility=decision))
    do(DecideEligibility(donation="DON-0001", eligibility=decision, eligibility_reason="autologous"))
    assert only(Donation).eligibility is decision


@pytest.mark.sqlite_only
def test_acceptance_is_decided_later_and_can_be_taken_back(database):
    donation()
    with pytest.raises(Invalid, match="why it is rejected"):
        do(DecideAcceptance(donation="DON-0001", acceptance=Acceptance.REJECTED))
    do(DecideAcceptance(donation="DON-0001", acceptance=Acceptance.ACCEPTED))
    assert only(Donation).accepted_by is not None
    do(DecideAcceptance(donation="DON-0001", acceptance=Acceptance.PENDING))
    assert only(Donation).accepted_by is None


@pytest.mark.sqlite_only
def test_another_agent_is_named(database):
    donation()
    with pytest.raises(Invalid, match="Name the other agent"):
        found(Agent.OTHER)
    found(Agent.OTHER, agent_other="Coxiella burnetii")


@pytest.mark.sqlite_only
def test_a_result_is_of_a_donor_of_this_donation(database):
    donor(code="D-1"), donor(code="D-2")
    donation("D-1")
    with pytest.raises(Refused, match="not a donation of D-2"):
        found(Agent.CMV, donor="D-2")
    found(Agent.CMV, donor="D-1")
    assert only(InfectiousResult).donor_id is not None
