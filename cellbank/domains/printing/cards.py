"""What is scanned without being a thing of the bank: action cards, and the places of a printed box map.

An action card's code is made from its name, so that a card that was laminated years ago still works. A place on a
printed map says its box's code and its name (``CB7K3M9QX2-C5``): a map is a paper of its box, not a label.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from cellbank.core import ids
from cellbank.core.errors import Message


class Action(enum.StrEnum):
    """The acts of the bench that a card stands for, in the order in which they hang by the freezer."""

    FIND = "find"
    MOVE = "move"
    TAKE_OUT = "take_out"
    PUT_BACK = "put_back"
    THAW = "thaw"
    FILL_BOX = "fill_box"
    RESCAN_BOX = "rescan_box"
    COUNT = "count"
    DISCARD = "discard"
    UNREADABLE = "unreadable"
    EVACUATE = "evacuate"
    UNDO = "undo"
    DONE = "done"
    CANCEL = "cancel"
    WHO_AM_I = "who_am_i"

    @property
    def title(self) -> Message:
        """What stands on its card, in capitals."""
        return TITLES[self]

    @property
    def label(self) -> str:
        """The message id of its title."""
        return TITLES[self].id


TITLES: Final = {
    Action.FIND: Message("FIND"),
    Action.MOVE: Message("MOVE"),
    Action.TAKE_OUT: Message("TAKE OUT"),
    Action.PUT_BACK: Message("PUT BACK"),
    Action.THAW: Message("THAW"),
    Action.FILL_BOX: Message("FILL BOX"),
    Action.RESCAN_BOX: Message("RE-SCAN BOX"),
    Action.COUNT: Message("COUNT"),
    Action.DISCARD: Message("DISCARD"),
    Action.UNREADABLE: Message("UNREADABLE"),
    Action.EVACUATE: Message("EVACUATE"),
    Action.UNDO: Message("UNDO"),
    Action.DONE: Message("DONE"),
    Action.CANCEL: Message("CANCEL"),
    Action.WHO_AM_I: Message("WHO AM I"),
}

_LETTERS: Final = 7
# The alphabet of printed codes has no I, L, O, U; their look-alikes stand for them.
_INTO_ALPHABET: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", "_": None})
_PLACE: Final = re.compile(r"(?P<box>[0-9A-Z]{10})-(?P<place>[A-Z0-9]{1,4}(?:-[A-Z0-9]{1,4})?)")


def code_of(action: Action, bank_letter: str) -> str:
    """The printed code of a card: always the same for one action in one bank."""
    seven = action.value.upper().translate(_INTO_ALPHABET)[:_LETTERS].ljust(_LETTERS, "0")
    nine = bank_letter + ids.Kind.ACTION.value + seven
    return nine + ids.check_character(nine)


def action_of(code: str) -> Action | None:
    """The action that a printed code stands for, or None."""
    return next((action for action in Action if code_of(action, code[:1]) == code), None)


def place_text(box_code: str, place: str) -> str:
    """What the symbol of one place on a printed box map holds."""
    return f"{box_code}-{place}"


def place_of(text: str) -> tuple[str, str] | None:
    """The box's code and the place's name that a printed map's symbol holds, or None where it is no such text."""
    found = _PLACE.fullmatch(text.strip().upper())
    if found is None:
        return None
    try:
        box = ids.parse_code(found["box"])
    except ids.WrongCode:
        return None
    return (box, found["place"]) if ids.kind_of(box) is not ids.Kind.VIAL else None
