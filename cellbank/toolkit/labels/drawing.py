"""Drawing arranged labels on a ReportLab page: symbols as vectors, so that every printer sees sharp edges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from cellbank.toolkit.labels.codes import Matrix
from cellbank.toolkit.labels.fonts import font_name
from cellbank.toolkit.labels.layout import MM, Layout, PlacedSymbol, PlacedText
from cellbank.toolkit.labels.stock import Stock

_DARK_RUN: Final = re.compile(rb"\x01+")
_HAIRLINE_PT: Final = 0.25
_TICK_MM: Final = {0: 4.0, 5: 3.0}
_SHORT_TICK_MM: Final = 2.0
_RULER_TEXT_PT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one printer misses: shift in millimetres to the right and down, and stretch along both axes."""

    shift_x_mm: float = 0.0
    shift_y_mm: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0


def set_up_page(canvas: Canvas, stock: Stock, calibration: Calibration) -> None:
    """Correct the coordinates of a new page for the printer; the top left corner stays the reference."""
    height = stock.page_height_mm * MM
    canvas.transform(
        calibration.scale_x,
        0,
        0,
        calibration.scale_y,
        calibration.shift_x_mm * MM,
        height * (1 - calibration.scale_y) - calibration.shift_y_mm * MM,
    )


def draw_label(
    canvas: Canvas, layout: Layout, corner_mm: tuple[float, float], stock: Stock, dpi: int
) -> None:
    """Draw one label whose top left corner lies at `corner_mm` of the page; symbols start on a dot."""
    dot = 72 / dpi
    left, top = corner_mm[0] * MM, corner_mm[1] * MM
    page_height = stock.page_height_mm * MM
    for symbol in layout.symbols:
        x = round((left + symbol.x) / dot) * dot
        y = round((top + symbol.y) / dot) * dot
        _draw_symbol(canvas, symbol, x, page_height - y)
    for text in layout.texts:
        _draw_text(canvas, text, left + text.x, page_height - top - text.baseline)


def _draw_symbol(canvas: Canvas, symbol: PlacedSymbol, x: float, y: float) -> None:
    size = symbol.module
    canvas.addLiteral(f"q {size:.5f} 0 0 {-size:.5f} {x:.5f} {y:.5f} cm {_dark_runs(symbol.modules)} f Q")


@lru_cache(maxsize=256)
def _dark_runs(modules: Matrix) -> str:
    """One rectangle for each run of dark modules in a row, all in one path so that no seam shows."""
    return " ".join(
        f"{run.start()} {y} {run.end() - run.start()} 1 re"
        for y, row in enumerate(modules)
        for run in _DARK_RUN.finditer(bytes(row))
    )


def _draw_text(canvas: Canvas, text: PlacedText, x: float, y: float) -> None:
    canvas.setFont(font_name(bold=text.bold), text.size_pt)
    canvas.drawString(x, y, text.shaped)


def draw_outlines(canvas: Canvas, stock: Stock) -> None:
    """Draw the edge of every label and part of a page in hairlines."""
    canvas.saveState()
    canvas.setLineWidth(_HAIRLINE_PT)
    canvas.setStrokeGray(0.45)
    for place in range(stock.labels_per_page):
        left, top = stock.corner_of(place)
        _outline(canvas, stock, (left, top), (stock.label_width_mm, stock.label_height_mm))
        for part in stock.parts:
            if part.shape == "dot":
                middle_x = (left + part.x_mm + part.width_mm / 2) * MM
                middle_y = (stock.page_height_mm - top - part.y_mm - part.height_mm / 2) * MM
                canvas.circle(middle_x, middle_y, part.width_mm / 2 * MM)
            elif part.name != "whole":
                corner = (left + part.x_mm, top + part.y_mm)
                _outline(canvas, stock, corner, (part.width_mm, part.height_mm))
    canvas.restoreState()


def _outline(canvas: Canvas, stock: Stock, corner: tuple[float, float], size: tuple[float, float]) -> None:
    y = stock.page_height_mm - corner[1] - size[1]
    canvas.roundRect(corner[0] * MM, y * MM, size[0] * MM, size[1] * MM, stock.corner_mm * MM)


def draw_rulers(canvas: Canvas, stock: Stock) -> None:
    """Draw rulers with a tick each millimetre along the page's top and left edge, numbered in centimetres."""
    canvas.saveState()
    canvas.setLineWidth(_HAIRLINE_PT)
    canvas.setFont(font_name(), _RULER_TEXT_PT)
    height = stock.page_height_mm * MM
    short = min(1.0, stock.page_height_mm / 40)
    for mm in range(int(stock.page_width_mm) + 1):
        tick = _TICK_MM.get(mm % 10, _SHORT_TICK_MM) * short * MM
        canvas.line(mm * MM, height, mm * MM, height - tick)
        if mm % 10 == 0 and mm:
            canvas.drawString(mm * MM + 1, height - tick - 1, str(mm // 10))
    for mm in range(int(stock.page_height_mm) + 1):
        tick = _TICK_MM.get(mm % 10, _SHORT_TICK_MM) * short * MM
        canvas.line(0, height - mm * MM, tick, height - mm * MM)
        if mm % 10 == 0 and mm:
            canvas.drawString(tick + 1, height - mm * MM + 1, str(mm // 10))
    canvas.restoreState()
