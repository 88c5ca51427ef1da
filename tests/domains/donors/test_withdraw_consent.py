from __future__ import annotations

from datetime import date, timedelta

import pytest

from cellbank.core import clock, work
from cellbank.core.errors import Invalid, Refused
from cellbank.domains.donors import queries
from cellbank.domains.donors.commands import AnnulConsent, RecordConsent, WithdrawConsent
from cellbank.domains.donors.commands.consents import ConsentLanguage
from cellbank.domains.donors.models import CONSENT_SCOPES, Consent, Donor, WithdrawalEffect
from cellbank.domains.donors.words import SCOPES
from tests.origin import KEEPER, do, donation, donor, every, only

GIVEN = date(2025, 5, 4)


def agreed(who="D-1", **scopes):
    said = {
        "given_on": GIVEN,
        "form": "ICF-3",
        "form_version": "2",
        "language": ConsentLanguage.PERSIAN,
        **scopes,
    }
    do(RecordConsent(donor=who, **said))
    return every(Consent)[-1]


def in_force():
    with work.reading(KEEPER) as db:
        return list(queries.consents_in_force(db, [only(Donor, code="D-1").id]))


def test_each_scope_is_asked_on_its_own_and_silence_is_no(database):
    donor(code="D-1")
    consent = agreed(allows_bank_storage=True, allows_clinical_use=True)
    assert {scope for scope in CONSENT_SCOPES if getattr(consent, scope)} == {
        "allows_bank_storage",
        "allows_clinical_use",
    }


@pytest.mark.sqlite_only
def test_every_scope_has_its_field_and_its_words():
    assert (
        set(SCOPES)
        == set(CONSENT_SCOPES)
        == {name for name in RecordConsent.model_fields if name.startswith("allows_")}
    )
    assert all(RecordConsent.model_fields[name].title == word.id for name, word in SCOPES.items())


@pytest.mark.parametrize("effect", list(WithdrawalEffect))
def test_a_withdrawal_ends_the_consent_and_deletes_nothing(database, effect):
    donor(code="D-1")
    consent = agreed(allows_export=True)
    assert [one.id for one in in_force()] == [consent.id]
    event = do(WithdrawConsent(consent=consent.id, withdrawal_effect=effect, withdrawn_on=date(2026, 1, 2)))
    ended = only(Consent)
    assert (ended.withdrawn_on, ended.withdrawal_effect, ended.withdrawn_by) == (
        date(2026, 1, 2),
        effect,
        event.seq,
    )
    assert ended.allows_export
    assert in_force() == []
    with pytest.raises(Refused, match="already withdrawn"):
        do(WithdrawConsent(consent=consent.id, withdrawal_effect=effect))


@pytest.mark.sqlite_only
def test_it_is_not_withdrawn_in_the_future_nor_before_it_was_given(database):
    donor(code="D-1")
    consent = agreed()
    tomorrow = clock.now().date() + timedelta(days=1)
    for day, words in ((tomorrow, "in the future"), (date(2025, 1, 1), "given only on")):
        with pytest.raises(Invalid, match=words):
            do(
                WithdrawConsent(
                    consent=consent.id, withdrawal_effect=WithdrawalEffect.NO_CONTACT, withdrawn_on=day
                )
            )


def test_a_newer_consent_stands_before_the_older_which_stays(database):
    donor(code="D-1")
    older = agreed(allows_export=True)
    newer = agreed(given_on=date(2026, 2, 2))
    assert newer.replaces_id == older.id
    assert [one.id for one in in_force()] == [newer.id]
    do(AnnulConsent(consent=newer.id), reason="of another donor")
    assert [one.id for one in in_force()] == [older.id]


def test_a_consent_for_one_donation_is_for_a_donation_of_this_donor(database):
    donor(code="D-1"), donor(code="D-2")
    given = donation("D-2")
    with pytest.raises(Refused, match="not a donation of D-1"):
        agreed(donation=given.code)
    assert agreed("D-2", donation=given.code).donation_id == given.id
