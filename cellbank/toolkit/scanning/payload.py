"""What a scanner that types like a keyboard sent: one of the bank's codes, another barcode, or plain text.

A scanner presses keys; the computer's keyboard layout turns them into letters. Under a Persian layout a code
arrives as Persian letters. Each known layout is undone and the check character says which reading is right:
a reading is never guessed, and two that are both possible are told as ambiguous. (A UK layout moves none of
the keys that codes use.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cellbank.core.ids import ALPHABET, CODE_LENGTH, Fault, Kind, WrongCode, kind_of, parse_code
from cellbank.toolkit.i18n.digits import to_latin


class Layout(StrEnum):
    """The keyboard layout through which a scan was typed."""

    US = "US"
    """Also UK, and any other that has A-Z and 0-9 where the scanner presses them."""
    PERSIAN = "Persian (ISIRI 9147)"
    PERSIAN_OLD = "Persian (Windows before 8)"
    ARABIC = "Arabic (101)"
    GERMAN = "German"


class Meaning(StrEnum):
    """What a scan is."""

    CODE = "code"
    BARCODE = "barcode"
    """Somebody else's barcode, or one of ours that was misread (then ``fault`` says why)."""
    TEXT = "text"
    """Several words: a person's typing."""
    AMBIGUOUS = "ambiguous"
    """Two of the bank's codes may be meant: scan again."""
    NOTHING = "nothing"


@dataclass(frozen=True)
class Scan:
    """One scan, read."""

    meaning: Meaning
    text: str
    """What arrived, without prefix and terminator, with Latin digits."""
    code: str | None = None
    """The bank's code, in upper case without spaces."""
    layout: Layout = Layout.US
    fault: Fault | None = None
    """Why a text that is as long as one of the bank's codes is none."""
    lookups: tuple[str, ...] = ()
    """What another barcode may be known as: the text, and its readings with a layout undone. When ambiguous,
    the codes that may be meant."""

    @property
    def kind(self) -> Kind | None:
        """What kind of thing the bank's code stands on."""
        return kind_of(self.code) if self.code else None


# ---- keyboard layouts ---------------------------------------------------------------------------------

_KEYS = "QWERTYUIOPASDFGHJKLZXCVBNM"


def _typed(plain: str, shifted: str) -> dict[str, str]:
    """What each letter key types, without and with shift, in the order of the keyboard's three rows."""
    typed: dict[str, str] = {}
    for row in (plain, shifted):
        typed.update(zip(row.split(), _KEYS, strict=True))
    return typed


# Sources: xkeyboard-config 2.35, symbols/ir "pes" and symbols/ara "basic"; Microsoft's KBDFA and KBDA1.
# Shifted marks are written as escapes: alone, they would sit on the letter before them.
_LAYOUTS: Mapping[Layout, Mapping[str, str]] = {
    Layout.PERSIAN: _typed(
        "ض ص ث ق ف غ ع ه خ ح ش س ی ب ل ا ت ن م ظ ط ز ر ذ د پ",
        "\u0652 \u064c \u064d \u064b \u064f \u0650 \u064e \u0651 ] [ ؤ ئ ي إ أ آ ة » « "
        "ك \u0653 ژ \u0670 \u200c \u0654 ء",
    ),
    Layout.PERSIAN_OLD: _typed(
        "ض ص ث ق ف غ ع ه خ ح ش س ی ب ل ا ت ن م ظ ط ز ر ذ د ئ",
        "\u064b \u064c \u064d ريال ، ؛ , ] [ \\ \u064e \u064f \u0650 \u0651 ۀ آ ـ « » ة ي ژ ؤ إ أ ء",
    ),
    Layout.ARABIC: {
        **_typed(
            "ض ص ث ق ف غ ع ه خ ح ش س ي ب ل ا ت ن م ئ ء ؤ ر لا ى ة",
            "\u064e \u064b \u064f \u064c لإ إ ‘ ÷ × ؛ \u0650 \u064d ] [ لأ أ ـ ، / ~ \u0652 } { لآ آ ’",
        ),
        # The same keys where a layout types other signs for them (Linux): one ligature, plain quotes.
        "\ufefb": "B",
        "\ufef5": "B",
        "\ufef7": "G",
        "\ufef9": "T",
        "`": "U",
        "'": "M",
    },
    Layout.GERMAN: {"Y": "Z", "Z": "Y", "y": "Z", "z": "Y", "ß": "-"},
}

# A code has 10 keys, a doubled one 20. Arabic has signs of two letters that can be read in two ways: a limit
# here keeps the number of readings small (at most 2^13) whatever anyone sends.
_LONGEST_TO_UNDO = 26
_MOST_LOOKUPS = 8


@lru_cache(maxsize=8)
def _keys_of(layout: Layout) -> tuple[Mapping[str, str], int]:
    """All that a layout can type for the keys of a code, and the length of its longest sign."""
    table = dict(_LAYOUTS[layout])
    if layout is Layout.GERMAN:
        table |= {letter: letter.upper() for letter in _KEYS + _KEYS.lower() if letter not in "YZyz"}
    table |= {sign: sign for sign in "0123456789- "}
    return table, max(len(sign) for sign in table)


def undo(text: str, layout: Layout) -> Iterator[str]:
    """Every text that, typed on a US keyboard's keys, gives this one under a layout (usually one or none)."""
    table, longest = _keys_of(layout)
    open_readings = [(0, "")]
    plain = to_latin(text)
    while open_readings:
        at, keys = open_readings.pop()
        if at == len(plain):
            yield keys
            continue
        for length in range(1, longest + 1):
            sign = plain[at : at + length]
            if len(sign) == length and sign in table:
                open_readings.append((at + length, keys + table[sign]))


