"""Recognises an Iranian national code (کد ملی), so that it is never kept as a donor's code or in a note."""

from __future__ import annotations

import re

from cellbank.toolkit.i18n.digits import to_latin

_LENGTH = 10
_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[-\s]?\d{6}[-\s]?\d(?!\d)")
_INVISIBLE = re.compile("[\u200c-\u200f\u2066-\u2069]")


def is_iranian_national_code(text: str) -> bool:
    """Whether a text is ten digits (Persian, Arabic or Latin, also as 3-6-1) with the right check digit.

    The last digit is r or 11 − r, r being the sum of the others weighted 10 … 2, modulo 11.
    """
    plain = to_latin(_INVISIBLE.sub("", text)).strip()
    if not _TEN_DIGITS.fullmatch(plain):
        return False
    values = [int(letter) for letter in plain if letter.isdigit()]
    if len(set(values)) == 1:  # 1111111111 and the like fit the sum, but are never given out
        return False
    rest = sum(value * (_LENGTH - place) for place, value in enumerate(values[:-1])) % 11
    return values[-1] == (rest if rest < 2 else 11 - rest)  # noqa: PLR2004 - the rule's own number


def find_iranian_national_code(text: str) -> str | None:
    """The first Iranian national code written somewhere in a note, in Latin digits, or None."""
    for match in _TEN_DIGITS.finditer(to_latin(_INVISIBLE.sub("", text))):
        if is_iranian_national_code(match.group()):
            return match.group()
    return None
