"""The journal's triggers in PostgreSQL's words.

How an event becomes current: a trigger on ``event`` sets the transaction-local ``cellbank.event``; ``current_event()``
asks besides that this event was inserted by this very transaction (its ``xmin``), so an old event cannot be set by
hand. Capture is by statement triggers with transition tables (twice as fast in bulk as row triggers). All are
ENABLE ALWAYS, so ``session_replication_role`` does not skip them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from cellbank.core.model import Moment
from cellbank.core.triggers_sqlite import subject_kind

Row = tuple[str, str, str, str]
PREFIX = "journal_"

CURRENT_EVENT = """CREATE FUNCTION journal_current_event() RETURNS bigint LANGUAGE plpgsql STABLE AS $body$
DECLARE s bigint := nullif(current_setting('cellbank.event', true), '')::bigint;
BEGIN
  IF s IS NULL OR NOT EXISTS (SELECT 1 FROM event
     WHERE seq = s AND outcome = 'done' AND xmin = pg_current_xact_id()::xid) THEN
    RAISE EXCEPTION 'no current event';
  END IF;
  RETURN s;
END $body$"""

BECOMES_CURRENT = """CREATE FUNCTION journal_event_becomes_current() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF NEW.outcome = 'done' THEN
    IF nullif(current_setting('cellbank.event', true), '') IS NOT NULL THEN
      RAISE EXCEPTION 'only one event a transaction';
    END IF;
    PERFORM set_config('cellbank.event', NEW.seq::text, true);
  END IF;
  RETURN NULL;
END $body$"""

REFUSE = """CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
END $body$"""

UNDER_CURRENT = """CREATE FUNCTION journal_under_current() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_TABLE_NAME = 'event_subject' AND EXISTS (SELECT 1 FROM event WHERE seq = NEW.event_seq
     AND outcome = 'refused' AND xmin = pg_current_xact_id()::xid) THEN
    RETURN NEW;
  END IF;
  IF NEW.event_seq <> journal_current_event() THEN
    RAISE EXCEPTION 'no current event';
  END IF;
  RETURN NEW;
END $body$"""


def function(name: str, table: str, sql: str) -> Row:
    """A function of ours."""
    return ("function", name, table, sql)


def trigger(name: str, table: str, when: str, call: str) -> Row:
    """A trigger that fires always, even under ``session_replication_role = replica``."""
    full = f"{PREFIX}{table}_{name}"
    sql = f"CREATE TRIGGER {full} {when} EXECUTE FUNCTION {call}; ALTER TABLE {table} ENABLE ALWAYS TRIGGER {full}"
    return ("trigger", full, table, sql)


def statements(recorded: Iterable[Any], journal: Iterable[sa.Table]) -> list[Row]:
    """Shared functions, journal guards, then guard and capture triggers of each recorded table."""
    rows: list[Row] = [
        function("journal_current_event", "event", CURRENT_EVENT),
        function("journal_event_becomes_current", "event", BECOMES_CURRENT),
        function("journal_refuse", "event", REFUSE),
        function("journal_under_current", "change", UNDER_CURRENT),
    ]
    for table in journal:
        rows += _append_only(table)
    for model in recorded:
        rows += _captures(model)
        rows += _forbidden(model.__table__.name, "recorded rows are never deleted", ("DELETE", "TRUNCATE"))
    return rows


def _forbidden(table: str, why: str, acts: tuple[str, ...]) -> list[Row]:
    return [
        trigger(
            f"no_{act.lower()}",
            table,
            f"BEFORE {act} ON {table} FOR EACH STATEMENT",
            f"journal_refuse('{table}: {why}')",
        )
        for act in acts
    ]


def _append_only(table: sa.Table) -> list[Row]:
    rows = _forbidden(table.name, "append-only", ("UPDATE", "DELETE", "TRUNCATE"))
    if table.name == "event":
        rows.append(
            trigger(
                "becomes_current",
                "event",
                "AFTER INSERT ON event FOR EACH ROW",
                "journal_event_becomes_current()",
            )
        )
    else:
        rows.append(
            trigger(
                "under_current",
                table.name,
                f"BEFORE INSERT ON {table.name} FOR EACH ROW",
                "journal_under_current()",
            )
        )
    return rows


def literal(column: sa.Column[Any], row: str) -> str:
    """SQL that says a column's value as canonical JSON."""
    value = f"{row}.{column.name}"
    kind = column.type
    if isinstance(kind, sa.Uuid):
        text = f"'\"' || replace({value}::text, '-', '') || '\"'"
    elif isinstance(kind, sa.Boolean | sa.Integer):
        text = f"{value}::text"
    elif isinstance(kind, Moment):
        text = f"'\"' || to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '\"'"
    elif isinstance(kind, sa.Date):
        text = f"'\"' || to_char({value}, 'YYYY-MM-DD') || '\"'"
    elif isinstance(kind, sa.String | sa.Enum):
        text = f"to_json({value}::text)::text"
    else:
        raise TypeError(f"{column}: a recorded column cannot be of type {kind!r}")
    return f"coalesce({text}, 'null')"


