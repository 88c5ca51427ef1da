"""The bench: one page for every scan at a station."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, redirect, request, url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import Reading, new_key, reading, required
from cellbank.domains.bench import acting, queries
from cellbank.domains.bench.commands import AddStation, CorrectStation, RetireStation
from cellbank.domains.bench.queries import StationHere
from cellbank.domains.bench.state import Going, load, message_of
from cellbank.domains.bench.steps import MODES, STICKY
from cellbank.domains.storage.queries import container_by_code, path_of, sites_and_rooms
from cellbank.domains.vials import queries as vials
from cellbank.domains.vials.models import ThawPurpose
from cellbank.toolkit.html import forms, maps, words
from cellbank.toolkit.html.pages import FormProblem, MenuItem, Pages, act, done
from cellbank.toolkit.html.render import render
from cellbank.toolkit.scanning.actions import PURPOSES, Action

pages = Pages("bench")
MENU = (
    MenuItem(
        label=Message("Bench").id,
        endpoint="bench.show",
        icon="bench",
        permission="bench.use",
        order=10,
        on_phone=True,
    ),
)
COOKIE = "station"
A_YEAR = 366 * 24 * 3600
MOST_OUT = 8

ICONS = {
    Action.FIND: "search",
    Action.MOVE: "move",
    Action.TAKE_OUT: "take",
    Action.PUT_BACK: "put",
    Action.THAW: "thaw",
}
PURPOSE_WORDS = {
    ThawPurpose.CULTURE: Message("Culture"),
    ThawPurpose.NEW_BANK: Message("New bank"),
    ThawPurpose.MANUFACTURE: Message("Manufacture"),
    ThawPurpose.QC: Message("Quality control"),
    ThawPurpose.STABILITY: Message("Stability study"),
    ThawPurpose.CLINICAL: Message("Clinical use"),
    ThawPurpose.TRAINING: Message("Training"),
    ThawPurpose.OTHER: Message("Another purpose"),
}


def install(app: Flask) -> None:
    """Let every act know at which station it is done."""

    @app.before_request
    def at_station() -> None:
        g.station_name = request.cookies.get(COOKIE) or None


@pages.page("/bench", permission="bench.use")
def show(actor: Actor) -> Any:
    """The station of this browser, or the stations to choose from."""
    code = request.args.get("code", "")
    with reading(actor) as db:
        station = queries.station(db, request.cookies.get(COOKIE, ""))
        if station is None:
            return render(
                "bench/stations.html",
                stations=[(one, one.called(words.locale())) for one in queries.stations(db)],
                may_manage=actor.may("storage.manage"),
            )
    if code:  # an action card was scanned on another page
        acting.scan(station, actor, code, new_key())
        return redirect(url_for("bench.show"))
    return _board(actor, station)


@pages.page("/bench/station", permission="bench.use", methods=("POST",), endpoint="choose")
def choose(actor: Actor) -> Any:
    """This browser stands at that station from now on; an empty code leaves it."""
    code = request.form.get("station", "")
    answer = redirect(url_for("bench.show"), 303)
    if not code:
        answer.delete_cookie(COOKIE)
        return answer
    with reading(actor) as db:
        required(queries.station(db, code), code)
    answer.set_cookie(COOKIE, code, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@pages.page("/bench/scans", permission="bench.use", methods=("POST",), endpoint="scan")
def take_scan(actor: Actor) -> Any:
    """One scan, or one button."""
    with reading(actor) as db:
        code = request.cookies.get(COOKIE, "")
        station = required(queries.station(db, code), code)
    text = request.form.get("scan", "").strip()
    named = request.form.get("action", "")
    action = Action(named) if named in set(Action) else None
    purpose = request.form.get("purpose", "")
    if purpose in PURPOSES:
        text, action = acting.purpose_card(purpose), None
    if text or action is not None:
        acting.scan(station, actor, text or named, request.form.get("key") or new_key(), action=action)
    if request.headers.get("HX-Request") == "true":
        return _board(actor, station)
    return redirect(url_for("bench.show"), 303)


def _board(actor: Actor, station: StationHere) -> str:
    """The screen of a station."""
    going, _ = load(station, actor)
    with reading(actor) as db:
        return render(
            "bench/show.html",
            station=station,
            station_name=station.called(words.locale()),
            going=going,
            log=[(line, message_of(line["what"]), _clock_of(line["at"])) for line in going.log],
            mode=MODES[going.context.mode],
            mode_icon=ICONS[going.context.mode],
            is_sticky=going.context.mode is not Action.FIND,
            refusal=message_of(going.refusal),
            says=message_of(going.result.get("says")),
            purpose=PURPOSE_WORDS[ThawPurpose(going.context.purpose)] if going.context.purpose else None,
            purposes=[(one.value, message) for one, message in PURPOSE_WORDS.items()],
            modes=[(one, MODES[one], ICONS[one]) for one in STICKY],
            asks_purpose=going.context.mode in (Action.THAW, Action.TAKE_OUT),
            waits_for=going.context.vial or going.context.box,
            out=vials.out_now(db, limit=MOST_OUT) if actor.may("vials.read") else [],
            **_drawing(db, going),
        )


def _clock_of(moment: str) -> str:
    """The hour, minute and second of a moment, at the reader's."""
    at = datetime.fromisoformat(moment).astimezone(ZoneInfo(words.zone()))
    return at.strftime("%H:%M:%S")


