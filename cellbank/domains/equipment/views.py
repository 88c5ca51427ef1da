"""Pages of instruments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.journal import Event
from cellbank.domains.audit import queries as audit
from cellbank.domains.equipment import queries
from cellbank.domains.equipment.commands import AddEquipment, AddProgramme, RecordCalibration
from cellbank.toolkit.html.pages import MenuItem, Pages, form_page, url_for
from cellbank.toolkit.html.render import render

pages = Pages("equipment")
MENU = (MenuItem("Equipment", "equipment.show_all", "equipment", "equipment.read", order=76),)


@pages.page("/equipment", permission="equipment.read")
def show_all(actor: Actor) -> str:
    """Every instrument and cooling programme."""
    with work.reading(actor) as db:
        return render(
            "equipment/list.html",
            equipment=queries.equipment(db),
            programmes=queries.programmes(db),
            today=clock.now().date(),
            actor=actor,
        )


@pages.page("/equipment/<code>", permission="equipment.read")
def show(actor: Actor, code: str) -> str:
    """One instrument, its calibrations and its story."""
    with work.reading(actor) as db:
        found = queries.instrument(db, code)
        return render(
            "equipment/show.html",
            found=found,
            calibrations=queries.calibrations(db, found.id),
            story=audit.story_of(db, "equipment", found.id),
            story_url=f"/history/equipment/{found.code}",
            today=clock.now().date(),
            actor=actor,
        )


def _to_list(actor: Actor, event: Event) -> str:
    return url_for("equipment.show_all")


def _back(actor: Actor, **values: str) -> Mapping[str, Any]:
    return {"back": url_for("equipment.show_all"), "asks_when": False}


def _instrument(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        queries.instrument(db, code)
    return {"fixed": {"equipment": code}, "back": url_for("equipment.show", code=code), "asks_when": False}


form_page(
    pages, "/equipment/new", AddEquipment, then=_to_list, prepare=_back, said="The instrument is in the list."
)
form_page(
    pages,
    "/equipment/programmes/new",
    AddProgramme,
    then=_to_list,
    prepare=_back,
    said="The programme was added.",
)
form_page(
    pages,
    "/equipment/<code>/calibrations/new",
    RecordCalibration,
    then=_to_list,
    prepare=_instrument,
    said="The calibration was recorded.",
)