def _captures(model: Any) -> list[Row]:
    table: sa.Table = model.__table__
    name = table.name
    columns = sorted(table.columns, key=lambda c: c.name)
    whole = " || ',' || ".join(f"'\"{c.name}\":' || {literal(c, 'n')}" for c in columns)
    changes = " || ".join(
        f'CASE WHEN n.{c.name} IS DISTINCT FROM o.{c.name} THEN \',"{c.name}":{{"new":\' || {literal(c, "n")} || '
        f"',\"old\":' || {literal(c, 'o')} || '}}' ELSE '' END"
        for c in columns
    )
    differs = " OR ".join(f"n.{c.name} IS DISTINCT FROM o.{c.name}" for c in columns)
    organisation = "n.organisation_id" if "organisation_id" in table.columns else "NULL::uuid"
    into = "INSERT INTO change (event_seq, table_name, row_id, organisation_id, kind, body, salt) SELECT s"
    salt = "replace(gen_random_uuid()::text, '-', '')"
    insert = f"""CREATE FUNCTION {PREFIX}{name}_insert() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE s bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN RETURN NULL; END IF;
  s := journal_current_event();
  IF EXISTS (SELECT 1 FROM new_rows WHERE version <> 1) THEN RAISE EXCEPTION '{name}: the first version is 1'; END IF;
  {into}, '{name}', n.id, {organisation}, 'insert', '{{' || {whole} || '}}', {salt} FROM new_rows n ORDER BY n.id;
  {_subjects(model, "new_rows")}
  RETURN NULL;
END $body$"""
    update = f"""CREATE FUNCTION {PREFIX}{name}_update() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE s bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN RETURN NULL; END IF;
  s := journal_current_event();
  IF (SELECT count(*) FROM new_rows) <> (SELECT count(*) FROM new_rows n JOIN old_rows o ON o.id = n.id
      WHERE n.version = o.version + 1 OR NOT ({differs})) THEN
    RAISE EXCEPTION '{name}: the key never changes and the version rises by one';
  END IF;
  {into}, '{name}', n.id, {organisation}, 'update', '{{' || substr({changes}, 2) || '}}', {salt}
    FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {differs} ORDER BY n.id;
  {_subjects(model, "new_rows")}
  {_subjects(model, "old_rows")}
  RETURN NULL;
END $body$"""
    return [
        function(f"{PREFIX}{name}_insert", name, insert),
        function(f"{PREFIX}{name}_update", name, update),
        trigger(
            "insert",
            name,
            f"AFTER INSERT ON {name} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
            f"{PREFIX}{name}_insert()",
        ),
        trigger(
            "update",
            name,
            f"AFTER UPDATE ON {name} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT",
            f"{PREFIX}{name}_update()",
        ),
    ]


def _subjects(model: Any, rows: str) -> str:
    table: sa.Table = model.__table__
    owner = "r.organisation_id" if "organisation_id" in table.columns else "NULL::uuid"
    return "\n  ".join(
        "INSERT INTO event_subject (event_seq, kind, subject_id, organisation_id) "
        f"SELECT DISTINCT s, '{subject_kind(table, column)}', r.{column}, {owner} FROM {rows} r "
        f"WHERE r.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event_subject e WHERE e.event_seq = s "
        f"AND e.subject_id = r.{column} AND e.organisation_id IS NOT DISTINCT FROM {owner});"
        for column in model.SUBJECTS
    )


def drops(connection: sa.Connection) -> Iterator[str]:
    """Statements that drop every trigger, then every function of ours."""
    triggers = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    ).all()
    for name, table in triggers:
        yield f"DROP TRIGGER {name} ON {table}"
    functions = connection.exec_driver_sql(
        "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
        "AND starts_with(proname, 'journal_')"
    ).scalars()
    for name in functions.all():
        yield f"DROP FUNCTION {name}()"


def differences(connection: sa.Connection, expected: list[Row]) -> list[str]:
    """Compare each function's body and each trigger's definition and state with what we would create."""
    functions = connection.exec_driver_sql(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    )
    bodies = {row.proname: row.prosrc for row in functions}
    found = {
        name: (state, definition)
        for name, state, definition in connection.exec_driver_sql(
            "SELECT t.tgname, t.tgenabled, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c "
            "ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        ).all()
    }
    wrong = []
    for kind, name, _, sql in expected:
        if kind == "function":
            body = sql.split("$body$")[1]
            if bodies.get(name) != body:
                wrong.append(name)
        else:
            state, definition = found.get(name, ("", ""))
            if state != "A" or _plain(definition) != _plain(sql.split(";")[0]):
                wrong.append(name)
    known = {name for kind, name, _, _ in expected if kind == "trigger"}
    return sorted(wrong + [name for name in found if name not in known])


def _plain(definition: str) -> str:
    """A trigger's definition without what PostgreSQL adds when it prints it (schema names, quotes round arguments)."""
    return " ".join(definition.replace("public.", "").split())
