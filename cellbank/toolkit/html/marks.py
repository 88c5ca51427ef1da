"""The hue and the pattern by which a bank is recognised on every map, derived from its code alone."""

from __future__ import annotations

import hashlib
import re
from typing import Final

HUES: Final = 8
PATTERNS: Final = 6
_BANK_CODE: Final = re.compile(r"[A-HJKMNP-TV-Z]{2}[0-9A-HJKMNP-TV-Z]{8}")


def bank_mark(code: str) -> str:
    """The two classes that colour a bank's squares; equal codes look equal on every screen and on paper."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"hue-{digest[0] % HUES} pattern-{digest[1] % PATTERNS}"


def printed_code(code: object) -> str:
    """A bank code in the groups people read aloud: CV7K3M9QX2 is printed CV 7K3M 9QX 2; others stay as they are."""
    text = str(code)
    if not _BANK_CODE.fullmatch(text):
        return text
    return f"{text[:2]} {text[2:6]} {text[6:9]} {text[9]}"
