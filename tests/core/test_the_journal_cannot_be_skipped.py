"""Every way we know to write past the journal, tried on both databases."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cellbank.core import triggers, work
from cellbank.core.actor import BANK_ID, Organisation, OrganisationKind, Principal
from cellbank.core.engine import Database
from cellbank.core.errors import Conflict, NotPermitted, Refused
from cellbank.core.ids import uuid7
from cellbank.core.journal import Change, Event, EventSubject, OutcomeKind
from cellbank.core.model import Journal, Operational, Recorded, every_table
from tests.core.notes import AddCompany, Rename, TouchBank, keeper


def company(name: str = "Royan") -> Event:
    return work.perform(AddCompany(name=name), keeper(), key=work.new_key())


def changes(database: Database, event: Event | None = None) -> list[Change]:
    with Session(database.read) as session:
        wanted = sa.select(Change).order_by(Change.seq)
        if event is not None:
            wanted = wanted.where(Change.event_seq == event.seq)
        return list(session.scalars(wanted))


def count(database: Database, table: str) -> int:
    with database.read.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def refused(database: Database, *statements: str) -> str:
    """Run the statements in one transaction that must fail, and leave nothing behind."""
    before = {t: count(database, t) for t in ("event", "change", "event_subject", "organisation")}
    with pytest.raises(DBAPIError) as caught, database.write.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert {t: count(database, t) for t in before} == before
    return str(caught.value.orig)


def insert_company(dialect: str, verb: str = "INSERT", tail: str = "") -> str:
    key = uuid7().hex
    return (
        f"{verb} INTO organisation (id, version, kind, name, short_name, is_closed) "
        f"VALUES ('{key}', 1, 'company', 'Pasteur', 'PAS', {'0' if dialect == 'sqlite' else 'false'}) {tail}"
    )


def test_every_table_is_recorded_journal_or_operational_with_a_reason() -> None:
    tables = {m.class_.__tablename__ for m in Recorded.registry.mappers}
    kinds = {t.__tablename__ for kind in (Recorded, Journal, Operational) for t in every_table(kind)}
    assert tables == kinds
    for model in every_table(Operational):
        assert len(model.WHY) > 20, model


def test_an_insert_is_journalled_whole_and_an_update_only_in_what_changed(database: Database) -> None:
    company()
    renamed = work.perform(Rename(short_name="Royan", name="Royan Institute"), keeper(), key="k2")
    inserted, updated = changes(database)[-2:]
    assert json.loads(inserted.body)["name"] == "Royan"
    assert inserted.body == json.dumps(json.loads(inserted.body), sort_keys=True, separators=(",", ":"))
    assert updated.body == '{"name":{"new":"Royan Institute","old":"Royan"},"version":{"new":2,"old":1}}'
    assert updated.event_seq == renamed.seq
    with Session(database.read) as session:
        subjects = session.scalars(sa.select(EventSubject).where(EventSubject.event_seq == renamed.seq)).all()
    assert [(s.kind, s.subject_id) for s in subjects] == [("organisation", inserted.row_id)]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        'quotes " and \\ back',
        "tab\tnewline\ncr\r",
        "\x01\x1f\x7f",
        "کبود ‌ی",
        "😀\U0010ffff",
        "</script>",
        "a/b",
        "  ",
    ],
)
def test_the_text_is_canonical_and_the_same_on_both_databases(database: Database, text: str) -> None:
    work.perform(AddCompany.model_construct(name=text), keeper(), key="k")
    body = changes(database)[-1].body
    assert json.loads(body)["name"] == text
    escaped = json.dumps(text, ensure_ascii=False)
    assert f'"name":{escaped}' in body


def test_each_way_of_writing_makes_exactly_one_change_a_row(database: Database) -> None:
    company("A"), company("B")
    ways: list[Any] = [
        "UPDATE organisation SET name = name || '!', version = version + 1 WHERE kind = 'company'",
        "INSERT INTO organisation (id, version, kind, name, short_name, is_closed) SELECT "
        + ("lower(hex(randomblob(16)))" if database.dialect == "sqlite" else "gen_random_uuid()")
        + ", 1, kind, name, short_name || '2', is_closed FROM organisation WHERE kind = 'company'",
    ]
    if database.dialect == "postgresql":
        ways.append(
            "INSERT INTO organisation (id, version, kind, name, short_name, is_closed) SELECT id, 1, kind, 'x', "
            "short_name, is_closed FROM organisation WHERE short_name = 'A' ON CONFLICT (id) DO UPDATE SET "
            "name = 'upserted', version = organisation.version + 1"
        )
    expected = [2, 2, 1]
    for way, rows in zip(ways, expected, strict=False):
        event = work.perform(TouchBank(statements=(way,)), keeper(), key=work.new_key())
        assert len(changes(database, event)) == rows, way


def test_without_an_event_nothing_is_written(database: Database, dialect: str) -> None:
    for statement in (
        insert_company(dialect),
        "UPDATE organisation SET name = 'x', version = version + 1",
        "DELETE FROM organisation",
    ):
        refused(database, statement)
    with pytest.raises(DBAPIError), Session(database.write) as session:
        session.add(Organisation(kind=OrganisationKind.COMPANY, name="x", short_name="x"))
        session.flush()
    with pytest.raises(DBAPIError), database.write.begin() as connection:
        connection.execute(
            sa.insert(Principal),
            [
                {
                    "id": uuid7(),
                    "version": 1,
                    "kind": "job",
                    "name": "x",
                    "organisation_id": BANK_ID,
                    "is_disabled": False,
                }
            ],
        )


def test_insert_or_ignore_walks_into_the_guard_too(database: Database, dialect: str) -> None:
    statement = (
        insert_company(dialect, "INSERT OR IGNORE")
        if dialect == "sqlite"
        else insert_company(dialect, tail="ON CONFLICT DO NOTHING")
    )
    assert "no current event" in refused(database, statement)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_replace_is_closed_on_every_table(database: Database, dialect: str, recursive: str) -> None:
    company("A")
    with database.write.connect() as connection:
        connection.connection.dbapi_connection.execute(f"PRAGMA recursive_triggers={recursive}")
        for table in ("event", "change", "event_subject", "organisation"):
            with pytest.raises(DBAPIError), connection.begin():
                connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    # Under a real event a REPLACE by another unique value must not delete a row silently either.
    with pytest.raises((Conflict, Refused)):
        work.perform(
            TouchBank(
                statements=(
                    insert_company(dialect).replace("PAS", "A").replace("INSERT", "INSERT OR REPLACE"),
                )
            ),
            keeper(),
            key="r",
        )
    with pytest.raises((Conflict, Refused)):
        work.perform(
            TouchBank(
                statements=(
                    "UPDATE OR REPLACE organisation SET short_name='A', version=version+1 WHERE kind='bank'",
                )
            ),
            keeper(),
            key="r2",
        )
    assert count(database, "organisation") == 2


def test_the_journal_is_append_only(database: Database) -> None:
    for table in ("event", "change", "event_subject"):
        refused(database, f"UPDATE {table} SET seq = seq + 100")
        refused(database, f"DELETE FROM {table}")
    if database.dialect == "postgresql":
        for table in ("event", "change", "organisation"):
            refused(database, f"TRUNCATE {table} CASCADE")
            refused(database, "SET LOCAL session_replication_role = 'replica'", f"DELETE FROM {table}")
        refused(
            database,
            "SET LOCAL session_replication_role = 'replica'",
            "UPDATE organisation SET name = 'x', version = version + 1",
        )
        refused(database, "MERGE INTO event e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE")


def test_an_old_event_cannot_be_used_again(database: Database, dialect: str) -> None:
    old = company()
    write = "UPDATE organisation SET name = 'x', version = version + 1"
    if dialect == "sqlite":
        refused(database, f"INSERT INTO current_event (one, seq) VALUES (1, {old.seq})", write)
        refused(database, f"INSERT INTO current_event (one, seq) VALUES (1, {old.seq + 1})", write)
    else:
        refused(database, f"SELECT set_config('cellbank.event', '{old.seq}', true)", write)
        refused(database, f"SELECT set_config('cellbank.event', '{old.seq}', false)", write)
    for table, columns in (
        ("change", "table_name, row_id, kind, body, salt) VALUES ({}, 'x', '{}', 'insert', '{{}}', 'x'"),
        ("event_subject", "kind, subject_id) VALUES ({}, 'x', '{}'"),
    ):
        refused(database, f"INSERT INTO {table} (event_seq, {columns.format(old.seq, uuid7().hex)})")


@pytest.mark.sqlite_only
def test_the_current_event_does_not_survive_its_transaction(database: Database, dialect: str) -> None:
    event = Event.__table__
    with pytest.raises(DBAPIError), database.write.begin() as connection:
        row = connection.execute(sa.select(event)).mappings().first()
        assert row is not None
        values = {**row, "seq": None, "id": uuid7(), "key": "by hand"}
        connection.execute(
            sa.insert(cast("sa.Table", event)).values({k: v for k, v in values.items() if v is not None})
        )
        connection.exec_driver_sql("UPDATE organisation SET name = 'x', version = version + 1")
    assert count(database, "current_event") == 0
    assert count(database, "event") == 1


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_a_pooled_connection_forgets_the_event(database: Database, ending: str) -> None:
    if ending == "commit":
        company()
    else:
        with pytest.raises(Refused):
            company("Royan"), work.perform(Rename(short_name="Royan", name="forbidden"), keeper(), key="f")
    for _ in range(4):
        refused(database, "UPDATE organisation SET name = 'x', version = version + 1")


def test_only_one_event_a_transaction(database: Database) -> None:
    columns = ", ".join(c.name for c in Event.__table__.columns if c.name not in ("seq", "id", "key"))
    fresh = f"'{uuid7().hex}'"
    copy = f"INSERT INTO event (id, key, {columns}) SELECT {fresh}, 'second', {columns} FROM event LIMIT 1"
    with pytest.raises(DBAPIError):
        work.perform(TouchBank(statements=(copy,)), keeper(), key="one")
    assert count(database, "event") == 1


def test_the_key_never_changes_and_the_version_rises_by_one(database: Database) -> None:
    company()
    for statement in (
        "UPDATE organisation SET name = 'x' WHERE kind = 'company'",
        "UPDATE organisation SET name = 'x', version = version + 2 WHERE kind = 'company'",
        "UPDATE organisation SET version = 1 - version",
        f"UPDATE organisation SET id = '{uuid7().hex}', version = version + 1 WHERE kind = 'company'",
        "DELETE FROM organisation WHERE kind = 'company'",
    ):
        with pytest.raises(DBAPIError):
            work.perform(TouchBank(statements=(statement,)), keeper(), key=work.new_key())
    nothing = work.perform(
        TouchBank(statements=("UPDATE organisation SET name = name",)), keeper(), key=work.new_key()
    )
    assert changes(database, nothing) == []


def test_a_savepoint_taken_back_leaves_no_change(database: Database) -> None:
    statements = (
        "UPDATE organisation SET name = 'kept', version = version + 1 WHERE kind = 'bank'",
        "SAVEPOINT s",
        "UPDATE organisation SET name = 'lost', version = version + 1 WHERE kind = 'bank'",
        "ROLLBACK TO SAVEPOINT s",
    )
    event = work.perform(TouchBank(statements=statements), keeper(), key="s")
    (change,) = changes(database, event)
    assert json.loads(change.body)["name"]["new"] == "kept"


def test_what_is_refused_is_recorded_with_nothing_changed(database: Database) -> None:
    company()
    before = count(database, "change")
    for _ in range(2):  # the repeat gets the same answer and is not recorded twice
        with pytest.raises(Refused, match="forbidden is taken"):
            work.perform(Rename(short_name="Royan", name="forbidden"), keeper(), key="f")
    with pytest.raises(NotPermitted):
        work.perform(AddCompany(name="z"), keeper(may=False), key="n")
    with Session(database.read) as session:
        events = session.scalars(sa.select(Event).order_by(Event.seq.desc()).limit(2)).all()
        subjects = session.scalars(
            sa.select(EventSubject).where(EventSubject.event_seq == events[1].seq)
        ).all()
    assert [e.outcome for e in events] == [OutcomeKind.REFUSED, OutcomeKind.REFUSED]
    assert len(subjects) == 1
    assert json.loads(events[1].refusal or "")["values"] == {"name": "forbidden"}
    assert count(database, "change") == before


def test_the_same_key_answers_from_its_event(database: Database) -> None:
    first = work.perform(AddCompany(name="A"), keeper(), key="same")
    again = work.perform(AddCompany(name="A"), keeper(), key="same")
    assert again.seq == first.seq
    assert work.created(again, Organisation) == work.created(first, Organisation)
    with pytest.raises(Conflict):
        work.perform(AddCompany(name="B"), keeper(), key="same")
    assert count(database, "organisation") == 2


def test_what_the_person_saw_must_still_be_so(database: Database) -> None:
    company()
    with Session(database.read) as session:
        row = session.scalar(sa.select(Organisation).where(Organisation.short_name == "Royan"))
    assert row is not None
    saw = {f"organisation:{row.id.hex}": row.version}
    work.perform(Rename(short_name="Royan", name="B"), keeper(), key="1", seen=saw)
    with pytest.raises(Conflict):
        work.perform(Rename(short_name="Royan", name="C"), keeper(), key="2", seen=saw)


def test_a_dropped_changed_or_added_trigger_is_noticed(database: Database, dialect: str) -> None:
    with database.write.connect() as connection:
        assert triggers.differences(connection) == []
        name = "journal_organisation_update"
        where = "" if dialect == "sqlite" else " ON organisation"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{where}")
        assert triggers.differences(connection) == [name]
        if dialect == "postgresql":
            connection.exec_driver_sql("ALTER TABLE organisation DISABLE TRIGGER journal_organisation_insert")
            assert len(triggers.differences(connection)) == 2
        connection.rollback()
        assert triggers.differences(connection) == []


def test_reading_physically_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), work.reading(keeper()) as db:
        db.execute(
            sa.text("DELETE FROM current_event" if database.dialect == "sqlite" else "DELETE FROM event")
        )
