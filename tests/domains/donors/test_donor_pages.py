from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy as sa

from cellbank.domains.donors.commands import RecordConsent
from cellbank.domains.donors.commands.consents import ConsentLanguage
from cellbank.domains.donors.models import Consent, Donation, WithdrawalEffect
from tests.origin import do, donation, donor, line, only
from tests.pages import Browser, application, words_of

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def app(database_url, cast):
    return application(database_url)


def test_an_empty_list_says_what_to_do_in_both_languages(app, cast):
    assert "No donors yet" in Browser(app, cast.carol).read("/donors")
    persian = Browser(app, cast.carol, "fa").read("/donors")
    assert "هنوز اهداکننده‌ای ثبت نشده است" in persian
    assert "No donors yet" not in persian


def test_a_donor_is_registered_with_the_form_and_shown(app, cast):
    carol = Browser(app, cast.carol)
    assert "Never a name" in carol.read("/donors/new")
    where = carol.done(
        "/donors/new", key="k1", code="D-0031", kind="allogeneic", sex="female", species="Homo sapiens"
    )
    assert where == "/donors/D-0031"
    page = words_of(carol.read(where))
    assert "D-0031" in page
    assert "Register a donor" in page  # its story tells the act


def test_a_national_code_is_refused_at_its_field_and_what_was_typed_stays(app, cast):
    answer = Browser(app, cast.carol).post("/donors/new", kind="research", code="۰۰۱۰۳۵۰۸۲۹", note="cord")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This is an Iranian national code" in page
    assert 'id="f-code-error"' in page
    assert "cord" in page


def test_a_donation_of_nobody_known_has_its_own_page(app, cast):
    carol = Browser(app, cast.carol)
    where = carol.done(
        "/donations/new", key="k2", tissue="cervix", donor_unknown_reason="taken in 1951",
        donor_unknown_source="CVCL_0030",
        acceptance="pending", collected="1330",
    )  # fmt: skip
    page = words_of(carol.read(where))
    assert "Donor not known" in page
    assert "taken in 1951" in page
    assert "Donor not known" in words_of(carol.read("/donations"))
    assert only(Donation).is_donor_unknown


def test_a_donation_is_decided_and_tested_with_its_forms(app, cast):
    carol = Browser(app, cast.carol)
    donor(code="D-1")
    code = donation("D-1").code
    carol.done(f"/donations/{code}/results/new", agent="hiv_1_2", status="negative", donor="D-1")
    carol.done(f"/donations/{code}/acceptance", acceptance="accepted")
    refused = carol.post(f"/donations/{code}/eligibility", eligibility="eligible")
    assert refused.status_code == 409
    assert "Syphilis" in refused.get_data(as_text=True)
    page = words_of(carol.read(f"/donations/{code}"))
    assert "HIV 1 and 2" in page
    assert "Accepted" in page


def test_consents_are_a_clear_list_and_are_withdrawn_with_a_form(app, cast):
    carol = Browser(app, cast.carol)
    donor(code="D-1")
    carol.done(
        "/donors/D-1/consents/new", form="ICF-3", form_version="2", language="fa", given_on="1404/02/14",
        allows_clinical_use="true",
    )  # fmt: skip
    consent = only(Consent)
    assert (consent.given_on, consent.allows_clinical_use, consent.allows_export) == (
        date(2025, 5, 4),
        True,
        False,
    )
    assert "it no longer permits any use" in carol.read(f"/consents/{consent.id}/annulment")
    carol.done(f"/consents/{consent.id}/withdrawal", withdrawal_effect="no_new_use", withdrawn_on="")
    page = words_of(carol.read("/donors/D-1"))
    assert "No new use" in page
    assert only(Consent).withdrawal_effect is WithdrawalEffect.NO_NEW_USE


def test_the_lines_of_a_donor_are_shown(app, cast):
    donor(code="D-1")
    made = line("TABi005-A", donations=(donation("D-1").code,))
    child = line("TABi005-A-1", parents=(made.code,), parent_kind="subclone")
    page = words_of(Browser(app, cast.carol).read("/donors/D-1"))
    assert made.name in page
    assert child.name in page


def test_what_is_another_organisations_answers_like_what_does_not_exist(app, cast):
    donor(code="D-1")
    charlie = Browser(app, cast.charlie)
    theirs, none = charlie.get("/donors/D-1"), charlie.get("/donors/D-99")
    assert theirs.status_code == none.status_code == 404
    assert words_of(theirs.get_data(as_text=True)) == words_of(none.get_data(as_text=True))


def test_a_depositor_sees_no_buttons_they_may_not_press(app, cast):
    donor(code="C-1", organisation="Celltech")
    page = Browser(app, cast.charlie).read("/donors/C-1")
    assert "/donors/C-1/correction" not in page
    assert Browser(app, cast.charlie).get("/donors/C-1/correction").status_code == 403


def test_the_page_of_a_donor_asks_the_database_few_times(app, cast, database):
    donor(code="D-1")
    for _ in range(3):
        donation("D-1")
        do(
            RecordConsent(
                donor="D-1",
                form="I",
                form_version="1",
                language=ConsentLanguage.PERSIAN,
                given_on=date(2025, 1, 1),
            )
        )
    asked = []
    from cellbank.core import work

    sa.event.listen(work.database().read, "before_cursor_execute", lambda *call: asked.append(call[2]))
    Browser(app, cast.carol).read("/donors/D-1")
    assert len([text for text in asked if text.startswith(("SELECT", "WITH"))]) <= 12, asked


def test_programs_read_a_donor(app, cast):
    donor(code="D-1")
    donation("D-1")
    answer = json.loads(Browser(app, cast.carol).read("/api/v1/donors/D-1"))
    assert answer["code"] == "D-1"
    assert [one["code"] for one in answer["donations"]] == ["DON-0001"]
    assert Browser(app, cast.dora).get("/api/v1/donors/D-1").status_code == 403
