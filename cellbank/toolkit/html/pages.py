"""Pages: the only way to register a route, and the only way a page asks for an act.

A domain's ``views.py`` makes one ``pages = Pages("vials")`` and decorates its views. Each page names the permission
it needs; the view gets the actor first. ``act()`` builds a command from the form, performs it, and turns what went
wrong into a page that keeps what was typed.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, flash, g, redirect, request, url_for
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import Command
from cellbank.core.errors import CellbankError, Conflict, Invalid, Message, NotFound, NotPermitted, Refused
from cellbank.core.journal import Basis, Event
from cellbank.core.model import Precision
from cellbank.toolkit.html import forms, words
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.calendars import Calendar, WrongDate, parse_date, parse_when
from cellbank.toolkit.i18n.digits import to_latin

PUBLIC = "public"
"""The permission of the few pages that nobody needs to sign in for."""

SIGNED_IN = "signed-in"
"""The permission of pages that every signed-in person may see."""

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
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site") in ("cross-site",):
        abort(403)
    sent = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    expected = g.get("csrf_token", "")
    if not expected or not hmac.compare_digest(sent, expected):
        abort(403)


# ---- acting -----------------------------------------------------------------------------------------------


class FormProblem(Exception):
    """A form that could not be done: the messages at its fields and above it (""), and the HTTP status."""

    def __init__(self, errors: Mapping[str, list[Message]], status: int) -> None:
        self.errors = dict(errors)
        self.status = status
        super().__init__("; ".join(str(m) for found in self.errors.values() for m in found))

    def said(self) -> dict[str, list[str]]:
        """The messages in the reader's language."""
        return {name: [words.said(message) for message in found] for name, found in self.errors.items()}


def act(command: type[Command], /, actor: Actor, **fixed: Any) -> Event:
    """Build ``command`` from the posted form and ``fixed`` values, and perform it.

    :raises FormProblem: with messages by field ("" for the whole form); nothing was changed.
    :raises NotFound: as it is.
    """
    try:
        made = build(command, request.form, **fixed)
        carried = forms.envelope(request.form)
        return work.perform(
            made,
            actor,
            key=carried.key or secrets.token_hex(16),
            seen=carried.seen,
            reason=carried.reason,
            station=g.get("station_name"),
            occurred=occurred(request.form),
            witness=_uuid(request.form.get("witness")),
        )
    except ValidationError as error:
        raise FormProblem(forms.errors_by_field(error, command), 422) from error
    except Invalid as error:
        raise FormProblem({error.field or "": [error.message]}, error.status) from error
    except (Refused, NotPermitted, Conflict) as error:
        raise FormProblem({"": [error.message]}, error.status) from error


def build(command: type[Command], form: MultiDict[str, str], **fixed: Any) -> Command:
    """The command that a posted form asks for. :raises ValidationError:"""
    values = forms.parse_form(command, form, calendar=words.calendar(), zone=words.zone())
    values.update(fixed)
    return command.model_validate(values)


def occurred(form: MultiDict[str, str]) -> work.Occurred | None:
    """When the act happened, where the form says so: a moment, a day, a month or a year, in either calendar.

    :raises Invalid: it cannot be read.
    """
    text = form.get("occurred_at", "").strip()
    if not text:
        return None
    document = form.get("document", "").strip() or None
    basis = Basis.PAPER if document else Basis.STATED
    zone = words.zone()
    for calendar in (words.calendar(), *(c for c in Calendar if c is not words.calendar())):
        try:
            return work.Occurred(parse_when(text, calendar, zone), Precision.MINUTE, basis, document)
        except WrongDate:
            pass
        try:
            day = parse_date(text, calendar)
        except WrongDate:
            continue
        # The first moment of the day, month or year, on the site's own clock.
        moment = datetime.combine(day.date, time(), ZoneInfo(zone))
        return work.Occurred(moment, Precision(day.precision.value), basis, document)
    raise Invalid(
        "“{value}” is not a moment. Write year, month, day and the time.", field="occurred_at", value=text
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def seen(*rows: Any) -> dict[str, int]:
    """What a form says it saw: the version of each row, by ``table:key``."""
    return {f"{row.__tablename__}:{row.id.hex}": row.version for row in rows}


def show_form(
    command: type[Command],
    *,
    template: str = "layout/form.html",
    problem: FormProblem | None = None,
    values: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    saw: Mapping[str, int] | None = None,
    back: str = "/",
    title: str | None = None,
    intro: str | None = None,
    asks_when: bool = True,
    **context: Any,
) -> tuple[str, int]:
    """A page with the form of ``command``: its fields, what was typed, and what was wrong with it.

    ``fixed`` fields are not asked; ``choices`` turn a field into a list of (value, shown text); ``title`` and
    ``intro`` are finished sentences.
    """
    typed: dict[str, Any] = dict(values or {})
    if request.method == "POST":
        typed = {name: (found if len(found) > 1 else found[0]) for name, found in request.form.lists()}
        saw = forms.envelope(request.form).seen
    elif not typed:
        typed = request.args.to_dict()
    offered = choices or {}
    fields = [
        replace(found, kind="choice", choices=tuple(offered[found.name])) if found.name in offered else found
        for found in forms.fields_of(command, without=fixed or ())
    ]
    html = render(
        template,
        command=command,
        title=title or words.text_of(command.label),
        intro=intro,
        fields=fields,
        typed=typed,
        # The same key goes back: a form sent twice, or again after a fault, is done once.
        key="" if problem else typed.get("key", ""),
        errors=problem.said() if problem else {},
        saw=saw or {},
        back=back,
        submit=words.text_of(command.label),
        needs_reason=command.needs_reason,
        asks_when=asks_when,
        **context,
    )
    return html, problem.status if problem else 200


def done(sentence: str, url: str, **values: Any) -> AnyResponse:
    """Say that it was done, and go on to ``url``."""
    flash(words.said(Message(sentence, values)), "done")
    return redirect(url, 303)


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
        return show_form(command, template=template, problem=problem, **prepared)

    view.__name__ = endpoint or command.__name__
    view.__doc__ = command.__doc__
    pages.page(rule, permission=permission or command.permission, methods=("GET", "POST"), endpoint=endpoint)(
        view
    )


def page_number() -> int:
    """Which page of a long list is wanted, from 1."""
    text = to_latin(request.args.get("page", "1"))
    return max(1, int(text)) if text.isdigit() else 1


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
