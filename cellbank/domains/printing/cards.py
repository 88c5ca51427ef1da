"""What is printed on action cards, and what the places of a printed box map hold.

The codes of action cards are those of ``toolkit.scanning.actions``. A place on a printed map says its box's code and
its own name (``CB7K3M9QX2-C5``): a map is a paper of its box, not a label.
"""

from __future__ import annotations

import re
from typing import Final

from cellbank.core import ids
from cellbank.core.errors import Message
from cellbank.toolkit.scanning.actions import Action

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
    Action.OK: Message("OK"),
    Action.WHO_AM_I: Message("WHO AM I"),
}
"""What stands on each card, in the order in which they hang by the freezer."""

CHOICES: Final = [(action.value, title.id) for action, title in TITLES.items()]

_PLACE: Final = re.compile(r"(?P<box>[0-9A-Z]{10})-(?P<place>[A-Z0-9]{1,4}(?:-[A-Z0-9]{1,4})?)")


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
