"""Pages: the only way to register a route, and the only way a page asks for an act.

A domain's ``views.py`` makes one ``pages = Pages("vials")`` and decorates its views. Each page names the permission
it needs; the view gets the actor first. ``act()`` builds a command from the form, performs it, and turns what went
wrong into a page that keeps what was typed.
"""

from __future__ import annotations

import functools
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, url_for
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import Command
from cellbank.core.errors import CellbankError, Conflict, Invalid, Message, NotFound, NotPermitted, Refused
from cellbank.core.journal import Event
from cellbank.toolkit.html import forms
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.digits import to_latin

PUBLIC = "public"
"""The permission of the few pages that nobody needs to sign in for."""

SIGNED_IN = "signed-in"
"""The permission of pages that every signed-in person may see."""

MOST_DIGITS = 9
"""Of a number in an address or a hidden field: what is longer is no page and no version, and would not fit."""

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]*")

View = Callable[..., Any]
ViewType = TypeVar("ViewType", bound=View)


@dataclass(frozen=True)
class PageRow:
    """One route of the register: what the permission matrix and the tests are made from."""

    rule: str
    endpoint: str
    permission: str
    methods: tuple[str, ...]
    view: View


@dataclass(frozen=True)
class MenuItem:
    """A domain's entry in the rail: shown to whoever has the permission, lowest ``order`` first."""

    label: str
    endpoint: str
    icon: str
    permission: str
    order: int
    on_phone: bool = False


@dataclass
class Pages:
    """The pages of one domain."""

    domain: str
    rows: list[PageRow] = field(default_factory=list)

    def page(
        self, rule: str, *, permission: str, methods: tuple[str, ...] = ("GET",), endpoint: str | None = None
    ) -> Callable[[ViewType], ViewType]:
        """Register a view under ``rule``; it is called with the actor first."""

        def register(view: ViewType) -> ViewType:
            name = f"{self.domain}.{endpoint or view.__name__}"
            self.rows.append(PageRow(rule, name, permission, methods, view))
            return view

        return register

    def install(self, app: Flask) -> None:
        """Add the routes to the application."""
        for row in self.rows:
            app.add_url_rule(row.rule, row.endpoint, _guarded(row), methods=list(row.methods))


def _guarded(row: PageRow) -> View:
    @functools.wraps(row.view)
    def view(**values: Any) -> Any:
        actor: Actor | None = g.get("actor")
        if row.permission != PUBLIC and actor is None:
            return current_app.extensions["cellbank.unauthenticated"]()
        if request.method not in ("GET", "HEAD"):
            _refuse_forgery()
        if row.permission not in (PUBLIC, SIGNED_IN) and (actor is None or not actor.may(row.permission)):
            raise NotPermitted("You may not see this page.")
        return row.view(actor, **values)

    return view


# ---- forgery ----------------------------------------------------------------------------------------------


def csrf_for(secret: str) -> str:
    """The token a form must carry, bound to the session's secret."""
    return hmac.new(secret.encode(), b"csrf", "sha256").hexdigest()


def _refuse_forgery() -> None:
    """Origin and token must both be ours (a page elsewhere can send a form, but knows no token)."""
    origin = request.headers.get("Origin")
    if origin and origin != "null" and origin.partition("://")[2] != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)
    sent = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    expected = g.get("csrf_token", "")
    # As bytes: compare_digest takes no text beyond ASCII.
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        abort(403)


# ---- acting -----------------------------------------------------------------------------------------------


class FormProblem(Exception):
    """A form that could not be done: the sentences at its fields and above it, and the HTTP status."""

    def __init__(self, errors: Mapping[str, Message], status: int) -> None:
        self.errors = dict(errors)
        self.status = status
        super().__init__(str(next(iter(self.errors.values()), "")))


def act(command: type[Command], /, actor: Actor, **fixed: Any) -> Event:
    """Build ``command`` from the posted form and ``fixed`` values, and perform it.

    :raises FormProblem: with sentences by field ("" for the whole form); nothing was changed.
    :raises NotFound: as it is.
    """
    try:
        made = build(command, request.form, **fixed)
        return work.perform(
            made,
            actor,
            key=request.form.get("key") or secrets.token_hex(16),
            seen=_seen(request.form.getlist("seen")),
            reason=request.form.get("reason"),
            station=g.get("station_name"),
            occurred=forms.occurred(request.form),
            witness=_uuid(request.form.get("witness")),
        )
    except ValidationError as error:
        raise FormProblem(forms.errors_by_field(error, command), 422) from error
    except Invalid as error:
        raise FormProblem({error.field or "": error.message}, error.status) from error
    except (Refused, NotPermitted, Conflict) as error:
        raise FormProblem({"": error.message}, error.status) from error


