"""Who may do what: the matrix, and the roles that nobody has together."""

import itertools
from datetime import timedelta

import pytest

from cellbank.core import clock, work
from cellbank.core.errors import Invalid, NotPermitted, Refused
from cellbank.domains.accounts.commands import DisablePerson, EndRole, GrantRole
from cellbank.domains.accounts.models import Role
from cellbank.domains.accounts.roles import (
    MATRIX,
    ROLE_MEANINGS,
    ROLE_NAMES,
    every_permission,
    permissions_of,
)
from tests import world
from tests.world import key

WRITES_ON_CELLS = {
    p
    for p in every_permission()
    if p.split(".")[0] in ("vials", "banks", "lines", "donors", "storage", "bench", "quality")
    and not p.endswith(".read")
}


def grant(cast, person, role, **how):
    return work.perform(GrantRole(person=person, role=role, **how), cast.dora, key=key())


def test_every_role_has_a_name_a_meaning_and_permissions():
    assert set(MATRIX) == set(ROLE_NAMES) == set(ROLE_MEANINGS) == set(Role)
    assert all(MATRIX.values())


def test_an_administrator_touches_neither_cells_nor_verdicts():
    assert not MATRIX[Role.ADMINISTRATOR] & WRITES_ON_CELLS


def test_whoever_makes_does_not_release():
    for role in (Role.TECHNICIAN, Role.MANAGER):
        assert not MATRIX[role] & {
            "quality.release",
            "quality.reject",
            "quality.hold",
            "quality.release_clinical",
        }


def test_quality_makes_nothing():
    for role in (Role.QUALITY, Role.RESPONSIBLE_PERSON):
        assert not MATRIX[role] & {
            "banks.fill",
            "banks.freeze",
            "vials.thaw",
            "vials.take_out",
            "lines.culture",
        }


def test_only_the_responsible_person_releases_for_clinical_use():
    assert [role for role in Role if "quality.release_clinical" in MATRIX[role]] == [Role.RESPONSIBLE_PERSON]


def test_an_inspector_and_a_viewer_only_read():
    for role in (Role.INSPECTOR, Role.VIEWER):
        assert all(p.split(".")[1].startswith("read") for p in MATRIX[role])


def test_only_an_administrator_keeps_accounts():
    assert [role for role in Role if "accounts.manage" in MATRIX[role]] == [Role.ADMINISTRATOR]


def test_without_a_role_one_keeps_ones_own_account_only():
    assert permissions_of(()) == {"accounts.self"}


APART = [
    pair
    for pair in itertools.combinations(Role, 2)
    if "accounts.manage" in permissions_of(pair)
    and permissions_of(pair) & WRITES_ON_CELLS - {"vials.request"}
] + [
    pair
    for pair in itertools.combinations(Role, 2)
    if "quality.release" in permissions_of(pair) and "vials.thaw" in permissions_of(pair)
]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("pair", [p for p in APART if Role.INSPECTOR not in p], ids="+".join)
def test_roles_that_would_let_one_person_make_and_judge_are_kept_apart(cast, pair):
    world.add_person("zari", roles=pair[:1])
    with pytest.raises(Refused, match="Nobody may be both"):
        grant(cast, "zari", pair[1])


def test_a_role_begins_at_once_and_ends_at_once(cast):
    grant(cast, "carol", "technician")
    assert "technician" in world.actor(cast.carol.principal_id).roles
    work.perform(EndRole(person="carol", role="technician"), cast.dora, key=key())
    assert world.actor(cast.carol.principal_id).roles == ("manager",)


def test_a_role_is_not_given_twice_but_may_be_given_again(cast):
    with pytest.raises(Refused, match="already has this role"):
        grant(cast, "alice", "technician")
    work.perform(EndRole(person="alice", role="technician"), cast.dora, key=key())
    grant(cast, "alice", "technician")
    assert world.actor(cast.alice.principal_id).may("vials.thaw")


def test_a_role_that_ran_out_can_be_given_again(cast):
    tomorrow = (clock.now() + timedelta(days=1)).date()
    grant(cast, "carol", "technician", until=tomorrow)
    with clock.shifted_by(timedelta(days=3)):
        assert world.actor(cast.carol.principal_id).roles == ("manager",)
        grant(cast, "carol", "technician")
        assert "technician" in world.actor(cast.carol.principal_id).roles


def test_an_inspector_has_an_end_and_no_other_role(cast):
    with pytest.raises(Invalid, match="until when"):
        grant(cast, world.add_person("omid").name.lower(), "inspector")
    with pytest.raises(Refused, match="Nobody may be both"):
        grant(cast, "ines", "viewer")
    with clock.shifted_by(timedelta(days=40)):
        assert world.actor(cast.ines.principal_id).roles == ()


def test_an_inspector_of_one_companys_material_sees_what_the_company_sees(cast):
    world.add_person("omid")
    grant(cast, "omid", "inspector", until=(clock.now() + timedelta(days=5)).date(), scope="Celltech")
    from cellbank.domains.accounts import sign_in
    from tests.domains.accounts.people import enter, give_password

    with work.reading(world.KEEPER) as db:
        from cellbank.domains.accounts import queries

        row = queries.people(db, text="omid")[0]
    actor = world.actor(row.id)
    give_password(actor)
    found = sign_in.read_session(enter("omid").token).actor
    for seen in (actor, found):
        assert seen.organisation_id == cast.celltech.id
        assert not seen.sees_all


def test_nobody_gives_roles_to_themselves(cast):
    with pytest.raises(Refused, match="themselves"):
        grant(cast, "dora", "viewer")


def test_only_an_administrator_gives_roles(cast):
    with pytest.raises(NotPermitted):
        work.perform(GrantRole(person="alice", role="viewer"), cast.carol, key=key())


def test_the_last_administrator_stays(cast):
    other = world.add_person("elahe", roles=(Role.ADMINISTRATOR,))
    work.perform(DisablePerson(person="dora"), other, key=key(), reason="left")
    with pytest.raises(Refused, match="without an administrator"):
        work.perform(EndRole(person="elahe", role="administrator"), world.KEEPER, key=key())
    with pytest.raises(Refused, match="without an administrator"):
        work.perform(DisablePerson(person="elahe"), world.KEEPER, key=key(), reason="left")


def test_nobody_disables_themselves(cast):
    with pytest.raises(Refused, match="own access"):
        work.perform(DisablePerson(person="dora"), cast.dora, key=key(), reason="tired")
