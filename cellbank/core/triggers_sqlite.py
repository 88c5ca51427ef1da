"""The journal's triggers in SQLite's words.

How an event becomes current: ``current_event`` is a one-row table filled by the trigger on ``event``. Its column
``closes`` refers, deferred, to a table that can hold no row, so the row cannot survive COMMIT: the unit of work
deletes it last. It must name the newest event, one that has no changes yet.

Refusals are RAISE(ABORT), never a constraint alone: INSERT OR IGNORE walks through a constraint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from cellbank.core.model import Moment

Row = tuple[str, str, str, str]
PREFIX = "journal_"

SCAFFOLD: tuple[Row, ...] = (
    ("table", "never", "never", "CREATE TABLE never (id INTEGER PRIMARY KEY CHECK (0))"),
    (
        "table",
        "current_event",
        "current_event",
        (
            "CREATE TABLE current_event (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, "
            "closes INTEGER NOT NULL DEFAULT 1 REFERENCES never (id) DEFERRABLE INITIALLY DEFERRED)"
        ),
    ),
)

CURRENT = "(SELECT seq FROM current_event)"


def trigger(name: str, table: str, when: str, body: str, condition: str = "") -> Row:
    """One CREATE TRIGGER with a name of ours."""
    full = f"{PREFIX}{table}_{name}"
    clause = f" WHEN {condition}" if condition else ""
    sql = f"CREATE TRIGGER {full} {when} ON {table} FOR EACH ROW{clause} BEGIN {body} END"
    return ("trigger", full, table, sql)


def refuse(why: str) -> str:
    """A body that aborts the statement."""
    return f"SELECT RAISE(ABORT, '{why}');"


def statements(recorded: Iterable[Any], journal: Iterable[sa.Table]) -> list[Row]:
    """Scaffold, journal guards, then guard and capture triggers of each recorded table."""
    rows: list[Row] = list(SCAFFOLD)
    rows += _current_event()
    for table in journal:
        rows += _append_only(table)
    for model in recorded:
        rows += _guards(model.__table__)
        rows += _captures(model)
    return rows


def _current_event() -> list[Row]:
    return [
        trigger(
            "names_newest",
            "current_event",
            "BEFORE INSERT",
            refuse("only the newest event, one without changes, can be current"),
            "NEW.seq IS NOT (SELECT max(seq) FROM event) OR EXISTS (SELECT 1 FROM change WHERE event_seq = NEW.seq)"
            " OR EXISTS (SELECT 1 FROM current_event)"
            " OR (SELECT outcome FROM event WHERE seq = NEW.seq) IS NOT 'done'",
        ),
        trigger("stays", "current_event", "BEFORE UPDATE", refuse("the current event cannot be exchanged")),
        trigger(
            "becomes_current",
            "event",
            "AFTER INSERT",
            "INSERT INTO current_event (one, seq) VALUES (1, NEW.seq);",
            "NEW.outcome = 'done'",
        ),
    ]


def _append_only(table: sa.Table) -> list[Row]:
    name = table.name
    rows = [
        trigger("no_update", name, "BEFORE UPDATE", refuse(f"{name} is append-only")),
        trigger("no_delete", name, "BEFORE DELETE", refuse(f"{name} is append-only")),
        trigger("no_replace", name, "BEFORE INSERT", refuse(f"{name} is append-only"), _exists(table)),
    ]
    if name == "event":
        # An event is numbered by the database alone: a chosen number could slip in before the newest.
        rows.append(
            trigger(
                "in_order",
                name,
                "AFTER INSERT",
                refuse("events are numbered in order"),
                "NEW.seq IS NOT (SELECT max(seq) FROM event)",
            )
        )
    if name == "change":
        rows.append(
            trigger(
                "under_current",
                name,
                "BEFORE INSERT",
                refuse("no current event"),
                f"NEW.event_seq IS NOT {CURRENT}",
            )
        )
    if name == "event_subject":
        refused_and_newest = (
            "(NEW.event_seq IS (SELECT max(seq) FROM event)"
            " AND (SELECT outcome FROM event WHERE seq = NEW.event_seq) = 'refused')"
        )
        rows.append(
            trigger(
                "under_current",
                name,
                "BEFORE INSERT",
                refuse("no current event"),
                f"NEW.event_seq IS NOT {CURRENT} AND NOT {refused_and_newest}",
            )
        )
    return rows


def _uniques(table: sa.Table) -> Iterator[tuple[str, list[sa.Column[Any]], str]]:
    """Name, columns and predicate (with bare column names) of the key and every unique rule of a table."""
    yield str(table.primary_key.name or f"pk_{table.name}"), list(table.primary_key.columns), ""
    for rule in sorted((c for c in table.constraints if isinstance(c, sa.UniqueConstraint)), key=_named):
        yield _named(rule), list(rule.columns), ""
    for index in sorted((i for i in table.indexes if i.unique), key=lambda i: str(i.name)):
        where = index.dialect_options["sqlite"].get("where")
        text = (
            ""
            if where is None
            else str(where.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        )
        yield str(index.name), list(index.columns), text


def _named(rule: sa.UniqueConstraint) -> str:
    return str(rule.name)


def _exists(table: sa.Table, *, other: bool = False) -> str:
    """A condition: a row with this key or these unique values is already there (for REPLACE)."""
    found = []
    for _, columns, where in _uniques(table):
        found.append(_taken(table, columns, where, other=other))
    return " OR ".join(found)


def _taken(table: sa.Table, columns: list[sa.Column[Any]], where: str, *, other: bool) -> str:
    same = " AND ".join(f"o.{c.name} = NEW.{c.name}" for c in columns)
    clauses = [same]
    if where:
        clauses += [_qualified(where, table, "o"), _qualified(where, table, "NEW")]
    if other:
        clauses.append("o.id <> OLD.id")
    return f"EXISTS (SELECT 1 FROM {table.name} o WHERE {' AND '.join(clauses)})"


def _qualified(where: str, table: sa.Table, alias: str) -> str:
    """The predicate of a partial index, its columns said of ``alias``."""
    text = where.replace(f"{table.name}.", "")
    for column in sorted(table.columns, key=lambda c: -len(c.name)):
        text = _word(text, column.name, f"{alias}.{column.name}")
    return f"({text})"


def _word(text: str, word: str, by: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(word)}(?!\w)", by, text)


def _guards(table: sa.Table) -> list[Row]:
    """Refuse a write without an event, a deletion, a changed key, a version that does not rise by one, a REPLACE."""
    name = table.name
    no_event = f"{CURRENT} IS NULL"
    changed = " OR ".join(f"NEW.{c.name} IS NOT OLD.{c.name}" for c in table.columns if c.name != "version")
    rows = [
        trigger("insert_needs_event", name, "BEFORE INSERT", refuse("no current event"), no_event),
        trigger("update_needs_event", name, "BEFORE UPDATE", refuse("no current event"), no_event),
        trigger("no_delete", name, "BEFORE DELETE", refuse(f"{name}: recorded rows are never deleted")),
        trigger(
            "update_keeps_key",
            name,
            "BEFORE UPDATE",
            refuse(f"{name}: the key never changes and the version rises by one"),
            f"NEW.id IS NOT OLD.id OR (NEW.version IS NOT OLD.version + 1 AND"
            f" (NEW.version IS NOT OLD.version OR {changed}))",
        ),
        trigger(
            "starts_at_one",
            name,
            "BEFORE INSERT",
            refuse(f"{name}: the first version is 1"),
            "NEW.version <> 1",
        ),
    ]
    for rule, columns, where in _uniques(table):
        taken = _taken(table, columns, where, other=False)
        rows.append(trigger(f"insert_{rule}", name, "BEFORE INSERT", refuse(f"unique: {rule}"), taken))
        if rule.startswith("pk_"):
            continue
        moved = " OR ".join(f"NEW.{c.name} IS NOT OLD.{c.name}" for c in columns)
        if where:
            moved = f"({moved}) OR NOT {_qualified(where, table, 'OLD')}"
        taken = _taken(table, columns, where, other=True)
        rows.append(
            trigger(
                f"update_{rule}", name, "BEFORE UPDATE", refuse(f"unique: {rule}"), f"({moved}) AND {taken}"
            )
        )
    return rows


def literal(column: sa.Column[Any], row: str) -> str:
    """SQL that says a column's value as canonical JSON."""
    value = f"{row}.{column.name}"
    kind = column.type
    if isinstance(kind, sa.Uuid):
        return f"ifnull('\"' || {value} || '\"', 'null')"
    if isinstance(kind, sa.Boolean):
        return f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
    if isinstance(kind, sa.Integer):
        return f"ifnull(CAST({value} AS TEXT), 'null')"
    if isinstance(kind, sa.String | sa.Enum | sa.Date | Moment):
        return f"json_quote({value})"
    raise TypeError(f"{column}: a recorded column cannot be of type {kind!r}")


