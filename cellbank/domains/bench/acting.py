"""From a scan to an act: what was scanned, which command that asks for, and what the screen says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import CellbankError, Message, Refused
from cellbank.core.journal import Event
from cellbank.core.undo import undo
from cellbank.core.work import Reading, reading
from cellbank.domains.bench.queries import StationHere
from cellbank.domains.bench.state import MOST_UNDO, Going, changing, is_repeat, last_undoable, load, written
from cellbank.domains.bench.steps import Ask, Scanned, Step, Thing, next_step
from cellbank.domains.storage.queries import container_by_code
from cellbank.domains.vials import commands, queries
from cellbank.domains.vials.models import ThawPurpose, Vial, VialState
from cellbank.domains.vials.queries import Answer
from cellbank.domains.vials.queries.whereabouts import codes_of
from cellbank.toolkit.scanning.actions import Action, action_of, purpose_code, purpose_of
from cellbank.toolkit.scanning.payload import Layout
from cellbank.toolkit.scanning.payload import undo as undo_layout

PLACE = re.compile(r"[A-Za-z]{0,2}-?[0-9]{1,3}|[0-9]{1,2}-[0-9]{1,2}")
PERSIAN_LAYOUTS = (Layout.PERSIAN, Layout.PERSIAN_OLD)
THINGS = {
    Answer.VIAL: Thing.VIAL,
    Answer.CONTAINER: Thing.CONTAINER,
    Answer.PERSON: Thing.PERSON,
    Answer.VOID: Thing.VOID,
    Answer.AMBIGUOUS: Thing.AMBIGUOUS,
    Answer.MISREAD: Thing.MISREAD,
    Answer.UNKNOWN: Thing.UNKNOWN,
}
WITHOUT_PLACE = (VialState.PLANNED, VialState.FILLED, VialState.FREEZING)


def scan(station: StationHere, actor: Actor, text: str, key: str, *, action: Action | None = None) -> None:
    """Take one scan, or one pressed button, at a station."""
    text = "" if action is not None else text  # a button pressed twice is meant twice
    if is_repeat(*_before(station, actor, text, key)):
        return
    scanned = Scanned(Thing.ACTION, action.value) if action is not None else what_it_is(actor, text)
    with changing(station, actor) as (going, was_idle):
        going.last_text, going.last_key, going.tone = text, key, ""
        if was_idle and scanned.thing is not Thing.ACTION:
            minutes = station.context_minutes
            going.refuse(
                Message(
                    "Nothing was scanned for {minutes} minutes: choose the act again", {"minutes": minutes}
                )
            )
            return
        step = next_step(going.context, scanned)
        going.tone = step.tone
        if step.is_ignored:
            return
        _take(going, step, scanned)
        if step.ask is not None:
            _do(station, actor, going, step.ask, key)
        elif step.shows:
            _show(actor, going, step.shows, step.says)


def _before(
    station: StationHere, actor: Actor, text: str, key: str
) -> tuple[Going, str, str, datetime | None]:
    going, last = load(station, actor)
    return going, text, key, last


def _take(going: Going, step: Step, scanned: Scanned) -> None:
    """The next context, and what is said about it."""
    going.context = step.context
    if step.refusal is not None:
        going.refuse(step.refusal)
        going.note(is_done=False, what=step.refusal, code=scanned.name or scanned.code or going.last_text)
    elif not step.context.is_blocked:
        going.refusal = None
    if step.says is not None:
        going.result = {"says": written(step.says)}


def what_it_is(actor: Actor, text: str) -> Scanned:
    """What was scanned or typed."""
    card = action_of(text)
    if card is not None:
        return Scanned(Thing.ACTION, card.value)
    purpose = purpose_of(text)
    if purpose is not None:
        return Scanned(Thing.PURPOSE, purpose)
    if place := _place_named(text.strip()):
        return Scanned(Thing.PLACE, place, place)
    with reading(actor) as db:
        answer = queries.scan(db, text)
        thing = THINGS.get(answer.kind, Thing.OTHER)
        if thing is not Thing.VIAL or answer.id is None:
            return Scanned(thing, answer.code, answer.name)
        vial = db.get_one(Vial, answer.id)
        # By its lot-number a vial is named for certain, whichever of its labels was scanned.
        return Scanned(
            thing,
            vial.name,
            vial.name,
            is_unplaced=vial.state in WITHOUT_PLACE,
            is_out=vial.state is VialState.OUT,
        )


def _place_named(text: str) -> str:
    """The place that was typed, though the keyboard may be set to Persian: ``ش2`` are the keys of A2."""
    readings = {text, *(keys for layout in PERSIAN_LAYOUTS for keys in undo_layout(text, layout))}
    places = {reading.upper() for reading in readings if PLACE.fullmatch(reading)}
    return places.pop() if len(places) == 1 else ""


# ---- acts -------------------------------------------------------------------------------------------------


def _do(station: StationHere, actor: Actor, going: Going, ask: Ask, key: str) -> None:
    """Ask the bank for the act; what it refuses fills the screen until OK."""
    try:
        event = _undo(station, actor, going, key) if ask.act == "undo" else _perform(station, actor, ask, key)
    except CellbankError as error:
        going.refuse(error.message)
        going.note(is_done=False, what=error.message, code=ask.vial)
        return
    label = work_label(event)
    if ask.act == "undo":
        going.result = {"says": written(Message("Undone"))}
        going.note(is_done=True, what=Message("Undone"))
    else:
        going.undo = [str(event.id), *going.undo][:MOST_UNDO]
        _show(actor, going, ask.vial, Message(label))
        going.note(is_done=True, what=Message(label), code=ask.vial, place=going.result.get("place", ""))
    going.tone = "done"


def work_label(event: Event) -> str:
    """What the act is called."""
    return next((c.label for c in REGISTER.values() if c.records == event.name), event.name)


def _perform(station: StationHere, actor: Actor, ask: Ask, key: str) -> Event:
    return work.perform(COMMANDS[ask.act](actor, station, ask), actor, key=key, station=station.code)


def _undo(station: StationHere, actor: Actor, going: Going, key: str) -> Event:
    event_id = last_undoable(going)
    if event_id is None:
        raise Refused("There is nothing to undo at this station")
    undone = undo(event_id, actor, key=key, station=station.code)
    going.undo = going.undo[1:]
    return undone


def _own_box(actor: Actor, ask: Ask) -> str:
    """The box named, or the vial's own."""
    if ask.box:
        return ask.box
    with reading(actor) as db:
        vial = queries.vial_by_code(db, ask.vial)
        where = queries.where_is(db, [vial.id]).get(vial.id)
        if where is None:
            raise Refused("{vial} has no box: scan the box first", vial=ask.vial)
        return where.container.code