def type_through(code: str, layout: Layout, *, shifted: bool = True) -> str:
    """What a layout makes of a code when a scanner types it: for the scanner test page and for tests."""
    if layout is Layout.US:
        return code if shifted else code.lower()
    if layout is Layout.GERMAN:
        swapped = code.translate(str.maketrans("YZ-", "ZYß"))
        return swapped if shifted else swapped.lower()
    # The first sign with a key's letter is the one without shift, the second the one with it.
    signs: dict[str, list[str]] = {}
    for sign, key in _LAYOUTS[layout].items():
        signs.setdefault(key, []).append(sign)
    digits = "0123456789" if layout is Layout.ARABIC else "۰۱۲۳۴۵۶۷۸۹"
    return "".join(
        digits[int(key)] if key.isdigit() else signs[key][shifted] if key in signs else key for key in code
    )


# ---- reading ----------------------------------------------------------------------------------------------

_TERMINATORS = re.compile(r"[\r\n\t\v\f\u2028\u2029\u0085]+")
# Control characters that scanners send before or after (STX, ETX, EOT …); FNC1 as GS belongs to GS1 codes.
_GS = 0x1D
_FRAME = "".join(chr(number) for number in range(0x20) if number != _GS) + " \u007f\ufeff\u00a0"
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z](?=.)")  # ISO/IEC 15424: ]d1 Data Matrix, ]Q1 QR, ]C0 Code 128


def parse(
    text: str, *, prefix: str = "", bank_letters: str = ALPHABET, layouts: Iterable[Layout] = tuple(Layout)
) -> Scan:
    """What a scan means.

    :param prefix: what the scanner is set to send first, if anything
    :param bank_letters: first letters of codes that can occur here; fewer leave less ambiguous
    :param layouts: the keyboard layouts that this station may have, if that is known
    """
    scans = _distinct(parse_each(text, prefix=prefix, bank_letters=bank_letters, layouts=layouts))
    if not scans:
        return Scan(Meaning.NOTHING, "")
    if len(scans) == 1:
        return scans[0]
    joined = " ".join(scan.text for scan in scans)
    codes = tuple(scan.code for scan in scans if scan.code)
    unclear = codes or any(scan.meaning is Meaning.AMBIGUOUS for scan in scans)
    return Scan(Meaning.AMBIGUOUS if unclear else Meaning.TEXT, joined, lookups=codes)


def parse_each(
    text: str, *, prefix: str = "", bank_letters: str = ALPHABET, layouts: Iterable[Layout] = tuple(Layout)
) -> list[Scan]:
    """Every scan of a text that holds several, one a line (a pasted list, a scanner's stored scans)."""
    lines = (_unframed(line, prefix) for line in _TERMINATORS.split(text))
    possible = tuple(layouts)
    return [_read(line, bank_letters, possible) for line in lines if line]


def _distinct(scans: list[Scan]) -> list[Scan]:
    """The scans without repeats of the same thing."""
    return list({scan.code or scan.text: scan for scan in reversed(scans)}.values())[::-1]


def _unframed(line: str, prefix: str) -> str:
    """A line without the scanner's prefix, control characters and symbology mark."""
    bare = line.strip(_FRAME)
    if prefix:
        bare = bare.removeprefix(prefix)
    return _AIM.sub("", bare)


def _read(line: str, bank_letters: str, layouts: tuple[Layout, ...]) -> Scan:
    """One line, read as it stands and with each layout undone."""
    # Before any normalisation: it would join or reorder the marks that single keys typed.
    codes: dict[str, Layout] = {}
    readings: list[str] = []
    for layout in layouts:
        for keys in _readings(line, layout):
            # Another barcode has no check character, and a Latin text does not show that it was typed through
            # a German keyboard: looking it up with Y and Z swapped could find the wrong tube.
            if layout is not Layout.GERMAN:
                readings.append(keys)
            code = _code_in(keys, bank_letters)
            if code:
                codes.setdefault(code, layout)
    text = to_latin(unicodedata.normalize("NFKC", line)).strip()
    if len(codes) == 1:
        ((code, layout),) = codes.items()
        return Scan(Meaning.CODE, text, code, layout)
    if codes:
        return Scan(Meaning.AMBIGUOUS, text, lookups=tuple(codes))
    if any(letter.isspace() for letter in text):
        return Scan(Meaning.TEXT, text, fault=_fault(text))
    lookups = list(dict.fromkeys([text, *readings]))[:_MOST_LOOKUPS]
    return Scan(Meaning.BARCODE, text, fault=_fault(text), lookups=tuple(lookups))


def _readings(line: str, layout: Layout) -> Iterator[str]:
    """The line itself, or the keys that were pressed if it was typed through a layout."""
    if layout is Layout.US:
        yield to_latin(unicodedata.normalize("NFKC", line)).strip()
    elif len(line) <= _LONGEST_TO_UNDO:
        yield from undo(line, layout)


def _code_in(keys: str, bank_letters: str) -> str | None:
    """The bank's code in a reading, also when the scanner sent it twice without a terminator."""
    half = len(keys) // 2
    if len(keys) == 2 * CODE_LENGTH and keys[:half] == keys[half:]:
        keys = keys[:half]
    try:
        code = parse_code(keys)
    except WrongCode:
        return None
    return code if code[0] in bank_letters else None


def _fault(text: str) -> Fault | None:
    """Why a text of the right length is not a code; None for other lengths."""
    try:
        parse_code(text)
    except WrongCode as wrong:
        return None if wrong.reason is Fault.LENGTH else wrong.reason
    return None
