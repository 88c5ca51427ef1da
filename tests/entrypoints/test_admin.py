"""What an administrator does at the server's terminal."""

import json

import pytest
import sqlalchemy as sa

from cellbank.core import schema, work
from cellbank.core.actor import Organisation, system_actor
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.settings import Settings
from cellbank.domains.accounts import sign_in
from cellbank.domains.accounts.sign_in import Denied, Limits
from cellbank.domains.accounts.tokens import actor_of_token
from cellbank.entrypoints import admin
from cellbank.entrypoints.web import open_database

PASSWORD = "four green tanks in March"


@pytest.fixture
def settings(tmp_path):
    """An empty bank with its schema."""
    made = Settings(home=tmp_path)
    schema.create_from_models(made.database)
    return made


@pytest.fixture
def opened(settings):
    """A bank with its first administrator."""
    admin.init(settings, bank="Tabriz Cell Bank", login="dora", name="Dora Rahimi", password=PASSWORD)
    return settings


@pytest.fixture
def looking(opened):
    """The bank, open for the test's own questions afterwards."""

    def look():
        made.append(open_database(opened))
        return system_actor()

    made: list[Database] = []
    yield look
    for database in made:
        database.close()


def enter(name, password):
    return sign_in.sign_in(name, password, limits=Limits())


def test_a_new_bank_has_its_name_and_an_administrator_who_can_sign_in(opened, looking):
    with work.reading(looking()) as db:
        assert db.scalar(sa.select(Organisation.name)) == "Tabriz Cell Bank"
    assert enter("dora", PASSWORD).actor.roles == ("administrator",)


def test_a_bank_is_opened_once(opened):
    with pytest.raises(Refused):
        admin.init(opened, bank="Another", login="eve", name="Eve", password=PASSWORD)


def test_a_weak_password_founds_nothing(settings):
    with pytest.raises(Invalid):
        admin.init(settings, bank="Tabriz", login="dora", name="Dora", password="short")
    admin.init(settings, bank="Tabriz", login="dora", name="Dora", password=PASSWORD)


def test_a_person_is_added_with_roles(opened, looking):
    assert (
        admin.add_user(opened, login="alice", name="Alice", roles=("technician",), password=PASSWORD) is None
    )
    looking()
    assert enter("alice", PASSWORD).actor.may("vials.thaw")


def test_a_one_time_password_is_made_where_none_is_given(opened, looking):
    made = admin.add_user(opened, login="alice", name="Alice", roles=("technician",))
    looking()
    assert enter("alice", made).must_change_password


@pytest.mark.parametrize(("login", "roles"), [("alice", ("king",)), ("علی", ()), ("a b", ()), ("", ())])
def test_an_unknown_role_and_a_strange_login_are_refused(opened, looking, login, roles):
    with pytest.raises(Invalid):
        admin.add_user(opened, login=login, name="Alice", roles=roles, password=PASSWORD)
    looking()
    with pytest.raises(Denied):
        enter(login, PASSWORD)


def test_a_token_acts_for_the_person(opened, looking):
    text = admin.create_token(opened, login="dora", label="script", days=30)
    looking()
    assert actor_of_token(text).may("accounts.manage")
    with pytest.raises(NotFound):
        admin.create_token(opened, login="nobody", label="script", days=30)


def test_one_act_is_done_as_the_person_and_only_once_a_key(opened):
    body = json.dumps({"name": "Celltech", "short_name": "CT"})
    first = admin.do(opened, "AddOrganisation", body=body, login="dora", key="k")
    assert json.loads(first)["name"] == "accounts.organisation_added"
    assert admin.do(opened, "AddOrganisation", body=body, login="dora", key="k") == first


def test_an_act_is_refused_to_whoever_may_not_do_it(opened):
    admin.add_user(opened, login="alice", name="Alice", roles=("technician",), password=PASSWORD)
    with pytest.raises(NotPermitted):
        admin.do(opened, "AddOrganisation", body='{"name": "X", "short_name": "X"}', login="alice")


@pytest.mark.parametrize(
    ("act", "body"),
    [("Nothing", "{}"), ("RecordSignIn", "{}"), ("AddOrganisation", "{}"), ("AddOrganisation", "no")],
)
def test_an_unknown_act_and_values_that_do_not_fit_are_told(opened, act, body):
    with pytest.raises(Invalid):
        admin.do(opened, act, body=body, login="dora")
