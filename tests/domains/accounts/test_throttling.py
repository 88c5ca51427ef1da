"""Guessing gets slower and slower; nobody is locked out for good."""

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.domains.accounts import throttling
from cellbank.domains.accounts.models import Throttle
from cellbank.domains.accounts.sign_in import Denied
from tests.domains.accounts.people import enter, give_password


def wrong(user_name, **how):
    with pytest.raises(Denied) as denied:
        enter(user_name, "certainly not the password", **how)
    return denied.value.wait_s


def test_three_failures_are_free_and_then_the_wait_doubles(alice_with_password, moved_clock):
    assert [wrong("alice") for _ in range(4)] == [0, 0, 0, 0]
    assert wrong("alice") == 2
    moved_clock.forward(seconds=2)
    assert wrong("alice") == 0
    assert wrong("alice") == 4


def test_waiting_is_enough_even_after_hundreds_of_failures(alice_with_password, moved_clock):
    for _ in range(101):
        while (wait := wrong("alice")) > 0:
            assert wait <= 60
            moved_clock.forward(seconds=wait)
    moved_clock.forward(seconds=60)
    assert enter("alice").token


def test_the_right_password_does_not_help_while_one_has_to_wait(alice_with_password):
    for _ in range(4):
        wrong("alice")
    with pytest.raises(Denied) as denied:
        enter("alice")
    assert denied.value.wait_s > 0


def test_a_name_is_slowed_down_from_however_many_addresses(alice_with_password):
    for number in range(4):
        wrong("alice", address=f"198.51.100.{number}")
    assert wrong("alice", address="198.51.100.99") > 0


def test_an_address_is_slowed_down_for_however_many_names(cast):
    for number in range(21):
        assert wrong(f"guess{number}", address="198.51.100.7") == 0
    assert wrong("another", address="198.51.100.7") > 0
    assert wrong("another", address="198.51.100.8") == 0


def test_others_can_sign_in_while_one_name_is_attacked(alice_with_password, cast):
    give_password(cast.bob)
    for number in range(6):
        wrong("alice", address=f"198.51.100.{number}")
    assert enter("bob", address="192.0.2.1").token


def test_signing_in_forgets_the_failures_of_the_name(alice_with_password):
    for _ in range(3):
        wrong("alice")
    enter("alice")
    assert [wrong("alice") for _ in range(4)] == [0, 0, 0, 0]


def test_known_and_unknown_names_wait_alike(alice_with_password):
    assert [wrong("alice") for _ in range(5)] == [wrong("mallory") for _ in range(5)]


def test_an_unknown_name_costs_a_hash_as_well(cast, monkeypatch):
    from cellbank.domains.accounts import passwords

    class Counting:
        verified = 0

        def __getattr__(self, name):
            return getattr(hasher, name)

        def verify(self, *given):
            type(self).verified += 1
            return hasher.verify(*given)

    hasher = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    wrong("mallory")
    assert Counting.verified == 1


def test_counts_that_hold_nobody_back_are_swept_away(cast, moved_clock):
    for number in range(3):
        wrong(f"invented{number}")
    moved_clock.forward(days=1, minutes=1)
    wrong("fresh")
    with work.operating() as db:
        throttling.sweep(db)
        assert db.scalar(sa.select(sa.func.count()).select_from(Throttle)) == 1
