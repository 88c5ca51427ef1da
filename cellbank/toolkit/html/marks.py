"""The hue and the pattern by which a bank is recognised on every map, derived from its code alone."""

from __future__ import annotations

import hashlib
import re
from typing import Final

HUES: Final = 8
PATTERNS: Final = 6
_NUMBERED: Final = re.compile(r"(.*?)([0-9]+)", re.ASCII)
_BANK_CODE: Final = re.compile(r"[A-HJKMNP-TV-Z]{2}[0-9A-HJKMNP-TV-Z]{8}")


def bank_mark(code: str) -> str:
    """The two classes that colour a bank's squares; equal codes look equal on every screen and on paper.

    Banks that are numbered one after the other lie side by side in boxes, so the number chooses: the hue first,
    then the pattern. The letters before it only shift the pattern; a code without a number is chosen by its hash.
    """
    letters, number = _split(code)
    turn = hashlib.sha256(letters.encode()).digest()[0]
    if number is None:
        return f"hue-{turn % HUES} pattern-{turn // HUES % PATTERNS}"
    return f"hue-{number % HUES} pattern-{(number // HUES + turn) % PATTERNS}"


def _split(code: str) -> tuple[str, int | None]:
    found = _NUMBERED.fullmatch(code)
    return (found[1], int(found[2])) if found else (code, None)


def printed_code(code: object) -> str:
    """A bank code in the groups people read aloud: CV7K3M9QX2 is printed CV 7K3M 9QX 2; others stay as they are."""
    text = str(code)
    if not _BANK_CODE.fullmatch(text):
        return text
    return f"{text[:2]} {text[2:6]} {text[6:9]} {text[9]}"
