"""The forms by which the places are changed: one for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request, url_for

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import reading
from cellbank.domains.storage import commands, queries
from cellbank.domains.storage.addresses import container_url, pages
from cellbank.domains.storage.models import STANDS_IN_ROOM, Container, ContainerKind, Room
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import AnyResponse, FormProblem, act, done, form_page, seen
from cellbank.toolkit.html.render import render


def _to_index(actor: Actor, event: Event) -> str:
    return url_for("storage.index")


def _to_container(actor: Actor, event: Event) -> str:
    return container_url(str((request.view_args or {})["code"]))


def _of_container(actor: Actor, code: str) -> Mapping[str, Any]:
    """What a form about one container needs: its code is not asked, its version is what was seen."""
    with reading(actor) as db:
        one = queries.container_by_code(db, code)
        return {
            "fixed": {"code": one.code},
            "back": container_url(one.code),
            "saw": seen(one),
            "intro": queries.path_of(db, one.id).text(words.locale()),
        }


_KEPT = (
    *("name", "name_fa", "barcode", "condition", "max_stay_minutes", "fits_diameter_tenths_mm"),
    *(
        "arrangement",
        "rows",
        "columns",
        "capacity",
        "row_labels",
        "column_labels",
        "fill_order",
        "counted_from",
    ),
)


def _of_container_as_it_is(actor: Actor, code: str) -> Mapping[str, Any]:
    """The same, with what is recorded now already filled in."""
    with reading(actor) as db:
        one = queries.container_by_code(db, code)
        now = {name: getattr(one, name) for name in _KEPT}
    return {**_of_container(actor, code), "values": now}


def _of_site(actor: Actor, code: str) -> Mapping[str, Any]:
    with reading(actor) as db:
        site = queries.site_by_code(db, code)
        return {
            "fixed": {"site": site.code},
            "back": url_for("storage.index"),
            "intro": site.name,
        }


def _of_site_as_it_is(actor: Actor, code: str) -> Mapping[str, Any]:
    with reading(actor) as db:
        site = queries.site_by_code(db, code)
        now = {name: getattr(site, name) for name in commands.CorrectSite.model_fields if hasattr(site, name)}
        now["works_from"], now["works_until"] = (
            commands.clock_text(site.works_from_minute),
            commands.clock_text(site.works_until_minute),
        )
        return {
            "fixed": {"code": site.code},
            "values": now,
            "saw": seen(site),
            "back": url_for("storage.index"),
        }


def _of_room_as_it_is(actor: Actor, room: UUID) -> Mapping[str, Any]:
    with reading(actor) as db:
        found = queries.room_by_id(db, room)
        now = {"name": found.name, "name_fa": found.name_fa}
        return {
            "fixed": {"room_id": found.id},
            "values": now,
            "saw": seen(found),
            "back": url_for("storage.index"),
        }


def _of_room(actor: Actor, room: UUID) -> Mapping[str, Any]:
    with reading(actor) as db:
        found = queries.room_by_id(db, room)
        return {
            "fixed": {"room_id": found.id, "parent": None, "first_place": None},
            "choices": {
                "kind": [
                    (kind.value, words.text_of(kind.label))
                    for kind in ContainerKind
                    if kind in STANDS_IN_ROOM
                ]
            },
            "back": url_for("storage.index"),
            "intro": _room_name(found),
        }


def _room_name(room: Room) -> str:
    return (room.name_fa or room.name) if words.locale() == "fa" else room.name


def _of_parent(actor: Actor, code: str) -> Mapping[str, Any]:
    about = _of_container(actor, code)
    kinds = [kind for kind in ContainerKind if kind not in (ContainerKind.FREEZER, ContainerKind.TANK)]
    return {
        **about,
        "fixed": {"parent": about["fixed"]["code"], "room_id": None},
        "choices": {"kind": [(kind.value, words.text_of(kind.label)) for kind in kinds]},
    }


def _to_home(actor: Actor, event: Event) -> str:
    """To the new container if it is one, else to where they all stand."""
    made = work.created(event, Container)
    values = request.view_args or {}
    if len(made) > 1 and "code" in values:
        return container_url(str(values["code"]))
    with reading(actor) as db:
        return container_url(db.get_one(Container, made[0]).code)


def _of_nothing(actor: Actor) -> Mapping[str, Any]:
    return {"back": url_for("storage.index")}


_FORMS = (
    ("/sites/new", commands.AddSite, "add_site", _of_nothing, _to_index, Message("The site was added.")),
    (
        "/sites/<code>",
        commands.CorrectSite,
        "correct_site",
        _of_site_as_it_is,
        _to_index,
        Message("Corrected."),
    ),
    (
        "/sites/<code>/rooms/new",
        commands.AddRoom,
        "add_room",
        _of_site,
        _to_index,
        Message("The room was added."),
    ),
    (
        "/rooms/<uuid:room>",
        commands.RenameRoom,
        "rename_room",
        _of_room_as_it_is,
        _to_index,
        Message("Renamed."),
    ),
    (
        "/rooms/<uuid:room>/containers/new",
        commands.AddContainers,
        "add_to_room",
        _of_room,
        _to_home,
        Message("Added."),
    ),
    (
        "/containers/<code>/containers/new",
        commands.AddContainers,
        "add_to_container",
        _of_parent,
        _to_home,
        Message("Added."),
    ),
    (
        "/containers/<code>/name",
        commands.RenameContainer,
        "rename",
        _of_container_as_it_is,
        _to_container,
        Message("Renamed."),
    ),
    (
        "/containers/<code>/layout",
        commands.CorrectContainer,
        "correct",
        _of_container_as_it_is,
        _to_container,
        Message("Corrected."),
    ),
    (
        "/containers/<code>/condition",
        commands.SetCondition,
        "set_condition",
        _of_container_as_it_is,
        _to_container,
        Message("Recorded."),
    ),
    (
        "/containers/<code>/blocks/new",
        commands.BlockPlaces,
        "block",
        _of_container,
        _to_container,
        Message("The places are blocked."),
    ),
    (
        "/containers/<code>/rules/new",
        commands.SetAdmissionRule,
        "set_rule",
        _of_container,
        _to_container,
        Message("The rule is in force."),
    ),
    (
        "/containers/<code>/rules/end",
        commands.EndAdmissionRule,
        "end_rule",
        _of_container,
        _to_container,
        Message("The rule has ended."),
    ),
    (
        "/containers/<code>/retirement",
        commands.RetireContainer,
        "retire",
        _of_container,
        _to_container,
        Message("It is retired."),
    ),
)
for _rule, _command, _endpoint, _prepare, _then, _said in _FORMS:
    form_page(pages, _rule, _command, then=_then, said=_said.id, prepare=_prepare, endpoint=_endpoint)


@pages.page("/containers/<code>/blocks/end", permission="storage.block", methods=("POST",))
def unblock(actor: Actor, code: str) -> AnyResponse | tuple[str, int]:
    """Open blocked places again, from the button beside each."""
    try:
        act(commands.UnblockPlaces, actor, code=code)
    except FormProblem as problem:
        said = next(iter(problem.errors.values()))
        return render("layout/errors.html", status=problem.status, message=said, detail=""), problem.status
    return done(Message("The places are open again.").id, container_url(code))
