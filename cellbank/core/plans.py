"""Steady query plans on SQLite: what the planner should believe of our tables, said once instead of guessed.

Without statistics SQLite takes an organisation's key to be as selective as a vial's, and walks all rows of a
company to find one. Statistics of a real bank would come late and change under people's hands, so each index gets
fixed ones: a column of an organisation finds very many rows, anything else few, a whole unique key one.
"""

from __future__ import annotations

import sqlalchemy as sa

from cellbank.core.model import Model

ROWS = 1_000_000
OF_ONE_ORGANISATION = 200_000
FEW = 20
# An event may be an import of 100,000 rows: what changed in it is found by the thing, not by walking the event.
MANY = {
    "organisation_id": OF_ONE_ORGANISATION,
    "state": 100_000,
    "kind": 50_000,
    "event_seq": 5_000,
    "name": FEW,
}
# Partial indexes of what is open now: few rows, however large the table grows.
OPEN_NOW = {"uq_vial_exposure_open": 500, "ix_vial_missing": 100, "ix_vial_out": 500}


def steady(connection: sa.Connection) -> None:
    """Write the planner's statistics of every index (SQLite only; PostgreSQL keeps its own)."""
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("ANALYZE")  # makes the table sqlite_stat1
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table in sorted(Model.metadata.tables):
        for index in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
            columns = [
                row.name for row in connection.exec_driver_sql(f"PRAGMA index_info({index.name})").all()
            ]
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, index.name, _statistics(index.name, columns, is_unique=bool(index.unique))),
            )
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # read them


def _statistics(index: str, columns: list[str], *, is_unique: bool) -> str:
    """``rows in the table, rows per value of the first column, of the first two, …`` as SQLite writes it."""
    left = OPEN_NOW.get(index, ROWS)
    found = [left]
    for number, column in enumerate(columns, start=1):
        left = min(left, MANY.get(column, FEW)) if number == 1 or column not in MANY else max(1, left // 5)
        found.append(1 if is_unique and number == len(columns) else left)
    return " ".join(str(number) for number in found)