def _move(actor: Actor, _: StationHere, ask: Ask) -> Command:
    to = commands.To(vial=ask.vial, container=_own_box(actor, ask), place=ask.place)
    return commands.MoveVials(moves=(to,))


def _place(actor: Actor, _: StationHere, ask: Ask) -> Command:
    to = commands.To(vial=ask.vial, container=_own_box(actor, ask), place=ask.place)
    return commands.PlaceVials(moves=(to,))


def _move_container(_: Actor, __: StationHere, ask: Ask) -> Command:
    return commands.MoveContainer(container=ask.vial, into=ask.box, place=ask.place)


def _take_out(_: Actor, station: StationHere, ask: Ask) -> Command:
    purpose = ThawPurpose(ask.purpose) if ask.purpose else None
    return commands.TakeOut(vials=(ask.vial,), destination=station.vessel, purpose=purpose)


def _put_back(actor: Actor, _: StationHere, ask: Ask) -> Command:
    box = _own_box(actor, ask) if ask.place else ask.box
    return commands.PutBack(vials=(commands.Back(vial=ask.vial, container=box, place=ask.place),))


def _thaw(_: Actor, __: StationHere, ask: Ask) -> Command:
    return commands.ThawVials(vials=(ask.vial,), purpose=ThawPurpose(ask.purpose))


COMMANDS: dict[str, Callable[[Actor, StationHere, Ask], Command]] = {
    "move": _move,
    "place": _place,
    "move_container": _move_container,
    "take_out": _take_out,
    "put_back": _put_back,
    "thaw": _thaw,
}


# ---- what the screen shows ----------------------------------------------------------------------------------


def _show(actor: Actor, going: Going, what: str, says: Message | None) -> None:
    """The thing and where it is, as the screen keeps it."""
    with reading(actor) as db:
        answer = queries.scan(db, what)
        shown = _vial(db, answer.id) if answer.kind is Answer.VIAL and answer.id else _container(db, what)
    going.result = {**shown, "says": written(says) if says is not None else None}


def _vial(db: Reading, vial_id: UUID) -> dict[str, str]:
    vial = db.get_one(Vial, vial_id)
    where = queries.where_is(db, [vial.id]).get(vial.id)
    return {
        "code": codes_of(db, [vial.id]).get(vial.id, vial.name),
        "name": vial.name,
        "vial": vial.name,
        "state": (vial.disposition or vial.state).value,
        "box": where.container.code if where else "",
        "box_name": where.container.name if where else "",
        "place": where.place if where else "",
    }


def _container(db: Reading, code: str) -> dict[str, str]:
    box = container_by_code(db, code)
    return {"code": box.code, "name": box.name, "box": box.code, "box_name": box.name, "place": ""}


def purpose_card(purpose: str) -> str:
    """The code of a purpose's card, for its button."""
    return purpose_code(purpose)
