"""Devices: machines that act under their own name, and the station that stands at this browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, redirect, request, url_for

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.journal import Event
from cellbank.domains.accounts import queries
from cellbank.domains.accounts.commands import AddDevice
from cellbank.domains.accounts.roles import DEVICE_PERMISSIONS
from cellbank.domains.accounts.views.account import token_form
from cellbank.domains.accounts.views.cookies import YEAR_S, set_cookie
from cellbank.domains.accounts.views.routes import pages, printed
from cellbank.toolkit.html.pages import form_page
from cellbank.toolkit.html.render import render


@pages.page("/devices", permission="accounts.manage")
def devices(actor: Actor) -> str:
    """The bank's machines."""
    with work.reading(actor) as db:
        found = queries.devices(db)
    return render(
        "accounts/devices.html",
        devices=found,
        printed=printed,
        here=request.cookies.get("cellbank_station", ""),
    )


def _add(actor: Actor) -> Mapping[str, Any]:
    return {"back": url_for("accounts.devices")}


def _to_devices(actor: Actor, event: Event) -> str:
    return url_for("accounts.devices")


form_page(
    pages,
    "/devices/add",
    AddDevice,
    then=_to_devices,
    said="The device is added.",
    prepare=_add,
    endpoint="add_device",
)


@pages.page(
    "/devices/<code>/token",
    permission="accounts.manage",
    methods=("GET", "POST"),
    endpoint="add_device_token",
)
def add_device_token(actor: Actor, code: str) -> Any:
    """Make a token with which a device reads and prints."""
    with work.reading(actor) as db:
        device, principal = work.required(queries.device(db, code), code)
    return token_form(
        actor,
        owner_id=device.id,
        owner=printed(principal.name, principal.name_fa),
        allowed=sorted(DEVICE_PERMISSIONS),
        back=url_for("accounts.devices"),
    )


@pages.page("/devices/<code>/here", permission="accounts.manage", methods=("POST",), endpoint="station_here")
def station_here(actor: Actor, code: str) -> Any:
    """Say that this browser is the station; whoever signs in here from now on acts at it."""
    with work.reading(actor) as db:
        device, _ = work.required(queries.device(db, code), code)
    response = current_app.make_response(redirect(url_for("accounts.devices"), 303))
    set_cookie(response, "cellbank_station", device.code, max_age=YEAR_S)
    return response
