"""Labels: from field values to paper, preview and label printer. Pure: no database, no Flask, no domain.

- `load_stocks(folders)` and `load_templates(folders)` read what is bought and what is printed; each returns
  the good ones by name and the problems of the broken files. A later folder replaces things of the same name.
- `Label(code="CV7K3M9QX2", lot_number="MCB-0042-017", …)` holds the values of one label.
- `check(labels, stock, template)` tells which labels cannot be printed; `arrange` shows what is left out.
- `sheet(labels, stock, template, start_at=1)` gives the PDF, `preview(label, stock, template)` a picture,
  `calibration_page(stock)` outlines and rulers, `png` and `bitmap` one page for screen or printer.
- `shape(text)` prepares Persian text for any PDF; `font_name(bold=…)` is the typeface to draw it in.

Whatever cannot be printed raises `core.errors.Invalid`; broken files are told as `FileProblem`.
"""

from cellbank.toolkit.labels.codes import matrix
from cellbank.toolkit.labels.drawing import Calibration
from cellbank.toolkit.labels.fonts import font_name, width_em
from cellbank.toolkit.labels.layout import Layout, arrange, spaced_code
from cellbank.toolkit.labels.pdf import (
    Label,
    Unprintable,
    bitmap,
    calibration_page,
    check,
    page_count,
    picture,
    png,
    preview,
    sheet,
)
from cellbank.toolkit.labels.problems import FileProblem, field_title
from cellbank.toolkit.labels.stock import Stock, load_stocks
from cellbank.toolkit.labels.template import Template, load_templates
from cellbank.toolkit.labels.text import isolate, shape

__all__ = [
    "Calibration",
    "FileProblem",
    "Label",
    "Layout",
    "Stock",
    "Template",
    "Unprintable",
    "arrange",
    "bitmap",
    "calibration_page",
    "check",
    "field_title",
    "font_name",
    "isolate",
    "load_stocks",
    "load_templates",
    "matrix",
    "page_count",
    "picture",
    "png",
    "preview",
    "shape",
    "sheet",
    "spaced_code",
    "width_em",
]
