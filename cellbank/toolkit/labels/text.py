"""Persian text for PDF pages: letters joined, in the order in which they are drawn, Latin runs kept whole.

ReportLab draws one glyph a character from left to right and knows neither joining nor direction, so both are
done here: `shape("رده سلولی (WCB-0042)")` gives the characters as they stand on paper.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from arabic_reshaper import ArabicReshaper

from cellbank.toolkit.labels import bidi

LRI: Final = "\u2066"
PDI: Final = "\u2069"
ZWNJ: Final = "\u200c"

# Marks on letters are left out: without the font's positioning tables they would fall beside the letter.
# A letter that stands alone stays as it is: typefaces lack some isolated forms (ۀ after ر).
_RESHAPER: Final = ArabicReshaper(
    {"delete_harakat": True, "delete_tatweel": False, "use_unshaped_instead_of_isolated": True}
)
_RIGHT_TO_LEFT: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIGIT: Final = r"[0-9\u06f0-\u06f9\u0660-\u0669]"
# A number with its sign, separators and unit: −۱۹۶, ≥ 90 %, ۱۴۰۵/۰۹/۰۱.
_NUMBER: Final = rf"[<>≤≥=~±≈]?\s?[-−+±]?{_DIGIT}(?:[-−./:,٫٬×]?{_DIGIT})*(?:\s?[%٪‰°′″])?"
# A Latin or Greek word with digits and the signs inside names: iPSC-12, p12+3, 2026-11-22, 1.5mL, µg/mL, °C.
_ALNUM: Final = r"[A-Za-z0-9\u00b5\u00c0-\u024f\u0370-\u03ff]"
_WORD: Final = rf"[°#]?{_ALNUM}(?:[-−+./:_&'’@#]?{_ALNUM})*[+°%٪]?"
_TOKEN: Final = re.compile(f"{_WORD}|{_NUMBER}")
# What may stand between two words of one Latin run.
_SIGN_BETWEEN: Final = r"[ \u00a0]*[-−–,;:/+=<>≤≥±×&.%]?[ \u00a0]*"
_GLUE: Final = re.compile(rf"(?:[)\]])?{_SIGN_BETWEEN}[(\[]?")


@lru_cache(maxsize=4096)
def is_right_to_left(text: str) -> bool:
    """Return whether the text holds a Persian (or any right-to-left) letter; digits alone do not count."""
    return any(bidi.bidi_class(match) in {"R", "AL"} for match in _RIGHT_TO_LEFT.findall(text))


@lru_cache(maxsize=4096)
def shape(text: str, base: bidi.Direction | None = None) -> str:
    """Return one line as a PDF must draw it from left to right: letters joined, brackets mirrored.

    Latin runs, codes, dates and signed numbers keep their inner order. Without `base` a line that holds any
    Persian letter runs from right to left. Breaking into lines comes before shaping.
    """
    if text.isascii() and base != "rtl":
        return text
    text = unicodedata.normalize("NFC", text)
    if not is_right_to_left(text):
        if base != "rtl":
            return _without_invisible(text)
        return bidi.visual(isolate(text), "rtl")
    joined = _RESHAPER.reshape(isolate(text).replace("\u0647\u0654", "\u06c0"))
    return _without_invisible(bidi.visual(joined, base or "rtl"))


def isolate(text: str) -> str:
    """Wrap each Latin run, code, date and number of a text in LRI … PDI, so that nothing reorders its inside.

    Whole runs are taken ("Working Cell Bank"), because words isolated one by one would be drawn in reverse.
    Text that already carries isolates is left as it is.
    """
    if any(mark in text for mark in "\u2066\u2067\u2068"):
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in _latin_runs(text):
        pieces += [text[end:start], LRI, text[start:stop], PDI]
        end = stop
    return "".join([*pieces, text[end:]])


def _latin_runs(text: str) -> list[tuple[int, int]]:
    """Find where Latin runs begin and end; neighbours are one run when only spaces and signs lie between."""
    runs: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        start, stop = match.span()
        start += len(text[start:stop]) - len(text[start:stop].lstrip())
        start = _with_sign(text, start)
        if runs and _belong_together(text, runs[-1], (start, stop)):
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return [_with_closing_brackets(text, start, stop) for start, stop in runs]


def _with_sign(text: str, start: int) -> int:
    """Take the sign in front of a number with it: in −196°C the minus belongs to the number."""
    if start and text[start - 1] in "-−+±<>≤≥" and (start == 1 or not text[start - 2].isalnum()):
        return start - 1
    return start


def _belong_together(text: str, run: tuple[int, int], following: tuple[int, int]) -> bool:
    between = text[run[1] : following[0]]
    if not _GLUE.fullmatch(between):
        return False
    # Two Persian numbers side by side are read from the right, each by itself.
    return any(re.search(r"[A-Za-z0-9]", text[start:stop]) for start, stop in (run, following))


def _with_closing_brackets(text: str, start: int, stop: int) -> tuple[int, int]:
    """Close what the run opened: in "Working Cell Bank (WCB)" the last bracket is part of the run."""
    for opener, closer in ("()", "[]"):
        inside = text[start:stop]
        if inside.count(opener) > inside.count(closer) and text[stop : stop + 1] == closer:
            stop += 1
    return start, stop


def _without_invisible(text: str) -> str:
    """Leave out marks that have no drawing of their own: joiners, direction marks, isolates."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")