def _drawing(db: Reading, going: Going) -> dict[str, Any]:
    """The box that was named last, with its path; the slot pulses."""
    code = going.result.get("box", "")
    if not code:
        return {"drawing": None, "path": []}
    box = container_by_code(db, code)
    locale = words.locale()
    path = [(step.text(locale), "") for step in path_of(db, box.id).steps]
    layout = box.layout
    if not layout.row_names or not layout.column_names:
        return {"drawing": None, "path": path}
    slots = {
        (layout.row_names[row - 1], column): layout.name(layout.at(row, number))
        for row in layout.rows_as_seen
        for number, column in enumerate(layout.column_names, 1)
    }
    cells = {
        cell.name: maps.Cell(cell.name, cell.state, cell.bank, cell.code, cell.vial or cell.reason)
        for cell in vials.cells_of(db, [box.id])
        if cell.name
    }
    drawing = {
        "rows": [layout.row_names[number - 1] for number in layout.rows_as_seen],
        "cols": list(layout.column_names),
        "slots": slots,
        "cells": cells,
        "name": box.name,
        "code": box.code,
        "selected": going.result.get("place", ""),
    }
    return {"drawing": drawing, "path": path}


# ---- stations -----------------------------------------------------------------------------------------------


@pages.page("/stations/new", permission="storage.manage", methods=("GET", "POST"))
def add_station(actor: Actor) -> Any:
    """Add a scan station."""
    return _station_form(actor, AddStation, Message("The station was added."), {})


@pages.page("/stations/<code>", permission="storage.manage", methods=("GET", "POST"))
def correct_station(actor: Actor, code: str) -> Any:
    """Correct a station."""
    with reading(actor) as db:
        found = required(queries.station(db, code), code)
    values = {"name": found.name, "name_fa": found.name_fa or "", "vessel": found.vessel}
    return _station_form(actor, CorrectStation, Message("The station was corrected."), values, station=code)


@pages.page("/stations/<code>/retirement", permission="storage.manage", methods=("POST",))
def retire_station(actor: Actor, code: str) -> Any:
    """Take a station out of use."""
    act(RetireStation, actor, station=code)
    return done("The station was retired.", url_for("bench.show"))


def _station_form(
    actor: Actor,
    command: type[AddStation | CorrectStation],
    said: Message,
    values: dict[str, str],
    **fixed: str,
) -> Any:
    problem = None
    if request.method == "POST":
        try:
            act(command, actor, **fixed)
            return done(said.id, url_for("bench.show"))
        except FormProblem as found:
            problem = found
    with reading(actor) as db:
        sites = [(site.code, site.name) for site, _ in sites_and_rooms(db)]
    page = render(
        "bench/station.html",
        command=command,
        fields=forms.fields_of(command, without=fixed, choices={"site": sites}),
        typed=request.form if request.method == "POST" else values,
        errors=problem.errors if problem else {},
        station=fixed.get("station", ""),
    )
    return page, problem.status if problem else 200
