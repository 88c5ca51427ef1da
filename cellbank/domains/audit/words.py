"""From what the journal holds to what people read: names of columns and tables, units, dates, words of lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cellbank.core.errors import Message
from cellbank.core.model import Model, Moment
from cellbank.domains.accounts.models import Role
from cellbank.domains.accounts.roles import ROLE_NAMES
from cellbank.domains.audit.columns import COLUMNS
from cellbank.domains.audit.tables import TABLES
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.choices import as_words, words_of
from cellbank.toolkit.i18n.quantities import temperature

HIDDEN: Final = frozenset(
    {
        "id",
        "version",
        "certificate_sha256",
        "curve_sha256",
        "document_sha256",
        "dossier_sha256",
        "file_sha256",
        "logger_sha256",
    }
)
"""Columns that say nothing to a reader: keys, versions, and sums of files; the act's request and export have them."""

WHEN_CHANGED: Final = frozenset({"organisation_id"})
"""Columns that are told only where an act changes them."""

CODES: Final = frozenset(
    {
        "barcode",
        "code",
        "code_read",
        "catalogue_number",
        "din",
        "lot",
        "name",
        "rrid",
        "serial_number",
        "user_name",
    }
)
"""Columns whose texts are codes, lots and names: always written left to right."""

YES: Final = Message("yes")
NO: Final = Message("no")
FOREIGN: Final = Message("another organisation's")
THIS_ACT: Final = Message("by this act")
THE_PROGRAM: Final = Message("the program")

_PARTS: Final = {"_permille": 10, "_milli": 1000, "_tenths_mm": 10, "_centi_c_per_minute": 100}
"""Endings of columns that are kept in whole parts of the unit people read."""


def label_of(table: str, column: str) -> Message:
    """What a column is called; a column of an older edition is told by its own name."""
    return COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column) or Message(as_words(column))


def table_label(table: str) -> Message:
    """What a kind of row is called."""
    return TABLES.get(table) or Message(as_words(table))


@cache
def column_of(table: str, column: str) -> sa.Column[Any] | None:
    """The column as the models know it now; None where it no longer is."""
    found = Model.metadata.tables.get(table)
    return found.columns[column] if found is not None and column in found.columns else None


@cache
def points_at(table: str, column: str) -> str | None:
    """The table that a key column points at, or None for a plain value."""
    known = column_of(table, column)
    if known is None or column in ("id", "organisation_id"):
        return "organisation" if known is not None and column == "organisation_id" else None
    for key in known.foreign_keys:
        if not key.target_fullname.endswith(".organisation_id"):
            return str(key.target_fullname).split(".")[0]
    return None


def value_of(table: str, column: str, value: Any) -> Any:
    """A recorded value as people read it: Message, Code, text, number, day or moment; None for none.

    Numbers kept in whole thousandths or hundredths come back in the unit that the column's name on the page says.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, int):
        return _number(column, value)
    return _text(table, column, str(value))


def _number(column: str, value: int) -> Any:
    if column.endswith("_centi_c"):
        return temperature(value)
    for ending, parts in _PARTS.items():
        if column.endswith(ending):
            return Code(f"{Decimal(value) / parts}")
    return value


def _text(table: str, column: str, value: str) -> Any:
    known = column_of(table, column)
    kind = known.type if known is not None else None
    try:
        if isinstance(kind, sa.Enum) and kind.enum_class is not None:
            return word(kind.enum_class(value))
        if isinstance(kind, Moment):
            return dt.datetime.fromisoformat(value)
        if isinstance(kind, sa.Date):
            return dt.date.fromisoformat(value)
    except ValueError:
        return value  # a word or shape of an older edition: shown as it was recorded
    return Code(value) if column in CODES else value


def word(member: Any) -> Message:
    """A word of a list, as a message."""
    return ROLE_NAMES[member] if isinstance(member, Role) else Message(words_of(member))


def roles_told(text: str) -> tuple[Message, ...]:
    """The roles under which somebody acted ("technician,manager"), in words."""
    known = {role.value: name for role, name in ROLE_NAMES.items()}
    known["job"] = THE_PROGRAM
    return tuple(known.get(role) or Message(as_words(role)) for role in text.split(",") if role)


__all__ = [
    "COLUMNS",
    "FOREIGN",
    "HIDDEN",
    "TABLES",
    "THIS_ACT",
    "WHEN_CHANGED",
    "label_of",
    "points_at",
    "roles_told",
    "table_label",
    "value_of",
    "word",
]
