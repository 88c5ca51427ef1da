"""Keys that are never shown (UUIDv7) and codes that are printed and scanned.

A printed code has 10 characters of Crockford's base 32: the bank's letter, the letter of the kind of thing,
7 random characters and a check character. It says what a thing is, never where it is or whose it was.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import unicodedata
from enum import StrEnum
from uuid import UUID

from cellbank.core import clock

# ---- keys ---------------------------------------------------------------------------------------------

_RANDOM_BITS = 74  # RFC 9562, 5.7: 12 bits of rand_a and 62 of rand_b
_RANDOM_LIMIT = 1 << _RANDOM_BITS
_STEP_LIMIT = 1 << 32


class _Sequence:
    """The last key made by this process, so that the next one sorts after it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = -1
        self._random = 0

    def advance(self) -> tuple[int, int]:
        """The next (millisecond, 74-bit number): random in a new millisecond, else a random step on."""
        millisecond = int(clock.now().timestamp() * 1000)
        with self._lock:
            if millisecond > self._millisecond:
                self._millisecond = millisecond
                # The upper bit is left free: a busy millisecond counts up and must not run over.
                self._random = secrets.randbits(_RANDOM_BITS - 1)
            else:
                self._random += 1 + secrets.randbelow(_STEP_LIMIT)
                if self._random >= _RANDOM_LIMIT:
                    self._millisecond += 1
                    self._random = secrets.randbits(_RANDOM_BITS - 1)
            return self._millisecond, self._random


_sequence = _Sequence()
# A forked server process must neither continue its parent's sequence nor wait for its parent's lock.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_sequence.forget)


def uuid7() -> UUID:
    """A new time-ordered key (RFC 9562 UUIDv7), greater than every key this process made before."""
    millisecond, random = _sequence.advance()
    upper, lower = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=millisecond << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower)


# ---- printed codes --------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 letters: without I, L, O (read as 1, 1, 0) and U."""

CODE_LENGTH = 10
_RANDOM_LENGTH = 7
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


class Kind(StrEnum):
    """What a printed code stands on: the second letter of the code."""

    VIAL = "V"
    BOX = "B"
    RACK = "R"
    FREEZER = "F"
    """A freezer, tank, room or any other container that holds racks or boxes."""
    SLOT = "S"
    PERSON = "P"
    ACTION = "A"
    """An action card: TAKE OUT, MOVE, DONE …"""
    REASON = "Y"
    """A reason or purpose card: why an act is done."""
    CULTURE = "C"
    DONATION = "D"
    MATERIAL = "M"
    """A lot of serum, medium or another material."""
    EQUIPMENT = "E"
    TUBE = "T"
    """A tube or anything else that carries a label."""


class Fault(StrEnum):
    """Why a text is not one of the bank's codes."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    CHECK_CHARACTER = "check character"
    KIND = "kind"


class WrongCode(ValueError):
    """A text that is not a printed code, and the reason why."""

    def __init__(self, text: str, reason: Fault) -> None:
        super().__init__(f"{text!r} is not a printed code: wrong {reason.value}")
        self.text = text
        self.reason = reason


def _times_x(value: int) -> int:
    """Multiply by x in the field of 32 elements, GF(2)[x] modulo x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


def check_character(nine: str) -> str:
    """The check character of nine characters of the alphabet.

    The ten values weighted with x^9 … x, 1 add up to zero in GF(32). No weight is zero, so a single wrong
    character always shows; no two weights are equal, so a swap of any two different characters shows too.

    :raises WrongCode: not nine characters, or one that is not in the alphabet
    """
    if len(nine) != CODE_LENGTH - 1:
        raise WrongCode(nine, Fault.LENGTH)
    total = 0
    for letter in nine:
        if letter not in _VALUE:
            raise WrongCode(nine, Fault.ALPHABET)
        total = _times_x(total ^ _VALUE[letter])
    return ALPHABET[total]


_GERMAN_KEYS = str.maketrans("YZ", "ZY")


def new_code(bank_letter: str, kind: Kind) -> str:
    """A new printed code with 35 random bits; that no other thing has it is for the database to refuse."""
    if len(bank_letter) != 1 or bank_letter not in _VALUE:
        raise WrongCode(bank_letter, Fault.ALPHABET)
    while True:
        nine = bank_letter + kind.value + "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_LENGTH))
        code = nine + check_character(nine)
        twin = code.translate(_GERMAN_KEYS)
        # A German keyboard swaps Y and Z. Three or more of them could make one code look like another.
        if twin == code or twin[-1] != check_character(twin[:-1]):
            return code


_LOOKALIKES = str.maketrans(
    "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩abcdefghijklmnopqrstuvwxyzOILoil",
    "01234567890123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ011011",
)
# Spaces, hyphens and invisible marks (ZWNJ, isolates) come from writing a code in groups or copying it.
_SEPARATORS = re.compile(
    r"[\s\u00ad\u061c\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060\u2066-\u2069\ufeff-]+"
)


def parse_code(text: str) -> str:
    """The ten characters of a code as typed or scanned: any spacing and case, Persian digits, O for 0.

    :raises WrongCode: wrong length, a character outside the alphabet, wrong check character, unknown kind
    """
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).translate(_LOOKALIKES)
    if len(code) != CODE_LENGTH:
        raise WrongCode(text, Fault.LENGTH)
    if any(letter not in _VALUE for letter in code):
        raise WrongCode(text, Fault.ALPHABET)
    if code[-1] != check_character(code[:-1]):
        raise WrongCode(text, Fault.CHECK_CHARACTER)
    if code[1] not in frozenset(Kind):
        raise WrongCode(text, Fault.KIND)
    return code


def kind_of(code: str) -> Kind:
    """What kind of thing a valid printed code stands on."""
    return Kind(code[1])


def show_code(code: str) -> str:
    """A code in the groups that are printed beside its symbol: CV 7K3M 9QX 2."""
    return f"{code[:2]} {code[2:6]} {code[6:9]} {code[9:]}"
