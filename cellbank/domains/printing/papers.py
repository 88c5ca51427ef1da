"""Papers beside labels: the map of a box with a symbol for each of its places, and the cards that hang by a freezer."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from cellbank.core.errors import Invalid
from cellbank.domains.printing.cards import TITLES, place_text
from cellbank.domains.printing.drawing import card_values
from cellbank.domains.printing.supplies import CARD_STOCK, Supplies
from cellbank.domains.storage.models import Container
from cellbank.toolkit.labels import font_name, matrix, shape, sheet, spaced_code, width_em

MM: Final = 72 / 25.4
MARGIN: Final = 12 * MM
HEAD: Final = 26 * MM
FOOT: Final = 8 * MM
QUIET: Final = 4  # white modules around a QR symbol (ISO/IEC 18004)
LARGEST_MODULE: Final = 0.6 * MM
SMALLEST_MODULE: Final = 0.25 * MM
NAME_PT: Final = 8.0
VIAL_PT: Final = 6.0
WIDE: Final = 1.3


@dataclass(frozen=True)
class Head:
    """What stands around a map: where the box is, and who printed it when, in both calendars."""

    path: str
    printed: str
    page: str


def box_map(box: Container, vials: Mapping[int, str], head: Head) -> bytes:
    """The map of a box on one A4 page: each place with its name, its symbol, and the vial that is in it.

    The places lie as an eye meets them over the open box, in every language.
    :raises Invalid: the box has no places in a grid, or too many for a page
    """
    layout = box.layout
    if not layout.rows or not layout.columns:
        raise Invalid("{container} has no places in rows and columns", container=box.name)
    size = landscape(A4) if layout.columns > layout.rows * WIDE else A4
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, pageCompression=1, invariant=1)
    _head(canvas, box, head, size)
    top = size[1] - MARGIN - HEAD
    cell = ((size[0] - 2 * MARGIN) / layout.columns, (top - MARGIN - FOOT) / layout.rows)
    for line, row in enumerate(layout.rows_as_seen):
        for column in range(1, layout.columns + 1):
            place = layout.at(row, column)
            corner = (MARGIN + (column - 1) * cell[0], top - (line + 1) * cell[1])
            _place(canvas, box.code, (layout.name(place), vials.get(place, "")), corner, cell)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _head(canvas: Canvas, box: Container, head: Head, size: tuple[float, float]) -> None:
    top = size[1] - MARGIN
    symbol = HEAD - 4 * MM
    _symbol(canvas, box.code, size[0] - MARGIN - symbol, top - symbol, symbol)
    _write(canvas, box.name, MARGIN, top - 14, 16, bold=True)
    if box.name_fa:
        _write(
            canvas, box.name_fa, size[0] - MARGIN - symbol - 4 * MM, top - 14, 16, bold=True, from_end=True
        )
    _write(canvas, spaced_code(box.code), MARGIN, top - 30, 11, bold=True)
    _write(canvas, head.path, MARGIN, top - 44, 9)
    _write(canvas, head.printed, MARGIN, MARGIN, 8)
    _write(canvas, head.page, size[0] - MARGIN, MARGIN, 8, from_end=True)


def _place(
    canvas: Canvas, code: str, words: tuple[str, str], corner: tuple[float, float], cell: tuple[float, float]
) -> None:
    """One place: its name, its symbol, and below it the vial that is in it."""
    name, vial = words
    canvas.setLineWidth(0.4)
    canvas.rect(corner[0], corner[1], cell[0], cell[1])
    _write(canvas, name, corner[0] + 2, corner[1] + cell[1] - NAME_PT - 1, NAME_PT, bold=True)
    room = cell[1] - NAME_PT - 3
    if vial:
        _write(canvas, vial, corner[0] + 2, corner[1] + 2, _fitting(vial, cell[0] - 4))
        room -= VIAL_PT + 1
    side = min(room, cell[0] - 2)
    x = corner[0] + (cell[0] - side) / 2
    _symbol(
        canvas,
        place_text(code, name),
        x,
        corner[1] + (VIAL_PT + 2 if vial else 1) + (room - side) / 2,
        side,
    )


def _fitting(text: str, width: float) -> float:
    """The type size at which a text fits a width, six points at most."""
    return min(VIAL_PT, width / max(width_em(shape(text)), 0.1))


def _symbol(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """A QR symbol with its quiet zone inside a square.

    :raises Invalid: the square is too small for a printer
    """
    modules = matrix(text, "qr")
    count = len(modules)
    module = min(side / (count + 2 * QUIET), LARGEST_MODULE)
    if module < SMALLEST_MODULE:
        raise Invalid("There is no room for {name} on this label", name=text)
    left, top = x + (side - count * module) / 2, y + (side + count * module) / 2
    path = canvas.beginPath()
    for line, row in enumerate(modules):
        edges = [n for n, (before, now) in enumerate(pairwise((False, *row, False))) if before != now]
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            path.rect(left + start * module, top - (line + 1) * module, (stop - start) * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _write(
    canvas: Canvas, text: str, x: float, y: float, size: float, *, bold: bool = False, from_end: bool = False
) -> None:
    """One line of text; Persian is shaped and keeps Latin runs whole. :raises Invalid: a sign the typeface lacks."""
    shaped = shape(text)
    width = size * width_em(shaped, bold=bold)
    canvas.setFont(font_name(bold=bold), size)
    canvas.drawString(x - width if from_end else x, y, shaped)


def action_cards(supplies: Supplies, bank_letter: str, stock: str = CARD_STOCK) -> bytes:
    """Every action card, in both languages, to be laminated. :raises Invalid: no such stock, or it does not fit."""
    on, what = supplies.pair(stock, "action-card")
    return sheet([card_values(action, bank_letter) for action in TITLES], on, what)
