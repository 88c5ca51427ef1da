"""The acts on one vial's page, each a form with its command's own fields, and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from pydantic import BaseModel
from werkzeug.exceptions import NotFound as NoSuchPage

from cellbank.core.actor import Actor
from cellbank.core.command import Command
from cellbank.core.errors import CellbankError, Message, NotFound
from cellbank.core.undo import undo
from cellbank.core.work import reading
from cellbank.domains.vials import commands, queries
from cellbank.domains.vials.models import Vial, VialState
from cellbank.domains.vials.views.here import METHODS, OUTCOMES, PURPOSES, choices, pages
from cellbank.domains.vials.views.show import address
from cellbank.toolkit.html import forms
from cellbank.toolkit.html.pages import SIGNED_IN, FormProblem, act, done, seen
from cellbank.toolkit.html.render import render

Form = Mapping[str, str]


@dataclass(frozen=True)
class VialAct:
    """One act on a vial: which command, which fields are asked, what is said when it is done."""

    command: type[Command]
    said: Message
    fixed: Callable[[Vial, Form], dict[str, Any]]
    asks: type[BaseModel] | None = None
    """The model whose fields are asked, where they are not the command's own."""
    without: tuple[str, ...] = ("vials", "vial")
    intro: Message | None = None


def _these(vial: Vial, _: Form) -> dict[str, Any]:
    return {"vials": (vial.name,)}


def _this(vial: Vial, _: Form) -> dict[str, Any]:
    return {"vial": vial.name}


def _to(vial: Vial, form: Form) -> dict[str, Any]:
    return {"vial": vial.name, "container": form.get("container", ""), "place": form.get("place", "")}


ACTS = {
    "take-outs": VialAct(commands.TakeOut, Message("It is out; its place stays reserved."), _these),
    "put-backs": VialAct(
        commands.PutBack,
        Message("It is back."),
        lambda vial, form: {"vials": (_to(vial, form),)},
        asks=commands.Back,
    ),
    "moves": VialAct(
        commands.MoveVials,
        Message("It was moved."),
        lambda vial, form: {"moves": (_to(vial, form),)},
        asks=commands.To,
    ),
    "placements": VialAct(
        commands.PlaceVials,
        Message("It was put in."),
        lambda vial, form: {"moves": (_to(vial, form),)},
        asks=commands.To,
    ),
    "thaws": VialAct(
        commands.ThawVials,
        Message("It is thawed. Record the outcome at the hood."),
        _these,
        intro=Message("It cannot be frozen again."),
    ),
    "outcomes": VialAct(commands.RecordThawOutcome, Message("The outcome is recorded."), _this),
    "discards": VialAct(
        commands.DiscardVials, Message("It waits in the bin for its destruction to be confirmed."), _these
    ),
    "destructions": VialAct(commands.ConfirmDestruction, Message("Its destruction is recorded."), _these),
    "losses": VialAct(
        commands.MarkMissing,
        Message("It is marked missing. Its place stays its own."),
        _these,
        intro=Message("Look in the neighbouring places and in the transfer vessel first."),
    ),
    "findings": VialAct(
        commands.FoundAgain, Message("It is stored again, and on hold until quality has looked."), _this
    ),
    "write-offs": VialAct(commands.WriteOff, Message("It is written off."), _these),
}


def _act_page(slug: str, spec: VialAct) -> None:
    def view(actor: Actor, text: str) -> Any:
        with reading(actor) as db:
            vial = queries.vial_by_code(db, text)
            saw = seen(vial)
            db.expunge(vial)
        if slug == "moves" and vial.state in (VialState.FILLED, VialState.FREEZING):
            return redirect(f"{address(vial.name)}/placements")
        problem = None
        if request.method == "POST":
            try:
                act(spec.command, actor, **spec.fixed(vial, request.form))
                return done(spec.said.id, address(vial.name))
            except FormProblem as found:
                problem, saw = found, []
        return _form(spec, vial, saw, problem)

    view.__name__ = slug.replace("-", "_")
    view.__doc__ = spec.command.__doc__
    pages.page(f"/vials/<text>/{slug}", permission=spec.command.permission, methods=("GET", "POST"))(view)


def _form(spec: VialAct, vial: Vial, saw: list[str], problem: FormProblem | None) -> tuple[str, int]:
    """The form of an act, with what was typed and what was wrong with it."""
    asked = forms.fields_of(spec.asks or spec.command, without=spec.without)
    words = {"purpose": choices(PURPOSES), "outcome": choices(OUTCOMES), "method": choices(METHODS)}
    page = render(
        "vials/act.html",
        spec=spec,
        vial=vial,
        saw=saw,
        fields=[(field, words.get(field.name)) for field in asked],
        typed=request.form if request.method == "POST" else request.args,
        errors=problem.errors if problem else {},
        other_errors=[
            message
            for name, message in (problem.errors if problem else {}).items()
            if name not in {field.name for field in asked} | {"reason", "occurred_at", "occurred_document"}
        ],
        back=address(vial.name),
    )
    return page, problem.status if problem else 200


for _slug, _spec in ACTS.items():
    _act_page(_slug, _spec)


@pages.page("/acts/<event>/undo", permission=SIGNED_IN, methods=("POST",), endpoint="undo")
def take_back(actor: Actor, event: str) -> Any:
    """Undo one act by a new one."""
    try:
        event_id = UUID(event)
    except ValueError as error:
        raise NoSuchPage from error
    try:
        undo(event_id, actor, key=request.form.get("key") or f"undo-{event_id.hex}")
        flash(Message("It was undone."), "ok")  # type: ignore[arg-type]
    except NotFound:
        raise
    except CellbankError as error:
        flash(error.message, "error")  # type: ignore[arg-type]
    back = request.form.get("back", "/")
    is_ours = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    return redirect(back if is_ours else "/", 303)
