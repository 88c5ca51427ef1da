"""Pages of materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.journal import Event
from cellbank.domains.materials import queries
from cellbank.domains.materials.commands import AddMaterial, DecideMaterialLot, ReceiveMaterialLot
from cellbank.domains.materials.models import MaterialLot
from cellbank.toolkit.html.pages import MenuItem, Pages, form_page, seen, url_for
from cellbank.toolkit.html.render import render

pages = Pages("materials")
MENU = (MenuItem("Materials", "materials.show", "materials", "materials.read", order=75),)


@pages.page("/materials", permission="materials.read")
def show(actor: Actor) -> str:
    """Every material and its lots."""
    with work.reading(actor) as db:
        return render(
            "materials/list.html", stocked=queries.materials(db), today=clock.now().date(), actor=actor
        )


def _to_list(actor: Actor, event: Event) -> str:
    return url_for("materials.show")


def _back(actor: Actor, **values: str) -> Mapping[str, Any]:
    return {"back": url_for("materials.show")}


def _lot(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        lot = work.required(db.scalar(sa.select(MaterialLot).where(MaterialLot.code == code)), code)
        return {
            "fixed": {"code": code},
            "values": {"state": lot.state.value},
            "saw": seen(lot),
            "back": url_for("materials.show"),
            "asks_when": False,
        }


form_page(
    pages, "/materials/new", AddMaterial, then=_to_list, prepare=_back, said="The material is in the list."
)
form_page(
    pages,
    "/materials/lots/new",
    ReceiveMaterialLot,
    then=_to_list,
    prepare=_back,
    said="The lot was received.",
)
form_page(
    pages,
    "/materials/lots/<code>/state",
    DecideMaterialLot,
    then=_to_list,
    prepare=_lot,
    said="The lot has a new state.",
)
