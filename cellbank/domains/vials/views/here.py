"""The register of this domain's pages and readable resources, and how its things are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from cellbank.core.errors import Message
from cellbank.domains.storage.models import Arrangement, Container
from cellbank.domains.vials.models import DestructionMethod, IntendedUse, ThawOutcome, ThawPurpose
from cellbank.domains.vials.queries import Cell
from cellbank.toolkit.html import maps
from cellbank.toolkit.html.pages import SIGNED_IN, MenuItem, Pages
from cellbank.toolkit.rest import Resources

pages = Pages("vials")
resources = Resources("vials")
MENU = (
    MenuItem(
        label=Message("Home").id,
        endpoint="vials.home",
        icon="home",
        permission=SIGNED_IN,
        order=0,
        on_phone=True,
    ),
)

PURPOSES = {
    ThawPurpose.CULTURE: Message("Culture"),
    ThawPurpose.NEW_BANK: Message("New bank"),
    ThawPurpose.MANUFACTURE: Message("Manufacture"),
    ThawPurpose.QC: Message("Quality control"),
    ThawPurpose.STABILITY: Message("Stability study"),
    ThawPurpose.CLINICAL: Message("Clinical use"),
    ThawPurpose.TRAINING: Message("Training"),
    ThawPurpose.OTHER: Message("Another purpose"),
}
OUTCOMES = {
    ThawOutcome.GOOD: Message("Good"),
    ThawOutcome.LOW_VIABILITY: Message("Low viability"),
    ThawOutcome.CONTAMINATED: Message("Contaminated"),
    ThawOutcome.NO_GROWTH: Message("No growth"),
    ThawOutcome.CRACKED: Message("Tube cracked"),
    ThawOutcome.EMPTY: Message("Tube empty"),
    ThawOutcome.WRONG_CONTENT: Message("Wrong content"),
}
USES = {
    IntendedUse.RESEARCH: (Message("For research: yes"), Message("For research: no")),
    IntendedUse.GMP_MANUFACTURE: (Message("For GMP manufacture: yes"), Message("For GMP manufacture: no")),
    IntendedUse.CLINICAL: (Message("For patients: yes"), Message("For patients: no")),
    IntendedUse.TRAINING: (Message("For training: yes"), Message("For training: no")),
}
METHODS = {
    DestructionMethod.AUTOCLAVE: Message("Autoclave"),
    DestructionMethod.INCINERATION: Message("Incineration"),
    DestructionMethod.CHEMICAL: Message("Chemical"),
    DestructionMethod.RETURNED_TO_OWNER: Message("Returned to owner"),
    DestructionMethod.OTHER: Message("Another way"),
}
STATES = {
    "planned": Message("Planned"),
    "filled": Message("Filled"),
    "freezing": Message("Being frozen"),
    "stored": Message("In its slot"),
    "out": Message("Out"),
    "in_transit": Message("On its way"),
    "missing": Message("Missing"),
    "thawed": Message("Thawed"),
    "issued": Message("Issued"),
    "destroyed": Message("Destroyed"),
    "not_filled": Message("Not filled"),
    "written_off": Message("Written off"),
}
PILLS = {"filled": "waiting", "freezing": "waiting", "in_transit": "waiting"} | dict.fromkeys(
    ("thawed", "issued", "destroyed", "not_filled", "written_off"), "gone"
)


def choices(words: dict[Any, Message]) -> list[tuple[str, str]]:
    """What a list of words offers: each value with its message id."""
    return [(value.value, message.id) for value, message in words.items()]


def box_drawing(box: Container, cells: Iterable[Cell], selected: str = "") -> dict[str, Any] | None:
    """What ``maps.box_map`` takes to draw a grid; None for what is no grid."""
    layout = box.layout
    if box.arrangement is not Arrangement.GRID:
        return None
    row_names, column_names = layout.row_names, layout.column_names
    rows = [row_names[number - 1] for number in layout.rows_as_seen]
    slots = {
        (row_names[row - 1], name): layout.name(layout.at(row, column))
        for row in layout.rows_as_seen
        for column, name in enumerate(column_names, 1)
    }
    drawn = {
        cell.name: maps.Cell(
            slot=cell.name,
            state=cell.state,
            bank=cell.bank,
            code=cell.code,
            title=cell.vial or cell.reason,
            url=f"/vials/{quote(cell.code or cell.vial)}" if cell.vial else "",
        )
        for cell in cells
        if cell.name
    }
    return {
        "rows": rows,
        "cols": list(column_names),
        "slots": slots,
        "cells": drawn,
        "name": box.name,
        "selected": selected,
        "box_code": box.code,
    }
