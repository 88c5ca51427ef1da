"""The typeface of labels and papers: Vazirmatn, which has Persian and Latin letters of one design."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cellbank.core.errors import Invalid

# The build copies the files here from the npm lock; a checkout that was never built has none.
FONT_FOLDER: Final = Path(__file__).parents[1] / "html" / "static" / "vendor"
_FILES: Final = {"Vazirmatn": "Vazirmatn-Regular.ttf", "Vazirmatn-Bold": "Vazirmatn-Bold.ttf"}
_LATIN_ONLY: Final = {"Vazirmatn": "Helvetica", "Vazirmatn-Bold": "Helvetica-Bold"}
_registering = threading.Lock()


@lru_cache(maxsize=2)
def font_name(*, bold: bool = False) -> str:
    """Return the name under which ReportLab knows the typeface, registering it at the first call.

    Without the built font files Latin labels are set in Helvetica; Persian text is then refused.
    """
    name = "Vazirmatn-Bold" if bold else "Vazirmatn"
    file = FONT_FOLDER / _FILES[name]
    if not file.is_file():
        return _LATIN_ONLY[name]
    with _registering:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(file)))
    return name


@lru_cache(maxsize=8192)
def width_em(shaped: str, *, bold: bool = False) -> float:
    """Return how wide a shaped line is, in multiples of its type size.

    :raises Invalid: naming the first character that the typeface does not have.
    """
    font = pdfmetrics.getFont(font_name(bold=bold))
    if isinstance(font, TTFont):
        missing = next((sign for sign in shaped if ord(sign) not in font.face.charToGlyph), None)
    else:
        missing = next((sign for sign in shaped if ord(sign) not in range(32, 127)), None)
    if missing is not None:
        raise Invalid("The typeface has no sign for {sign}", sign=f"{missing} (U+{ord(missing):04X})")
    return float(font.stringWidth(shaped, 1000)) / 1000
