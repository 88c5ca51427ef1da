"""What a scan means at a station: a small machine without database, from what goes on and what was scanned to the next.

The context says which act goes on (it is sticky), and what was scanned for it so far. A scan either changes the
context, or asks for one act on the bank, or is refused; it never does two things. Without an act chosen a scan only
finds, so nothing is moved or thawed by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from cellbank.core.errors import Message
from cellbank.toolkit.scanning.actions import Action

STICKY = (Action.FIND, Action.MOVE, Action.TAKE_OUT, Action.PUT_BACK, Action.THAW)


class Thing(StrEnum):
    """What was scanned."""

    VIAL = "vial"
    CONTAINER = "container"
    PLACE = "place"
    """A place's name, typed or from a printed map: C5."""
    PERSON = "person"
    ACTION = "action"
    PURPOSE = "purpose"
    OTHER = "other"
    VOID = "void"
    AMBIGUOUS = "ambiguous"
    MISREAD = "misread"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Scanned:
    """One scan: what it is, the code to name it by, and its printed name."""

    thing: Thing
    code: str = ""
    name: str = ""
    is_unplaced: bool = False
    """A vial that has no place yet."""
    is_out: bool = False
    """A vial that is out of the cold."""


@dataclass(frozen=True)
class Context:
    """What goes on at a station."""

    mode: Action = Action.FIND
    vial: str = ""
    vial_act: str = ""
    """What is to be done with the vial that waits: move, place or put_back."""
    box: str = ""
    place: str = ""
    purpose: str = ""
    is_blocked: bool = False
    """Something was refused, and OK or CANCEL was not scanned yet."""


@dataclass(frozen=True)
class Ask:
    """One act to ask of the bank."""

    act: str
    """move, place, move_container, take_out, put_back, thaw or undo."""
    vial: str = ""
    box: str = ""
    place: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Step:
    """What a scan leads to: the next context, and perhaps one act, a refusal, or something to show."""

    context: Context
    ask: Ask | None = None
    refusal: Message | None = None
    shows: str = ""
    """The code of a vial or container that was only looked at."""
    says: Message | None = None
    is_ignored: bool = False
    tone: str = field(default="ok")


WHAT_IS_WRONG = {
    Thing.UNKNOWN: Message("Unknown code"),
    Thing.MISREAD: Message("One character of this code was misread: scan it again."),
    Thing.AMBIGUOUS: Message("This can mean two things: scan it again, or scan the bank's own label."),
    Thing.VOID: Message("This label is void: a newer one was printed for this vial"),
    Thing.OTHER: Message("This is neither a vial nor a box"),
}


def next_step(context: Context, scanned: Scanned) -> Step:
    """What this scan leads to."""
    if scanned.thing is Thing.ACTION:
        return _card(context, Action(scanned.code))
    if context.is_blocked:
        return Step(context, is_ignored=True, tone="error")
    return _thing(context, scanned)


def _thing(context: Context, scanned: Scanned) -> Step:
    """Anything but a card."""
    if scanned.thing in WHAT_IS_WRONG:
        return _refuse(context, WHAT_IS_WRONG[scanned.thing])
    if scanned.thing is Thing.PERSON:
        return Step(context, says=Message("This is the badge of {person}", {"person": scanned.name}))
    if scanned.thing is Thing.PURPOSE:
        return Step(replace(context, purpose=scanned.code), says=Message("Purpose chosen"))
    return _IN_MODE[context.mode](context, scanned)


def _card(context: Context, action: Action) -> Step:
    """An action card, or its button."""
    if action in (Action.OK, Action.CANCEL):
        kept = replace(context, is_blocked=False)
        forgotten = replace(kept, vial="", vial_act="", box="", place="")
        return Step(forgotten if action is Action.CANCEL else kept, says=Message("Go on"))
    if context.is_blocked:
        return Step(context, is_ignored=True, tone="error")
    if action is Action.DONE:
        return Step(Context(), says=Message("Done"), tone="done")
    if action is Action.UNDO:
        return Step(context, ask=Ask("undo"))
    if action in STICKY:
        return Step(Context(mode=action, purpose=context.purpose), says=MODES[action])
    return _refuse(context, Message("This card is not in use at this station yet"))


