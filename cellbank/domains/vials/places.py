"""Names of the places in a container: place 1 of a 9×9 box is A1, place 81 is I9.

A position is a whole number from 1, counted along the rows from the top left corner as the map is drawn; the order
in which a box is filled is another matter.
"""

from __future__ import annotations

from string import ascii_uppercase

from cellbank.domains.storage.models import Arrangement, Container, CountedFrom, FillOrder, LabelScheme


def places(container: Container) -> int:
    """How many numbered places it has; none in a counted lot or in something without places."""
    if container.arrangement is Arrangement.GRID:
        return (container.rows or 0) * (container.columns or 0)
    if container.arrangement is Arrangement.STACK:
        return container.capacity or 0
    return 0


def row_names(container: Container) -> list[str]:
    """The names of its rows from the top of the map down."""
    names = _names(container.row_labels, container.rows or 0)
    return names[::-1] if container.counted_from is CountedFrom.BOTTOM else names


def column_names(container: Container) -> list[str]:
    """The names of its columns from the left of the map."""
    return _names(container.column_labels, container.columns or 0)


def place_name(container: Container, position: int | None) -> str:
    """How a place is called: C5 in a grid, 3 in a stack, nothing where the place is not known."""
    if position is None:
        return ""
    if container.arrangement is not Arrangement.GRID or _runs_on(container):
        return str(position)
    row, column = divmod(position - 1, container.columns or 1)
    rows = row_names(container)
    if row >= len(rows):
        return str(position)
    return rows[row] + column_names(container)[column]


def position_named(container: Container, name: str) -> int | None:
    """The position of the place with this name (C5, c5, C05, 23), or None where it has no such place."""
    wanted = _folded(name)
    return next(
        (p for p in range(1, places(container) + 1) if _folded(place_name(container, p)) == wanted), None
    )


def in_fill_order(container: Container) -> list[int]:
    """Its positions in the order in which it is filled."""
    everything = list(range(1, places(container) + 1))
    if container.arrangement is not Arrangement.GRID or container.fill_order is FillOrder.ROW_FIRST:
        return everything
    columns = container.columns or 1
    return sorted(everything, key=lambda position: ((position - 1) % columns, (position - 1) // columns))


def _runs_on(container: Container) -> bool:
    return LabelScheme.RUNNING_NUMBERS in (container.row_labels, container.column_labels)


def _names(scheme: LabelScheme, count: int) -> list[str]:
    if scheme in (LabelScheme.NUMBERS, LabelScheme.RUNNING_NUMBERS):
        return [str(number) for number in range(1, count + 1)]
    letters = (
        ascii_uppercase
        if scheme is LabelScheme.LETTERS
        else ascii_uppercase.replace("I", "").replace("O", "")
    )
    return [_letters(index, letters) for index in range(count)]


def _letters(index: int, letters: str) -> str:
    """A … Z, AA, AB …"""
    text, rest = "", index + 1
    while rest:
        rest, last = divmod(rest - 1, len(letters))
        text = letters[last] + text
    return text


def _folded(name: str) -> str:
    """C5 for " c-05 ": a place as people write it."""
    bare = "".join(sign for sign in name.upper() if sign.isalnum())
    letters = bare.rstrip("0123456789")
    digits = bare[len(letters) :].lstrip("0")
    return letters + digits