def build(command: type[Command], form: MultiDict[str, str], **fixed: Any) -> Command:
    """The command that a posted form asks for; raises ValidationError where it cannot be built."""
    values = forms.parse_form(command, form)
    values.update(fixed)
    return command.model_validate(values)


def _seen(pairs: list[str]) -> dict[str, int]:
    """``vial:0192…=4`` → {"vial:0192…": 4}."""
    seen = {}
    for pair in pairs:
        name, _, version = pair.rpartition("=")
        if name and version.isdecimal() and len(version) <= MOST_DIGITS:
            seen[name] = int(version)
    return seen


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def seen(*rows: Any) -> list[str]:
    """What a form says it saw: one ``table:key=version`` for each row."""
    return [f"{row.__tablename__}:{row.id.hex}={row.version}" for row in rows]


def show_form(
    command: type[Command],
    *,
    template: str = "layout/form.html",
    problem: FormProblem | None = None,
    values: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    choices: Mapping[str, list[tuple[str, str]]] | None = None,
    saw: list[str] | None = None,
    back: str = "/",
    title: str | None = None,
    intro: str | None = None,
    **context: Any,
) -> tuple[str, int]:
    """A page with the form of ``command``: its fields, what was typed, and what was wrong with it.

    ``fixed`` fields are not asked; ``choices`` turn a field into a list of (value, shown text).
    """
    typed: Mapping[str, Any] = request.form if request.method == "POST" else (values or request.args)
    fields = forms.fields_of(command, without=fixed or (), choices=choices)
    html = render(
        template,
        command=command,
        title=title or command.label,
        intro=intro,
        fields=fields,
        typed=typed,
        errors=problem.errors if problem else {},
        saw=saw or [],
        back=back,
        about=_codes_of(fixed or {}, title or ""),
        needs_reason=command.needs_reason,
        **context,
    )
    return html, problem.status if problem else 200


def _codes_of(fixed: Mapping[str, Any], title: str) -> list[str]:
    """The codes of what a form is about, for its heading; none that the title names already."""
    given = [
        one for value in fixed.values() for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    return [one for one in given if isinstance(one, str) and _CODE.fullmatch(one) and one not in title]


def done(sentence: str, url: str, **values: Any) -> Response:
    """Say that it was done, and go on to ``url``."""
    flash(Message(sentence, values), "ok")  # type: ignore[arg-type]
    return redirect(url, 303)  # type: ignore[return-value]


def form_page(
    pages: Pages,
    rule: str,
    command: type[Command],
    *,
    then: Callable[[Actor, Event], str],
    said: str,
    prepare: Callable[..., Mapping[str, Any]] | None = None,
    permission: str | None = None,
    endpoint: str | None = None,
    template: str = "layout/form.html",
) -> None:
    """Register GET and POST of one command's form.

    :param prepare: ``prepare(actor, **url_values)`` gives ``show_form`` arguments (fixed, choices, values, back, …)
        and may raise NotFound.
    :param then: where to go when it is done. :param said: the sentence shown there.
    """

    def view(actor: Actor, **values: Any) -> Any:
        prepared = dict(prepare(actor, **values) if prepare else {})
        problem = None
        if request.method == "POST":
            try:
                event = act(command, actor, **prepared.get("fixed", {}))
                return done(said, then(actor, event))
            except FormProblem as found:
                problem = found
                prepared.pop("saw", None)
        return show_form(command, template=template, problem=problem, **prepared)

    view.__name__ = endpoint or command.__name__
    view.__doc__ = command.__doc__
    pages.page(rule, permission=permission or command.permission, methods=("GET", "POST"), endpoint=endpoint)(
        view
    )


def page_number() -> int:
    """Which page of a long list is wanted, from 1."""
    text = to_latin(request.args.get("page", "1"))
    return max(1, int(text)) if text.isdecimal() and len(text) <= MOST_DIGITS else 1


__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "AnyResponse",
    "CellbankError",
    "FormProblem",
    "MenuItem",
    "NotFound",
    "PageRow",
    "Pages",
    "act",
    "build",
    "csrf_for",
    "done",
    "form_page",
    "page_number",
    "seen",
    "show_form",
    "url_for",
]