def _captures(model: Any) -> list[Row]:
    table: sa.Table = model.__table__
    columns = sorted(table.columns, key=lambda c: c.name)
    whole = " || ',' || ".join(f"'\"{c.name}\":' || {literal(c, 'NEW')}" for c in columns)
    changes = " || ".join(
        f'CASE WHEN NEW.{c.name} IS NOT OLD.{c.name} THEN \',"{c.name}":{{"new":\' || {literal(c, "NEW")} || '
        f"',\"old\":' || {literal(c, 'OLD')} || '}}' ELSE '' END"
        for c in columns
    )
    organisation = "NEW.organisation_id" if "organisation_id" in table.columns else "NULL"
    into = "INSERT INTO change (event_seq, table_name, row_id, organisation_id, kind, body, salt) SELECT "
    salt = "lower(hex(randomblob(16)))"
    insert = (
        f"{into}{CURRENT}, '{table.name}', NEW.id, {organisation}, 'insert', '{{' || {whole} || '}}', {salt};"
        + _subjects(model, "NEW")
    )
    update = (
        f"{into}{CURRENT}, '{table.name}', NEW.id, {organisation}, 'update', '{{' || substr({changes}, 2) || '}}', "
        f"{salt};" + _subjects(model, "NEW") + _subjects(model, "OLD")
    )
    differs = " OR ".join(f"NEW.{c.name} IS NOT OLD.{c.name}" for c in columns)
    return [
        trigger("insert", table.name, "AFTER INSERT", insert),
        trigger("update", table.name, "AFTER UPDATE", update, differs),
    ]


