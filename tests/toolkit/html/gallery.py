"""Every macro with believable content, as pages to look at and to measure: a development aid and a test bed.

``python -m tests.toolkit.html.gallery`` serves it on http://127.0.0.1:8099/.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, flash, g, redirect, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug import Response

from cellbank.core import clock
from cellbank.core.errors import Message
from cellbank.toolkit.html import charts
from cellbank.toolkit.html.forms import errors_by_field, fields_of, parse_form
from cellbank.toolkit.html.frame import Frame, MenuEntry
from cellbank.toolkit.html.maps import Cell, FreezerFill, column_names, row_names
from cellbank.toolkit.html.render import init_app, render
from cellbank.toolkit.html.story import Difference, Entry
from cellbank.toolkit.html.words import text_of as _
from cellbank.toolkit.i18n.catalogue import PACKAGE, load, po_files

HERE = Path(__file__).parent
NOW = clock.now()


def ago(**span: float) -> dt.datetime:
    return NOW - dt.timedelta(**span)


def words_of_the_form() -> list[str]:
    """Hints and choices of the model below, said once so that the catalogue has them."""
    return [
        _("Research"),
        _("Clinical"),
        _("Quality control"),
        _("Expansion"),
        _("Test"),
        _("In whole microlitres."),
        _("Scan the flask or type the line's name."),
    ]


class Purpose(StrEnum):
    RESEARCH = "research"
    CLINICAL = "clinical"
    QUALITY = "quality control"


class FreezeVials(BaseModel):
    """Freeze a culture down into vials."""

    line: str = Field(
        title="Line",
        description="Scan the flask or type the line's name.",
        json_schema_extra={"kind": "code"},
    )
    vials: int = Field(title="Number of vials", ge=1, le=500)
    volume_ul: int = Field(
        1000, title="Volume of a vial", description="In whole microlitres.", ge=50, le=5000
    )
    frozen_on: dt.date = Field(title="Frozen on")
    purpose: Purpose = Field(title="Purpose")
    is_pilot: bool = Field(False, title="This is a pilot bank")
    comment: str | None = Field(
        None, title="Comment", json_schema_extra={"kind": "multiline"}, max_length=500
    )


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.secret_key = "gallery"
    catalogue = load([HERE, *(path.parents[1] for path in po_files(PACKAGE))])
    init_app(app, {"gallery": HERE / "templates"}, catalogue=catalogue)
    app.before_request(_surroundings)
    for url, view in {
        "/": home,
        "/vial": vial,
        "/box": box,
        "/freezer": freezer,
        "/line": line,
        "/bench": bench,
        "/refused": refused,
        "/form": form,
        "/pieces": pieces,
        "/sign-in": sign_in,
        "/error": error,
    }.items():
        app.add_url_rule(url, view.__name__, view, methods=["GET", "POST"])
    app.add_url_rule("/preferences", "preferences", preferences, methods=["POST"])
    app.add_url_rule("/scan", "scan", lambda: redirect("/vial"))
    return app


def _surroundings() -> None:
    g.locale = request.args.get("locale") or request.cookies.get("locale", "en")
    g.calendar = request.cookies.get("calendar", "jalali" if g.locale == "fa" else "gregorian")
    g.theme = request.args.get("theme") or request.cookies.get("theme", "auto")
    g.zone = "Asia/Tehran"
    g.csrf_token = "gallery-token"
    menu = [
        (_("Home"), "/", "home", True, 0),
        (_("Bench"), "/bench", "bench", True, 0),
        (_("Lines"), "/line", "lines", False, 0),
        (_("Donors"), "/form", "donors", False, 0),
        (_("Storage"), "/freezer", "storage", True, 0),
        (_("Labels"), "/pieces", "labels", False, 0),
        (_("Trail"), "/vial", "trail", False, 0),
        (_("Review"), "/pieces", "review", True, 3),
        (_("People"), "/sign-in", "people", False, 0),
    ]
    g.frame = Frame(
        bank_name=_("Tabriz cell bank"),
        menu=tuple(MenuEntry(w, u, i, here=u == request.path, on_phone=p, count=c) for w, u, i, p, c in menu),
        person=_("Sara Mohammadi"),
        role=_("Technician"),
        station=_("Station 2"),
        station_url="/bench",
        lock_url="/lock",
        sign_out_url="/out",
        account_url="/account",
        path=request.path,
    )


def preferences() -> Response:
    answer = redirect(request.form.get("next", "/"))
    for name in ("locale", "calendar", "theme"):
        if name in request.form:
            answer.set_cookie(name, request.form[name], samesite="Lax")
    return answer


def home() -> str:
    freezers = [
        FreezerFill(_("Tank 1"), "/freezer", 1510, 2430, -19_580, ago(minutes=3)),
        FreezerFill(_("Tank 2"), "/freezer", 2291, 2430, -19_610, ago(minutes=2)),
        FreezerFill(_("Tank 3"), "/freezer", 402, 2430, -19_590, ago(minutes=4)),
        FreezerFill(_("Freezer −80"), "/freezer", 711, 900, -7_240, ago(hours=2), is_late=True),
    ]
    return render("gallery/home.html", freezers=freezers, now=NOW, ago=ago)


def family() -> tuple[list[charts.Node], list[charts.Edge]]:
    node, edge = charts.Node, charts.Edge
    nodes = [
        node("d", "donor", "D-0031", "/line", _("consent: research")),
        node("l", "line", "UKBi005-A", "/line", "iPSC"),
        node("p3", "passage", "p3", "/line", vials=0),
        node("p9", "passage", "p9", "/line", vials=12),
        node("p9b", "passage", "p9", "/line", vials=3),
        node("s", "bank", "SEED-0007", "/line", counts=(("released", 8), ("gone", 4))),
        node("p14", "passage", "p14", "/line", vials=60),
        node("m", "bank", "MCB-0042", "/line", counts=(("released", 52), ("out", 2), ("gone", 6))),
        node("p16", "passage", "p16", "/line"),
        node("p17", "passage", "p17", "/line", vials=120),
        node("p17b", "passage", "p17", "/line", vials=40),
        node("w", "bank", "WCB-0043", "/line", counts=(("quarantine", 118), ("gone", 2))),
        node("w2", "bank", "WCB-0051", "/line", counts=(("hold", 40),)),
        node("l2", "line", "UKBi005-A-1", "/line", _("reporter clone")),
    ]
    edges = [
        edge("d", "l"),
        edge("l", "p3"),
        edge("p3", "p9"),
        edge("p3", "p9b"),
        edge("p9", "s"),
        edge("s", "p14", is_vial=True),
        edge("p14", "m"),
        edge("m", "p16", is_vial=True),
        edge("p16", "p17"),
        edge("p16", "p17b"),
        edge("p17", "w"),
        edge("p17b", "w2"),
        edge("p9b", "l2"),
        edge("l", "l2"),
    ]
    return nodes, edges


def grid() -> dict[str, Cell]:
    cells = {}
    plan = [
        ("MCB-0042", 30, "released"),
        ("WCB-0043", 22, "quarantine"),
        ("SEED-0007", 9, "released"),
        ("WCB-0051", 5, "hold"),
    ]
    slots = iter([row + col for row in row_names(9) for col in column_names(9)])
    for bank, count, state in plan:
        for ordinal in range(1, count + 1):
            slot = next(slots)
            code = f"CV7K3M{ordinal:03d}2"
            cells[slot] = Cell(
                slot, state, bank, code, f"{code}, {bank}-{ordinal:03d}", str(ordinal), "/vial"
            )
    for slot, state in {
        "A7": "out",
        "B2": "hold",
        "D4": "out",
        "E9": "missing",
        "H1": "occupied",
        "H2": "occupied",
        "J9": "blocked",
    }.items():
        cells[slot] = replace(cells.get(slot, Cell(slot)), state=state)
    for row in row_names(9):
        for col in column_names(9):
            cells.setdefault(row + col, Cell(row + col, url="/form"))
    return cells


def _box_context() -> dict[str, object]:
    banks = [
        ("MCB-0042", "MCB-0042", 30, "/line"),
        ("WCB-0043", "WCB-0043", 22, "/line"),
        ("SEED-0007", "SEED-0007", 9, "/line"),
        ("WCB-0051", "WCB-0051", 5, "/line"),
    ]
    return {"rows": row_names(9), "cols": column_names(9), "cells": grid(), "banks": banks}


def story() -> list[Entry]:
    tech, qa, two = _("technician"), _("QA reviewer"), _("Station 2")
    return [
        Entry(
            ago(minutes=30),
            _("Moved"),
            _("Sara M."),
            tech,
            two,
            "Tank 2 › Rack A › Box 3 › A1 → Tank 3 › Rack B › Box 12 › C5",
            _("box re-packed"),
            10_482,
            changes=(
                Difference(_("Box"), "Tank 2 › Rack A › Box 3", "Tank 3 › Rack B › Box 12"),
                Difference(_("Slot"), "A1", "C5", is_code=True),
            ),
        ),
        Entry(
            ago(days=2),
            _("Take out"),
            _("Reza K."),
            tech,
            two,
            _("no consent for clinical use"),
            "",
            10_311,
            refused=True,
        ),
        Entry(
            ago(days=155),
            _("Released for research"),
            _("Bahar K."),
            qa,
            "",
            "MCB-0042",
            "",
            8_120,
            signed=_("Signed by Bahar K.: approved the release"),
            changes=(Difference(_("State"), _("Quarantine"), _("Released")),),
        ),
        Entry(
            ago(days=173), _("Frozen"), _("Sara M."), tech, _("Station 1"), "UKBi005-A · p14 · 60", "", 7_704
        ),
    ]


def vial() -> str:
    return render("gallery/vial.html", ago=ago, story=story(), **_box_context())


def box() -> str:
    return render("gallery/box.html", **_box_context())


def freezer() -> str:
    racks = [
        (
            _("Rack {name}", name=name),
            "/freezer",
            [
                (
                    str(i + 1),
                    f"Box {start + i}" if (i * 7 + start) % 5 else "",
                    "/box",
                    (i * 31 + start * 11) % 82,
                    81,
                )
                for i in range(7)
            ],
        )
        for name, start in (("A", 1), ("B", 8), ("C", 15))
    ]
    return render("gallery/freezer.html", racks=racks, ago=ago)


def line() -> str:
    nodes, edges = family()
    points = [charts.GrowthPoint(day * 4.0, day * 3.4 + (day % 3), f"p{day + 3}") for day in range(13)]
    return render("gallery/line.html", nodes=nodes, edges=edges, points=points)


def bench() -> str:
    return render("gallery/bench.html", is_refused=False, ago=ago, **_box_context())


def refused() -> str:
    return render("gallery/bench.html", is_refused=True, ago=ago, **_box_context())


def form() -> str | tuple[str, int]:
    values = request.form
    errors: dict[str, Message] = {}
    if request.method == "POST":
        try:
            FreezeVials.model_validate(parse_form(FreezeVials, request.form))
        except ValidationError as wrong:
            errors = errors_by_field(wrong, FreezeVials)
        else:
            flash(Message("Recorded."), "ok")  # type: ignore[arg-type]
    page = render("gallery/form.html", fields=fields_of(FreezeVials), values=values, errors=errors)
    return (page, 422) if errors else page


def pieces() -> str:
    flash(_("Moved to its new slot."), "done")
    flash(_("Place C5 is taken."), "error")
    names = "released quarantine hold rejected out stored planned gone missing unsigned signed draft"
    states = f"{names} destruction late waiting done failed blocked".split()
    return render(
        "gallery/pieces.html",
        states=states,
        now=NOW,
        differences=story()[0].changes,
        spark=[3, 4, 4, 6, 5, 8, 9, 12],
        icons=SimpleNamespace(),
    )


def sign_in() -> str:
    return render("gallery/sign_in.html")


def error() -> tuple[str, int]:
    return render("layout/errors.html", status=404, message=None, detail="7F3K-22"), 404


if __name__ == "__main__":
    create_app().run(port=8099)
