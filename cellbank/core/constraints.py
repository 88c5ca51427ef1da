"""What the database says when it refuses a write, in the words of a person."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from cellbank.core.errors import CellbankError, Conflict, Refused


def is_passing(error: DBAPIError) -> bool:
    """Deadlock, serialisation failure, lock timeout, connection lost, "database is locked": worth another try."""
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state in {"40001", "40P01", "55P03", "57P01", "08006", "08003"}:
        return True
    return "database is locked" in str(error.orig)


# Constraint name → the sentence a person reads. Domains add theirs with ``explain``.
_SENTENCES: dict[str, str] = {}


def explain(constraint: str, sentence: str) -> None:
    """Say in words what it means that the database refused a write by this constraint."""
    _SENTENCES[constraint] = sentence


def explained(error: DBAPIError) -> CellbankError:
    """The error as a person reads it. :raises DBAPIError: itself, where it is a fault of the program."""
    text = str(error.orig)
    diagnosis = getattr(error.orig, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    if name is None:
        found = re.search(r"unique: (\w+)", text)
        name = found.group(1) if found else None
    if name in _SENTENCES:
        return Refused(_SENTENCES[name])
    if name is not None and name.startswith(("uq_", "pk_")):
        return Conflict("This already exists: {what}", what=name)
    raise error
