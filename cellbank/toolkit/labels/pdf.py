"""Labels as PDF pages, and those pages as pictures: one drawing for paper, preview and label printer."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pypdfium2 as pdfium
from PIL import Image
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from cellbank.core.errors import Invalid, Message
from cellbank.toolkit.labels.drawing import Calibration, draw_label, draw_outlines, draw_rulers, set_up_page
from cellbank.toolkit.labels.layout import MM, Layout, arrange
from cellbank.toolkit.labels.stock import Stock
from cellbank.toolkit.labels.template import Template

# Pages as bytes, not as letters: a fifth smaller, and faster to write.
rl_config.useA85 = 0
# PDFium keeps global state and must not be entered by two threads.
_pdfium_in_use: Final = threading.Lock()
_BLACK_BELOW: Final = 128
_STRAIGHT: Final = Calibration()


class Label(Mapping[str, str]):
    """The values that one label prints, by field name; it cannot be changed and can be compared."""

    def __init__(self, values: Mapping[str, str] | None = None, /, **fields: str) -> None:
        self._values = {**(values or {}), **fields}

    def __getitem__(self, field: str) -> str:
        return self._values[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Label({self._values!r})"


@dataclass(frozen=True, slots=True)
class Unprintable:
    """A label of a print run that cannot be printed: its place in the run, counted from 1, and why."""

    number: int
    message: Message


def check(
    labels: Iterable[Mapping[str, str]], stock: Stock, template: Template, *, dpi: int | None = None
) -> tuple[Unprintable, ...]:
    """Return every label that could not be printed, so that all can be put right before paper is used."""
    problems: list[Unprintable] = []
    for number, label in enumerate(labels, start=1):
        try:
            arrange(label, stock, template, dpi)
        except Invalid as problem:
            problems.append(Unprintable(number, problem.message))
    return tuple(problems)


def sheet(
    labels: Iterable[Mapping[str, str]],
    stock: Stock,
    template: Template,
    *,
    start_at: int = 1,
    dpi: int | None = None,
    calibration: Calibration = _STRAIGHT,
    outlines: bool = False,
) -> bytes:
    """Return labels as a PDF: sheet by sheet, or one label a page on a roll.

    `start_at` is the first free label of a part-used sheet, counted from 1 along the rows; `dpi` is the
    printer's, by default the stock's; `outlines` adds the labels' edges and millimetre rulers.

    :raises Invalid: if a label cannot be printed, or `start_at` is not on the sheet.
    """
    if not 1 <= start_at <= stock.labels_per_page:
        raise Invalid(
            "A sheet of {stock} has labels 1 to {count}", stock=stock.title, count=stock.labels_per_page
        )
    dpi = dpi or stock.dpi
    arranged = (arrange(label, stock, template, dpi) for label in labels)
    return _draw_pages(arranged, stock, start_at - 1, dpi, calibration, outlines=outlines)


def calibration_page(stock: Stock, calibration: Calibration = _STRAIGHT) -> bytes:
    """Return one page with every label's outline and millimetre rulers, to lay over the bought sheet."""
    return _draw_pages(iter(()), stock, 0, stock.dpi, calibration, outlines=True)


def preview(label: Mapping[str, str], stock: Stock, template: Template, *, dpi: int = 300) -> bytes:
    """Return the picture (PNG) of one label as it will be printed, with its outline."""
    alone = replace(
        stock,
        medium="roll",
        page_width_mm=stock.label_width_mm,
        page_height_mm=stock.label_height_mm,
        columns=1,
        rows=1,
        left_mm=0.0,
        top_mm=0.0,
    )
    canvas, buffer = _canvas(alone)
    draw_label(canvas, arrange(label, stock, template), (0.0, 0.0), alone, stock.dpi)
    draw_outlines(canvas, alone)
    canvas.showPage()
    canvas.save()
    return png(buffer.getvalue(), dpi)


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    with _pdfium_in_use:
        document = pdfium.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def picture(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    """Return one page (counted from 0) as a grey picture at the printer's resolution."""
    with _pdfium_in_use:
        document = pdfium.PdfDocument(pdf)
        try:
            _widen_to_whole_dots(document[page], dpi)
            grey: Image.Image = document[page].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
            return grey
        finally:
            document.close()


def _widen_to_whole_dots(page: pdfium.PdfPage, dpi: int) -> None:
    """Add a fraction of a dot of white to the right and below.

    PDFium stretches a page to a whole number of dots, and modules would then fall between the dots.
    """
    width, height = page.get_size()
    wider = math.ceil(width * dpi / 72 - 1e-3) / dpi * 72 - 1e-4
    higher = math.ceil(height * dpi / 72 - 1e-3) / dpi * 72 - 1e-4
    page.set_mediabox(0, height - higher, wider, height)
    page.close()


def png(pdf: bytes, dpi: int, page: int = 0) -> bytes:
    """Return one page (counted from 0) as a PNG file."""
    buffer = io.BytesIO()
    picture(pdf, dpi, page).save(buffer, "PNG", dpi=(dpi, dpi), optimize=True)
    return buffer.getvalue()


def bitmap(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    """Return one page in black and white only, as a thermal printer burns it."""
    return picture(pdf, dpi, page).point([0 if grey < _BLACK_BELOW else 255 for grey in range(256)], "1")


def _canvas(stock: Stock) -> tuple[Canvas, io.BytesIO]:
    buffer = io.BytesIO()
    size = (stock.page_width_mm * MM, stock.page_height_mm * MM)
    # Invariant: the same labels give the same bytes, so that a print can be proved later.
    return Canvas(buffer, pagesize=size, pageCompression=1, invariant=1), buffer


def _draw_pages(
    layouts: Iterator[Layout], stock: Stock, place: int, dpi: int, calibration: Calibration, *, outlines: bool
) -> bytes:
    canvas, buffer = _canvas(stock)
    page_is_open = False
    for layout in layouts:
        if not page_is_open:
            _open_page(canvas, stock, calibration, outlines=outlines)
            page_is_open = True
        draw_label(canvas, layout, stock.corner_of(place), stock, dpi)
        place += 1
        if place == stock.labels_per_page:
            canvas.showPage()
            page_is_open = False
            place = 0
    if page_is_open or canvas.getPageNumber() == 1:
        if not page_is_open:
            _open_page(canvas, stock, calibration, outlines=outlines)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _open_page(canvas: Canvas, stock: Stock, calibration: Calibration, *, outlines: bool) -> None:
    if calibration != _STRAIGHT:
        set_up_page(canvas, stock, calibration)
    if outlines:
        draw_outlines(canvas, stock)
        draw_rulers(canvas, stock)
