from __future__ import annotations

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.domains.donors import queries
from cellbank.domains.donors.commands import CorrectDonor, RegisterDonor
from cellbank.domains.donors.models import Donor, DonorKind, Sex
from tests.origin import KEEPER, do, donor, only

NATIONAL_CODE = "0010350829"


def test_a_donor_gets_the_next_number(database):
    assert donor().code == "D-0001"
    assert donor().code == "D-0002"


def test_a_code_given_by_hand_is_kept_and_its_number_is_not_given_again(database):
    assert donor(code="D-0001", depositor_code="TUMS-7").code == "D-0001"
    assert donor().code == "D-0002"


def test_a_code_is_given_once_whatever_its_case(database):
    donor(code="Cord-7")
    with pytest.raises(Refused, match="already has the code Cord-7"):
        do(RegisterDonor(code="CORD-7", kind=DonorKind.RESEARCH))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("written", [NATIONAL_CODE, "۰۰۱۰۳۵۰۸۲۹", "001-035082-9"])
@pytest.mark.parametrize("field", ["code", "note", "depositor_code"])
def test_a_national_code_is_refused_and_the_field_is_named(field, written):
    text = written if field != "note" else f"mother {written}, ward 3"
    with pytest.raises(Invalid, match="national code") as refused:
        RegisterDonor(kind=DonorKind.ALLOGENEIC, **{field: text})
    assert refused.value.field == field


def test_ten_digits_that_are_no_national_code_are_kept(database):
    assert donor(depositor_code="0010350828").depositor_code == "0010350828"


def test_a_correction_needs_its_reason_and_keeps_the_code(database):
    donor(code="D-7", note="cord")
    change = CorrectDonor(donor="D-7", kind=DonorKind.RESEARCH, sex=Sex.FEMALE)
    with pytest.raises(Invalid, match="needs a reason"):
        do(change)
    do(change, reason="the form says research")
    found = only(Donor, code="D-7")
    assert (found.kind, found.sex, found.note, found.version) == (DonorKind.RESEARCH, Sex.FEMALE, None, 2)


def test_the_list_is_searched_by_the_beginning_of_a_code(database):
    donor(code="D-0007")
    donor(code="D-0012", depositor_code="TUMS-7")
    with work.reading(KEEPER) as db:
        assert [r.donor.code for r in queries.donors(db, text="d-000")[0]] == ["D-0007"]
        assert [r.donor.code for r in queries.donors(db, text="tums-۷")[0]] == ["D-0012"]
        assert queries.donors(db, text="x")[1] == 0
        assert queries.donors(db)[1] == 2


def test_another_organisation_sees_no_donor_of_the_bank(database, cast):
    donor(code="D-7")
    theirs = donor(code="C-1", organisation="Celltech")
    assert theirs.organisation_id == cast.celltech.id
    with work.reading(cast.charlie) as db:
        assert [row.donor.code for row in queries.donors(db)[0]] == ["C-1"]
        with pytest.raises(NotFound):
            queries.donor(db, "D-7")


def test_a_technician_registers_no_donor(database, cast):
    with pytest.raises(NotPermitted):
        do(RegisterDonor(kind=DonorKind.ALLOGENEIC), cast.alice)
    assert do(RegisterDonor(kind=DonorKind.ALLOGENEIC), cast.carol).name == "donors.registered"