MODES = {
    Action.FIND: Message("Find"),
    Action.MOVE: Message("Move"),
    Action.TAKE_OUT: Message("Take out"),
    Action.PUT_BACK: Message("Put back"),
    Action.THAW: Message("Thaw"),
}


def _find(context: Context, scanned: Scanned) -> Step:
    if scanned.thing is Thing.PLACE:
        return _refuse(context, WHAT_IS_WRONG[Thing.UNKNOWN])
    return Step(context, shows=scanned.code)


def _move(context: Context, scanned: Scanned) -> Step:
    """Vial then box, or box then vials, or box then rack; a place's name is for the vial that waits."""
    if scanned.thing is Thing.PLACE:
        if context.vial:
            return _to(context, context.box, scanned.code)
        return Step(replace(context, place=scanned.code), says=Message("Now the vial"))
    if scanned.thing is Thing.CONTAINER:
        return _move_to_container(context, scanned.code)
    waiting = replace(context, vial=scanned.code, vial_act=_act_for(scanned))
    if context.box:
        return _to(waiting, context.box, context.place)
    return Step(waiting, shows=scanned.code, says=Message("Now the box, or the place in its own box"))


def _move_to_container(context: Context, code: str) -> Step:
    if context.vial:
        return _to(context, code, "")
    if context.box:
        return Step(replace(context, box=""), ask=Ask("move_container", context.box, code))
    says = Message("Now what comes into it, or where it goes")
    return Step(replace(context, box=code), shows=code, says=says)


def _to(context: Context, box: str, place: str) -> Step:
    """The vial that waits goes there; the box that was scanned first stays."""
    return Step(
        replace(context, vial="", vial_act="", place=""), ask=Ask(context.vial_act, context.vial, box, place)
    )


def _act_for(vial: Scanned) -> str:
    """A vial without a place is put in, one that is out comes back, any other is moved."""
    if vial.is_unplaced:
        return "place"
    return "put_back" if vial.is_out else "move"


def _take_out(context: Context, scanned: Scanned) -> Step:
    if scanned.thing is not Thing.VIAL:
        return _refuse(context, Message("Scan a vial"))
    return Step(context, ask=Ask("take_out", scanned.code, purpose=context.purpose))


def _put_back(context: Context, scanned: Scanned) -> Step:
    """A vial goes to its own place; after a box was scanned, into that box."""
    if scanned.thing is Thing.CONTAINER:
        return Step(
            replace(context, box=scanned.code),
            shows=scanned.code,
            says=Message("Now the vials that go into it"),
        )
    if scanned.thing is Thing.PLACE:
        if not context.box:
            return _refuse(context, Message("Scan the box first"))
        return Step(replace(context, place=scanned.code), says=Message("Now the vial"))
    return Step(replace(context, place=""), ask=Ask("put_back", scanned.code, context.box, context.place))


def _thaw(context: Context, scanned: Scanned) -> Step:
    if scanned.thing is not Thing.VIAL:
        return _refuse(context, Message("Scan a vial"))
    if not context.purpose:
        return _refuse(context, Message("Choose the purpose of the thaw first"))
    return Step(context, ask=Ask("thaw", scanned.code, purpose=context.purpose))


def _refuse(context: Context, refusal: Message) -> Step:
    return Step(replace(context, is_blocked=True), refusal=refusal, tone="error")


_IN_MODE = {
    Action.FIND: _find,
    Action.MOVE: _move,
    Action.TAKE_OUT: _take_out,
    Action.PUT_BACK: _put_back,
    Action.THAW: _thaw,
}
