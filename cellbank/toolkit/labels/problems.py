"""What can be wrong with label files, and how the fields of labels are called in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cellbank.core.errors import Message

_FIELD_TITLES: Final = {
    "code": Message("Code"),
    "lot_number": Message("Lot number"),
    "line": Message("Cell line"),
    "line_fa": Message("Cell line in Persian"),
    "passage": Message("Passage"),
    "frozen_on": Message("Freeze date"),
    "owner": Message("Owner"),
    "statement": Message("Required statement"),
    "statement_fa": Message("Required statement in Persian"),
    "number": Message("Vial number"),
    "lot_tail": Message("End of the lot number"),
    "not_for_cryo": Message("Warning NOT FOR CRYO"),
    "name": Message("Name"),
    "name_fa": Message("Name in Persian"),
    "grid": Message("Grid"),
    "note": Message("Note"),
    "condition": Message("Storage condition"),
    "role": Message("Role"),
    "organisation": Message("Organisation"),
    "title": Message("Title"),
    "title_fa": Message("Title in Persian"),
}


def field_title(field: str) -> Message:
    """Return what a label's field is called in a sentence; one of a site's own goes by its name."""
    return _FIELD_TITLES.get(field, Message(field))


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A stock or template file that was left out, and what is wrong in which place of it."""

    file: Path
    where: str
    message: Message

    def __str__(self) -> str:
        place = f"{self.file.name}, {self.where}" if self.where else self.file.name
        return f"{place}: {self.message}"