def subject_kind(table: sa.Table, column: str) -> str:
    """The table a subject column speaks of: its own for ``id``, else where its foreign key points."""
    if column == "id":
        return table.name
    for key in table.columns[column].foreign_keys:
        return key.target_fullname.split(".")[0]
    raise TypeError(f"{table.name}.{column} is a subject but no foreign key")


def _subjects(model: Any, row: str) -> str:
    table: sa.Table = model.__table__
    owner = f"{row}.organisation_id" if "organisation_id" in table.columns else "NULL"
    sql = ""
    for column in model.SUBJECTS:
        sql += (
            "INSERT INTO event_subject (event_seq, kind, subject_id, organisation_id) "
            f"SELECT {CURRENT}, '{subject_kind(table, column)}', {row}.{column}, {owner} "
            f"WHERE {row}.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event_subject s WHERE "
            f"s.event_seq = {CURRENT} AND s.subject_id = {row}.{column} AND s.organisation_id IS {owner});"
        )
    return sql


def drops(connection: sa.Connection) -> Iterator[str]:
    """Statements that drop every trigger, then the scaffold."""
    found = (
        connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    )
    for name in found:
        yield f"DROP TRIGGER {name}"
    yield "DROP TABLE IF EXISTS current_event"
    yield "DROP TABLE IF EXISTS never"


def differences(connection: sa.Connection, expected: list[Row]) -> list[str]:
    """Compare each text with ``sqlite_master``; any trigger that we did not write is a difference too."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR name IN ('never', 'current_event')"
    )
    found: dict[str, str] = {row.name: row.sql for row in rows}
    wrong = [name for _, name, _, sql in expected if found.get(name) != sql]
    known = {name for _, name, _, _ in expected}
    return sorted(wrong + [name for name in found if name not in known])
