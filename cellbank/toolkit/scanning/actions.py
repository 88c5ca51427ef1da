"""Action cards: the codes that say what is to be done, printed once and the same in every bank.

A card's code is made from its action alone, so a laminated card never wears out with the database.
"""

from __future__ import annotations

from enum import StrEnum

from cellbank.core.ids import ALPHABET, Kind, WrongCode, check_character, parse_code


class Action(StrEnum):
    """What a card says."""

    FIND = "find"
    MOVE = "move"
    TAKE_OUT = "take_out"
    PUT_BACK = "put_back"
    THAW = "thaw"
    UNDO = "undo"
    DONE = "done"
    CANCEL = "cancel"
    OK = "ok"
    WHO_AM_I = "who_am_i"
    FILL_BOX = "fill_box"
    RESCAN_BOX = "rescan_box"
    COUNT = "count"
    DISCARD = "discard"
    UNREADABLE = "unreadable"
    EVACUATE = "evacuate"


# The place in these lists is on printed cards: add at the end, never reorder.
_ORDER = tuple(Action)
PURPOSES = ("culture", "new_bank", "manufacture", "qc", "stability", "clinical", "training", "other")
"""Purposes of a thaw in the order of their cards."""


def action_code(action: Action, bank_letter: str = "C") -> str:
    """The code on the card of an action."""
    return _card(bank_letter, Kind.ACTION, _ORDER.index(action))


def purpose_code(purpose: str, bank_letter: str = "C") -> str:
    """The code on the card of a purpose."""
    return _card(bank_letter, Kind.REASON, PURPOSES.index(purpose))


def action_of(code: str) -> Action | None:
    """The action that a code stands for; None for any other code."""
    number = _number(code, Kind.ACTION)
    return _ORDER[number] if number is not None and number < len(_ORDER) else None


def purpose_of(code: str) -> str | None:
    """The purpose that a code stands for; None for any other code."""
    number = _number(code, Kind.REASON)
    return PURPOSES[number] if number is not None and number < len(PURPOSES) else None


def _card(bank_letter: str, kind: Kind, number: int) -> str:
    nine = f"{bank_letter}{kind.value}00000{ALPHABET[number // 32]}{ALPHABET[number % 32]}"
    return nine + check_character(nine)


def _number(code: str, kind: Kind) -> int | None:
    try:
        read = parse_code(code)
    except WrongCode:
        return None
    if read[1] != kind.value or read[2:7] != "00000":
        return None
    return ALPHABET.index(read[7]) * 32 + ALPHABET.index(read[8])
