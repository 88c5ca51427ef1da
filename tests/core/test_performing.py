"""What perform() promises beside the journal: repeats, people named beside the actor, and what nobody may learn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import Organisation, OrganisationKind
from cellbank.core.errors import Conflict, Invalid, NotPermitted, Refused
from cellbank.core.ids import uuid7
from cellbank.core.journal import Basis, Event, OutcomeKind
from cellbank.core.model import Precision
from cellbank.domains.accounts.commands import ChangePreferences, DisablePerson
from cellbank.domains.accounts.models import Calendar, Language
from cellbank.domains.donors.models import Donor
from tests.core.notes import AddCompany, Rename, keeper
from tests.world import KEEPER, key

PREFERENCES = ChangePreferences(language=Language.EN, calendar=Calendar.GREGORIAN)


def refused_events() -> list[Event]:
    with work.reading(KEEPER) as db:
        return list(db.scalars(sa.select(Event).where(Event.outcome == OutcomeKind.REFUSED)))


def test_a_repeat_that_comes_hours_later_is_answered_though_no_reason_was_given(database):
    at = clock.now()
    occurred = work.Occurred(at, Precision.SECOND, Basis.STATED)
    first = work.perform(AddCompany(name="north"), keeper(), key="scan-1", occurred=occurred)
    with clock.frozen_at(at + timedelta(hours=3)):
        again = work.perform(AddCompany(name="north"), keeper(), key="scan-1", occurred=occurred)
        assert again.seq == first.seq
        with pytest.raises(Invalid, match="entered late"):
            work.perform(AddCompany(name="south"), keeper(), key="scan-2", occurred=occurred)


def test_an_unknown_or_disabled_witness_is_no_witness(database, cast):
    work.perform(AddCompany(name="a"), keeper(), key=key(), witness=cast.bob.principal_id)
    with pytest.raises(Invalid) as unknown:
        work.perform(AddCompany(name="b"), keeper(), key=key(), witness=uuid4())
    assert unknown.value.field == "witness"
    work.perform(DisablePerson(person="bob"), KEEPER, key=key(), reason="left")
    with pytest.raises(Invalid):
        work.perform(AddCompany(name="c"), keeper(), key=key(), witness=cast.bob.principal_id)
    with pytest.raises(Invalid) as performer:
        work.perform(AddCompany(name="d"), keeper(), key=key(), performers=[cast.bob.principal_id])
    assert performer.value.field == "performers"


def test_an_invented_witness_does_not_keep_a_refused_attempt_out_of_the_journal(database):
    with pytest.raises(NotPermitted):
        work.perform(AddCompany(name="x"), keeper(may=False), key=key(), witness=uuid4())
    assert [event.witness_id for event in refused_events()] == [None]


def test_a_refused_undo_has_undone_nothing(database):
    done = work.perform(AddCompany(name="east"), keeper(), key=key())
    back = Rename(short_name="east", name="forbidden")
    for _ in range(2):
        with pytest.raises(Refused):
            work.perform(back, keeper(), key=key(), undoes=done.id)
    with pytest.raises(NotPermitted):
        work.perform(back, keeper(may=False), key=key(), undoes=done.id)
    assert [event.undoes for event in refused_events()] == [None, None, None]
    undone = work.perform(Rename(short_name="east", name="gone"), keeper(), key=key(), undoes=done.id)
    assert undone.undoes == done.id


def test_whether_anothers_code_exists_is_not_learned_by_guessing_its_version(database, cast):
    from cellbank.domains.donors.models import DonorKind
    from tests.core.test_tenancy import write

    def two_donors(db: work.Writing) -> None:
        other = Organisation(kind=OrganisationKind.COMPANY, name="Rival", short_name="Rival")
        db.add(other)
        db.flush()
        db.add(Donor(organisation_id=other.id, code="D-THEIRS", kind=DonorKind.RESEARCH))
        db.add(Donor(organisation_id=cast.celltech.id, code="D-OURS", kind=DonorKind.RESEARCH))

    write(two_donors, keeper())
    work.perform(PREFERENCES, cast.charlie, key=key(), seen={"donor:D-OURS": 1})
    for hidden in ("D-THEIRS", "D-UNKNOWN"):
        with pytest.raises(Conflict):
            work.perform(PREFERENCES, cast.charlie, key=key(), seen={f"donor:{hidden}": 1})
    staff = replace(cast.alice)
    work.perform(PREFERENCES, staff, key=key(), seen={"donor:D-THEIRS": 1})


@pytest.mark.parametrize("where", ["command", "reason", "key", "station"])
def test_a_nul_character_is_a_persons_mistake_on_both_databases(database, where):
    name = "a\0b" if where == "command" else uuid7().hex
    said: dict[str, Any] = {"key": key(), **({where: "a\0b"} if where != "command" else {})}
    with pytest.raises(Invalid):
        work.perform(AddCompany(name=name), keeper(), **said)


def test_a_key_longer_than_the_index_holds_is_refused(database):
    with pytest.raises(Invalid):
        work.perform(AddCompany(name="x"), keeper(), key="k" * 5000)


def test_what_was_typed_is_not_in_an_errors_text_and_so_in_no_log(database):
    with database.write.connect() as connection, pytest.raises(sa.exc.DBAPIError) as error:
        connection.execute(
            sa.text("SELECT * FROM no_such_table WHERE email = :email"), {"email": "secret@x.test"}
        )
    assert "secret@x.test" not in str(error.value)


def test_a_row_that_another_act_changed_before_the_lock_is_seen_as_it_is_now(database):
    work.perform(AddCompany(name="west"), keeper(), key=key())
    renamed = Rename(short_name="west", name="West Cells")
    if database.dialect == "sqlite":  # there, nobody can come between: whoever writes holds the whole file
        work.perform(renamed, keeper(), key=key())
    with work.Writing(database.write) as db:
        db.actor = KEEPER
        company = db.scalars(sa.select(Organisation).where(Organisation.short_name == "west")).one()
        if database.dialect == "postgresql":
            work.perform(renamed, keeper(), key=key())
        db.lock(Organisation, [company.id])
        assert company.name == "West Cells"
