"""The squares of a box map. A box has a hundred of them, so they are drawn here and not by a macro.

A macro looks up the same words and addresses for each square, and took more than half of a page's time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from cellbank.toolkit.html.maps import Cell
from cellbank.toolkit.html.marks import bank_mark

FREE = Cell(slot="")
UNMARKED = ("free", "occupied")
"""States that are a dot, not a glyph."""


class Squares:
    """Draws the squares of one map, one call a slot; what they share is looked up once."""

    def __init__(
        self,
        cells: Mapping[str, Cell],
        selected: str,
        label: Callable[[str], object],
        icons: str,
    ) -> None:
        """``label`` gives the words of a state; ``icons`` is the address of the file of glyphs."""
        self._cells, self._selected, self._icons = cells, selected, escape(icons)
        self._label = label
        self._labels: dict[str, str] = {}
        self._marks: dict[str, str] = {}

    def __call__(self, slot: str) -> Markup:
        """The square of one slot, as a cell of the table."""
        cell = self._cells.get(slot, FREE)
        is_selected = bool(slot) and slot == self._selected
        words = (
            escape(f"{slot}: {cell.title}") if cell.title else escape(f"{slot}: ") + self._words(cell.state)
        )
        classes = self._classes(cell, is_selected=is_selected)
        place = f'data-slot="{escape(slot)}"'
        said = f'title="{words}" aria-label="{words}"'
        if cell.url:
            here = ' aria-current="true"' if is_selected else ""
            place += f' data-code="{escape(cell.code)}"'
            link = f'<a class="{classes}" href="{escape(cell.url)}" {place} {said}{here}>'
            drawn = f"{link}{self._glyph(cell)}</a>"
        else:
            drawn = f'<span class="{classes}" {place} {said} role="img">{self._glyph(cell)}</span>'
        return Markup(f"<td>{drawn}</td>")  # noqa: S704 - every value in it was escaped above

    def _words(self, state: str) -> str:
        if state not in self._labels:
            self._labels[state] = str(escape(self._label(state)))
        return self._labels[state]

    def _classes(self, cell: Cell, *, is_selected: bool) -> str:
        classes = f"slot is-{escape(cell.state)}"
        if cell.bank:
            if cell.bank not in self._marks:
                self._marks[cell.bank] = bank_mark(cell.bank)
            classes += f" {self._marks[cell.bank]}"
        return classes + (" is-selected" if is_selected else "") + (" is-next" if cell.is_next else "")

    def _glyph(self, cell: Cell) -> str:
        if cell.state in UNMARKED:
            return '<span class="dot" aria-hidden="true"></span>'
        drawn = (
            '<svg class="icon" aria-hidden="true" width="20" height="20">'
            f'<use href="{self._icons}#state-{escape(cell.state)}"></use></svg>'
        )
        if cell.short:
            drawn += f'<span class="short" aria-hidden="true">{escape(cell.short)}</span>'
        return drawn
