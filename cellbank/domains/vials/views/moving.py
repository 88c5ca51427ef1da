"""Moving from a map: a vial picked up on one square and put down on another, and a whole container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import reading
from cellbank.domains.storage.queries import container_by_code, path_of
from cellbank.domains.vials import commands
from cellbank.domains.vials.views.here import pages
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import FormProblem, act, done, form_page, seen
from cellbank.toolkit.html.render import render


@pages.page("/moves", permission="vials.move", methods=("POST",), endpoint="move_on_map")
def put_down(actor: Actor) -> Any:
    """Put down, on a free square of a box's map, the vial that was picked up; the same map is shown again."""
    form = request.form
    to = {"vial": form.get("vial", ""), "container": form.get("box", ""), "place": form.get("slot", "")}
    try:
        act(commands.MoveVials, actor, moves=(to,))
    except FormProblem as problem:
        said = next(iter(problem.errors.values()))
        return render("layout/errors.html", status=problem.status, message=said, detail=""), problem.status
    return done(Message("{vial} is now at {place}.").id, _map_of(form), vial=to["vial"], place=to["place"])


def _map_of(form: Mapping[str, str]) -> str:
    """The map that the vial was moved on: the box shown first, with the other one beside it."""
    shown, beside = form.get("shown", "") or form.get("box", ""), form.get("beside", "")
    return f"/containers/{shown}" + (f"?beside={beside}" if beside else "")


def _of_container(actor: Actor, code: str) -> Mapping[str, Any]:
    with reading(actor) as db:
        one = container_by_code(db, code)
        return {
            "fixed": {"container": one.code},
            "saw": seen(one),
            "back": f"/containers/{one.code}",
            "intro": path_of(db, one.id).text(words.locale()),
        }


def _to_container(actor: Actor, event: Event) -> str:
    return f"/containers/{(request.view_args or {})['code']}"


form_page(
    pages,
    "/containers/<code>/moves",
    commands.MoveContainer,
    then=_to_container,
    said=Message("It was moved, with all that is in it.").id,
    prepare=_of_container,
    endpoint="move_container",
)
