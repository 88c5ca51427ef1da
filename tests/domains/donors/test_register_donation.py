from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.core.journal import EventSubject
from cellbank.core.model import Precision
from cellbank.domains.donors import queries
from cellbank.domains.donors.commands import AnnulDonation, RegisterDonation
from cellbank.domains.donors.models import (
    Acceptance,
    AgeBand,
    Donation,
    DonationDonor,
    DonationMaterial,
    Donor,
)
from cellbank.domains.materials.commands import AddMaterial, ReceiveMaterialLot
from cellbank.domains.materials.models import MaterialKind
from tests.origin import KEEPER, do, donation, donor, every, only


def test_a_donation_is_linked_to_its_donor_and_stands_in_the_donors_story(database):
    given = donor(code="D-7")
    event = do(RegisterDonation(donors=("D-7",), tissue="cord", age_years=31, din="G12341765432170"))
    found = only(Donation)
    assert (found.code, found.is_donor_unknown, found.organisation_id) == (
        "DON-0001",
        False,
        given.organisation_id,
    )
    assert only(DonationDonor).age_years == 31
    with work.reading(KEEPER) as db:
        about = db.query(EventSubject.kind, EventSubject.subject_id).filter_by(event_seq=event.seq).all()
    assert ("donor", given.id) in {tuple(row) for row in about}


def test_several_donors_make_a_pool_with_an_age_band_but_no_age(database):
    donor(code="D-1"), donor(code="D-2")
    with pytest.raises(Invalid, match="no single age"):
        do(RegisterDonation(donors=("D-1", "D-2"), tissue="marrow", age_years=30))
    donation("D-1", "D-2", tissue="marrow", age_band=AgeBand.AGE_30_39)
    assert [link.age_band for link in every(DonationDonor)] == [AgeBand.AGE_30_39] * 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "donors"),
        ({"donor_unknown_reason": "a deposit"}, "donor_unknown_source"),
        ({"donors": ("D-1",), "donor_unknown_reason": "a deposit"}, "donor_unknown_reason"),
    ],
)
@pytest.mark.sqlite_only
def test_an_unknown_donor_needs_reason_and_source_and_is_never_half_known(database, said, field):
    donor(code="D-1")
    with pytest.raises(Invalid) as refused:
        do(RegisterDonation(tissue="cervix", **said))
    assert refused.value.field == field
    assert every(Donation) == []


def test_not_known_makes_no_dummy_donor(database):
    found = donation(tissue="cervix")
    assert found.is_donor_unknown
    assert every(Donor) == []


@pytest.mark.parametrize(
    ("typed", "moment", "precision"),
    [
        ("1392", datetime(2013, 3, 20, 20, 30, tzinfo=UTC), Precision.YEAR),
        ("خرداد ۱۳۹۲", datetime(2013, 5, 21, 19, 30, tzinfo=UTC), Precision.MONTH),
        ("2013-05", datetime(2013, 4, 30, 19, 30, tzinfo=UTC), Precision.MONTH),
        ("1405/03/12", datetime(2026, 6, 1, 20, 30, tzinfo=UTC), Precision.DAY),
        ("1405/03/12 09:14", datetime(2026, 6, 2, 5, 44, tzinfo=UTC), Precision.MINUTE),
        (None, None, Precision.UNKNOWN),
    ],
)
def test_a_time_is_kept_as_exactly_as_it_is_known(database, typed, moment, precision):
    found = donation(collected=typed)
    assert (found.collected_at, found.collected_precision) == (moment, precision)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("typed", ["yesterday", "1405/13/01", "31.02.2026"])
def test_what_is_no_time_is_refused(database, typed):
    with pytest.raises(Invalid, match="neither a day nor a month nor a year"):
        donation(collected=typed)


def test_it_does_not_arrive_before_it_was_collected(database):
    with pytest.raises(Invalid, match="before it was collected"):
        donation(collected="2026-03-02 10:00", arrived="2026-03-02 09:00")


def test_arrival_is_kept_in_hundredths_of_a_degree(database):
    found = donation(arrival_temperature_c=Decimal("-3.55"), acceptance=Acceptance.ACCEPTED)
    assert found.arrival_centi_c == -355
    assert found.accepted_by is not None
    with pytest.raises(Invalid, match="finer than a hundredth"):
        donation(arrival_temperature_c=Decimal("4.001"))


def test_donors_of_two_organisations_share_no_donation(database, cast):
    donor(code="D-1"), donor(code="C-1", organisation="Celltech")
    with pytest.raises(Refused, match="belong to one organisation"):
        donation("D-1", "C-1")


def test_an_unknown_donor_code_is_not_found(database):
    with pytest.raises(NotFound, match="D-99"):
        donation("D-99")


def test_the_lots_that_were_used_are_linked(database):
    do(AddMaterial(kind=MaterialKind.ANTICOAGULANT, name="CPD", supplier="Macopharma"))
    do(ReceiveMaterialLot(material="CPD", lot="A-17"))
    donation(materials=("A-17",))
    assert len(every(DonationMaterial)) == 1


def test_an_annulled_donation_leaves_the_lists_but_stays(database):
    donor(code="D-1")
    found = donation("D-1")
    do(AnnulDonation(donation=found.code), reason="entered twice")
    with work.reading(KEEPER) as db:
        assert queries.donations(db) == ([], 0)
        assert queries.donations_of(db, only(Donor).id) == []
        assert queries.donation(db, found.code).donation.annulled_by is not None
    with pytest.raises(Refused, match="annulled"):
        do(AnnulDonation(donation=found.code), reason="again")
