"""The people of every other test."""

from cellbank.core.actor import BANK_ID


def test_everybody_acts_for_their_own_organisation(cast):
    assert {a.organisation_id for a in (cast.alice, cast.bob, cast.carol, cast.dora, cast.rana)} == {BANK_ID}
    assert cast.charlie.organisation_id == cast.celltech.id


def test_staff_of_the_bank_see_all_and_a_depositor_only_their_own(cast):
    assert cast.alice.sees_all
    assert cast.ines.sees_all
    assert not cast.charlie.sees_all


def test_each_has_the_permissions_of_their_role(cast):
    assert cast.alice.may("vials.thaw")
    assert not cast.alice.may("quality.release")
    assert cast.bob.may("quality.release")
    assert not cast.bob.may("vials.thaw")
    assert cast.rana.may("quality.release_clinical")
    assert not cast.bob.may("quality.release_clinical")
    assert cast.dora.may("accounts.manage")
    assert not cast.dora.may("vials.move")
