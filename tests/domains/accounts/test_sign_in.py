"""Signing in and out."""

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from cellbank.core import work
from cellbank.core.journal import EventSubject
from cellbank.domains.accounts import passwords, sign_in
from cellbank.domains.accounts.commands import DisablePerson, EnablePerson
from cellbank.domains.accounts.models import Credential, SignInSession
from cellbank.domains.accounts.sign_in import Denied
from tests.domains.accounts.people import PASSWORD, enter, events, give_password
from tests.world import KEEPER, key


def test_the_right_password_opens_a_session_of_that_person(alice_with_password):
    opened = enter("alice")
    found = sign_in.read_session(opened.token)
    assert found.actor.principal_id == alice_with_password.principal_id
    assert found.actor.permissions == alice_with_password.permissions
    assert found.actor.session_id == opened.session_id


def test_a_name_is_read_whatever_its_case_and_width(alice_with_password):
    assert enter("  ＡLICE ").actor.principal_id == alice_with_password.principal_id


@pytest.mark.sqlite_only
def test_the_database_keeps_no_token(alice_with_password):
    opened = enter("alice")
    with work.reading(KEEPER) as db:
        row = db.scalar(sa.select(SignInSession))
    assert opened.token not in repr(vars(row))
    assert row.token_sha256 == sign_in.token_hash(opened.token)


def test_signing_in_is_an_event_about_the_person_and_names_the_session(alice_with_password):
    opened = enter("alice")
    (event,) = events("accounts.signed_in")
    assert event.actor_id == alice_with_password.principal_id
    assert event.session_id == opened.session_id
    with work.reading(KEEPER) as db:
        about = db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event.seq))
        assert alice_with_password.principal_id in set(about)


def test_a_wrong_password_opens_nothing_and_is_an_event(alice_with_password):
    with pytest.raises(Denied):
        enter("alice", "four green tanks in April")
    (event,) = events("accounts.sign_in_failed")
    assert alice_with_password.principal_id.hex in event.request.replace("-", "")
    with work.reading(KEEPER) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(SignInSession)) == 0


def test_an_unknown_name_leaves_no_trace_in_the_journal(cast):
    with pytest.raises(Denied):
        enter("mallory", PASSWORD)
    assert events("accounts.sign_in_failed") == []


def test_somebody_without_a_password_cannot_sign_in(cast):
    with pytest.raises(Denied):
        enter("bob", "")


def test_signing_out_ends_the_session_for_good(alice_with_password):
    opened = enter("alice")
    sign_in.sign_out(opened.actor)
    assert sign_in.read_session(opened.token) is None
    (event,) = events("accounts.signed_out")
    assert event.session_id == opened.session_id


def test_a_session_ends_after_half_an_hour_without_a_click(alice_with_password, moved_clock):
    opened = enter("alice")
    moved_clock.forward(minutes=29)
    assert sign_in.read_session(opened.token) is not None
    moved_clock.forward(minutes=29)
    assert sign_in.read_session(opened.token) is not None, "the click before counts"
    moved_clock.forward(minutes=31)
    assert sign_in.read_session(opened.token) is None


def test_a_session_ends_after_twelve_hours_in_any_case(alice_with_password, moved_clock):
    opened = enter("alice")
    for _ in range(12 * 3 - 1):
        moved_clock.forward(minutes=20)
        assert sign_in.read_session(opened.token) is not None
    moved_clock.forward(minutes=20)
    assert sign_in.read_session(opened.token) is None


def test_a_session_that_was_open_here_ends_when_somebody_signs_in(alice_with_password):
    planted = enter("alice")
    opened = enter("alice", replaces=planted.token)
    assert opened.token != planted.token
    assert sign_in.read_session(planted.token) is None


def test_disabling_a_person_ends_their_sessions_at_once(alice_with_password, cast):
    opened = enter("alice")
    work.perform(DisablePerson(person="alice"), cast.dora, key=key(), reason="left the bank")
    assert sign_in.read_session(opened.token) is None
    with pytest.raises(Denied):
        enter("alice")
    work.perform(EnablePerson(person="alice"), cast.dora, key=key(), reason="came back")
    assert sign_in.read_session(opened.token) is None, "an old session does not come back to life"
    assert enter("alice").token


def test_all_other_sessions_can_be_ended(alice_with_password):
    here, there = enter("alice"), enter("alice")
    sign_in.end_other_sessions(here.actor, key=key())
    assert sign_in.read_session(here.token) is not None
    assert sign_in.read_session(there.token) is None


def test_a_new_password_ends_the_other_sessions(alice_with_password):
    here, there = enter("alice"), enter("alice")
    sign_in.set_password(here.actor.principal_id, "eleven blue dewars hum", here.actor, key=key())
    assert sign_in.read_session(here.token) is not None
    assert sign_in.read_session(there.token) is None
    with pytest.raises(Denied):
        enter("alice", PASSWORD)
    assert enter("alice", "eleven blue dewars hum").token


def test_no_hash_of_a_password_reaches_the_journal(alice_with_password):
    with work.reading(KEEPER) as db:
        password_hash = db.get_one(Credential, alice_with_password.principal_id).password_hash
        journal = " ".join(
            str(row) for table in ("event", "change") for row in db.execute(sa.text(f"SELECT * FROM {table}"))
        )
    assert password_hash.startswith("$argon2id$")
    assert "argon2" not in journal
    assert PASSWORD not in journal


def test_a_hash_with_weaker_settings_is_renewed_at_sign_in(alice_with_password, monkeypatch):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with work.operating() as db:
        db.get_one(Credential, alice_with_password.principal_id).password_hash = weak.hash(PASSWORD)
    enter("alice")
    with work.reading(KEEPER) as db:
        renewed = db.get_one(Credential, alice_with_password.principal_id).password_hash
    assert renewed is not None
    assert not passwords.is_outdated(renewed)
    assert enter("alice").token


def test_a_one_time_password_must_be_changed(cast):
    give_password(cast.bob, must_change=True)
    opened = enter("bob")
    assert opened.must_change_password
    sign_in.set_password(cast.bob.principal_id, "a dozen straws of yeast", opened.actor, key=key())
    assert not sign_in.read_session(opened.token).must_change_password


@pytest.mark.sqlite_only
def test_reading_a_session_is_one_statement_and_writes_nothing(alice_with_password, database, moved_clock):
    opened = enter("alice")
    read, written = [], []
    sa.event.listen(database.read, "before_cursor_execute", lambda *a: read.append(a[2]))
    sa.event.listen(database.write, "before_cursor_execute", lambda *a: written.append(a[2]))
    moved_clock.forward(seconds=30)
    sign_in.read_session(opened.token)
    assert len([s for s in read if s.startswith("SELECT")]) == 1
    assert written == []
    moved_clock.forward(seconds=31)
    sign_in.read_session(opened.token)
    assert any(s.startswith("UPDATE sign_in_session") for s in written)
