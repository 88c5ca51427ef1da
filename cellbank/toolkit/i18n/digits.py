"""Digits and letters of Persian, Arabic and Latin writing: accepted on input, folded for search."""

from __future__ import annotations

import unicodedata

_LATIN = "0123456789"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"

_TO_PERSIAN = str.maketrans(_LATIN + _ARABIC, _PERSIAN * 2)
_TO_LATIN = str.maketrans(_PERSIAN + _ARABIC, _LATIN * 2)
# Arabic yeh and alef maksura for Persian yeh, Arabic kaf for Persian keheh: Arabic keyboards and old files
# write them; to a Persian reader they are the same letter. Tatweel only stretches a word.
_SAME_LETTER = str.maketrans({"\u064a": "\u06cc", "\u0649": "\u06cc", "\u0643": "\u06a9", "\u0640": None})


def to_persian(text: str) -> str:
    """The same text with the digits ۰–۹ (Latin and Arabic-Indic digits are replaced)."""
    return text.translate(_TO_PERSIAN)


def to_latin(text: str) -> str:
    """The same text with the digits 0-9 (Persian ۰–۹ and Arabic-Indic ٠–٩ are replaced)."""
    return text.translate(_TO_LATIN)


def fold(text: str) -> str:
    """The form of a text that search compares: one kind of letter, digit, case and space; no marks.

    Only for comparing: what a person wrote is kept and shown as written.
    """
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        # Mn: vowel marks, hamza and accents set on a letter; Cf: ZWNJ, isolates and other invisible signs.
        if unicodedata.category(letter) not in {"Mn", "Cf"}
    )
    return " ".join(unicodedata.normalize("NFC", to_latin(bare.translate(_SAME_LETTER)).casefold()).split())
