"""96 and 10,000 vial labels as one PDF, beside the usual way: qrcode's picture of each code, placed by ReportLab."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import qrcode
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.table import Table, duration, measure, measure_once, ratio, show
from cellbank.core import ids
from cellbank.toolkit.labels import Label, Stock, Template, load_stocks, load_templates, sheet, spaced_code

LABELS = Path(__file__).parent.parent / "labels"
MM = 72 / 25.4
MANY = 10_000
FEW = 96
SIDE_MM = 9.0
LINES = ("lot_number", "line", "passage", "frozen_on", "statement")


def some_labels(count: int) -> list[Label]:
    """So many labels, each with a code of its own."""
    return [
        Label(
            code=ids.new_code("C", ids.Kind.VIAL), lot_number=f"MCB-0042-{number:03}", line="RCB-iPSC-012",
            passage="p12+3", frozen_on="2026-11-22", owner="Royan", statement="Research use only",
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def usual_way(labels: Sequence[Label], stock: Stock) -> bytes:
    """A picture of each code (qrcode, fitted and masked as it does by itself), and the text drawn line by line."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(stock.page_width_mm * MM, stock.page_height_mm * MM))
    for number, label in enumerate(labels):
        place = number % stock.labels_per_page
        if number and place == 0:
            canvas.showPage()
        left, top = stock.corner_of(place)
        x, y = left * MM, (stock.page_height_mm - top - SIDE_MM) * MM
        code = qrcode.QRCode(border=4)
        code.add_data(label["code"])
        code.make()
        canvas.drawImage(ImageReader(code.make_image().get_image()), x, y, SIDE_MM * MM, SIDE_MM * MM)
        canvas.setFont("Helvetica", 6)
        for line, text in enumerate([spaced_code(label["code"]), *(label[field] for field in LINES)]):
            canvas.drawString(x + (SIDE_MM + 1) * MM, y + SIDE_MM * MM - 6 * (line + 1), text)
    canvas.save()
    return buffer.getvalue()


def main() -> None:
    """Measure and print."""
    stocks, _ = load_stocks([LABELS / "stocks"])
    templates, _ = load_templates([LABELS / "templates"])
    stock, template = stocks["tough-tags-ttlw-2016"], templates["vial-side"]
    table = Table(
        "Vial labels, one PDF, every symbol a vector (cellbank) or a picture (qrcode + drawImage)",
        ("labels", "cellbank", "processor", "a label", "PDF", "usual way", "processor", "PDF", "less work"),
    )
    few, many = some_labels(FEW), some_labels(MANY)
    _row(table, few, stock, template, rounds=3)
    _row(table, many, stock, template, rounds=0)
    show(table)


def _row(table: Table, labels: Sequence[Label], stock: Stock, template: Template, *, rounds: int) -> None:
    made: dict[str, int] = {}

    def ours() -> None:
        made["ours"] = len(sheet(labels, stock, template))

    def usual() -> None:
        made["usual"] = len(usual_way(labels, stock))

    mine = measure(ours, rounds=rounds) if rounds else measure_once(ours)
    theirs = measure(usual, rounds=rounds) if rounds else measure_once(usual)
    each = mine.cpu_seconds / len(labels) * 1e6
    sizes = {name: f"{size / 1000:,.0f} kB" for name, size in made.items()}
    table.add(
        f"{len(labels):,}",
        mine.text(),
        duration(mine.cpu_seconds),
        f"{each:.0f} µs",
        sizes["ours"],
        theirs.text(),
        duration(theirs.cpu_seconds),
        sizes["usual"],
        ratio(theirs, mine),
    )


if __name__ == "__main__":
    main()
