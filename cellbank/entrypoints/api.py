"""The REST API, derived: every command is a ``POST /api/v1/do/<Command>``, every resource a GET; OpenAPI tells both.

A request carries ``Authorization: Bearer <token>`` (or the browser's session) and, for acts, ``Idempotency-Key``.
Errors are ``application/problem+json`` (RFC 9457) with the message id and its values, so that programs can act on them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, json, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from cellbank import __version__
from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import CellbankError, Invalid, Message, NotFound, NotPermitted
from cellbank.core.journal import Basis, Change, ChangeKind, Event
from cellbank.core.model import Precision
from cellbank.domains import registry
from cellbank.entrypoints.openapi import document
from cellbank.toolkit.i18n.catalogue import format_message
from cellbank.toolkit.rest import ResourceRow

LARGEST_ANSWER = 1000
"""At most so many created rows are listed in an answer; the event's story lists all."""


class OccurredIn(BaseModel):
    """When the act really happened, where it is not now."""

    model_config = ConfigDict(extra="forbid")

    at: datetime | None = None
    precision: Precision = Precision.SECOND
    basis: Basis = Basis.STATED
    document: str | None = None


class Asked(BaseModel):
    """The body of an act: the command's own values, and what every act may say."""

    model_config = ConfigDict(extra="forbid")

    command: dict[str, Any] = Field(default_factory=dict)
    reason: str | None = None
    station: str | None = None
    seen: dict[str, int] = Field(default_factory=dict)
    occurred: OccurredIn | None = None
    performers: list[UUID] = Field(default_factory=list)
    witness: UUID | None = None


class CreatedOut(BaseModel):
    """A row that the act made."""

    table: str
    id: str
    code: str | None = None


class DoneOut(BaseModel):
    """What an act answers; a repeat with the same key answers the same."""

    event: int
    id: str
    name: str
    recorded_at: datetime
    replayed: bool
    created: list[CreatedOut]


def install(app: Flask) -> None:
    """Add the API's routes to the application."""
    for name, command in sorted(REGISTER.items()):
        if command.is_open_to_api:
            app.add_url_rule(
                f"/api/v1/do/{name}", f"api.do.{name}", _signed_in(_act(command)), methods=["POST"]
            )
    for row in resource_rows():
        app.add_url_rule(
            f"/api/v1{row.rule}", f"api.{row.domain}.{row.name}", _signed_in(_read(row)), methods=["GET"]
        )
    app.add_url_rule("/api/v1/openapi.json", "api.openapi", _openapi)


def resource_rows() -> list[ResourceRow]:
    """Every readable resource of every domain."""
    return [
        row for module in registry.views() if hasattr(module, "resources") for row in module.resources.rows
    ]


def problem(status: int, message: Message | None, *, errors: list[dict[str, Any]] | None = None) -> Response:
    """An error as problem+json: the sentence in the reader's language, its id and its values."""
    titles = {
        400: "Bad request",
        401: "Sign in",
        403: "Not permitted",
        404: "Not found",
        409: "Refused",
        415: "Wrong content type",
        422: "Invalid",
        429: "Too many requests",
        503: "Not available",
    }
    body: dict[str, Any] = {"type": "about:blank", "title": titles.get(status, "Error"), "status": status}
    if message is not None:
        locale = str(g.get("locale", "en"))
        body["detail"] = format_message(message.id, message.values, locale)
        body["message"] = message.id
        body["values"] = {key: str(value) for key, value in message.values.items()}
    if errors:
        body["errors"] = errors
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _refused_at_the_door(actor: Actor | None) -> Response | None:
    """Who may come in: somebody known, and a browser only with its form token."""
    if actor is None:
        return problem(401, Message("Sign in first."))
    sent = request.headers.get("X-CSRF-Token")
    if request.method != "GET" and actor.via != "api" and sent != g.get("csrf_token"):
        return problem(403, Message("A browser must send its form token."))
    return None


def _signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def guarded(**values: Any) -> Any:
        actor: Actor | None = g.get("actor")
        refused = _refused_at_the_door(actor)
        if refused is not None:
            return refused
        try:
            return view(actor, **values)
        except Invalid as error:
            place = [{"field": error.field, "message": error.message.id}] if error.field else None
            return problem(error.status, error.message, errors=place)
        except NotFound as error:
            return problem(404, None if request.method == "GET" else error.message)
        except CellbankError as error:
            return problem(error.status, error.message)
        except ValidationError as error:
            return problem(422, Message("The request does not fit."), errors=_places(error))

    return guarded


def _places(error: ValidationError) -> list[dict[str, Any]]:
    return [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "message": fault["msg"],
            "value": str(fault["input"])[:200],
        }
        for fault in error.errors(include_url=False, include_context=False)
    ]


def _act(command: type[Command]) -> Callable[[Actor], Any]:
    def act(actor: Actor) -> Any:
        if request.mimetype != "application/json":
            return problem(415, Message("Send the body as application/json."))
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > 200:
            return problem(400, Message("Send an Idempotency-Key header: the same key twice is done once."))
        asked = Asked.model_validate_json(request.get_data())
        # Strict: JSON's own types only, so that "false" or 1.0 never becomes something by accident.
        made = command.model_validate_json(json.dumps(asked.command), strict=True)
        occurred = work.Occurred(**asked.occurred.model_dump()) if asked.occurred else None
        event = work.perform(
            made,
            actor,
            key=key,
            seen=asked.seen,
            reason=asked.reason,
            station=asked.station,
            occurred=occurred,
            performers=asked.performers,
            witness=asked.witness,
        )
        return jsonify(answer_of(event).model_dump(mode="json"))

    act.__name__ = command.__name__
    return act


def answer_of(event: Event) -> DoneOut:
    """The event as an answer, with the rows it made and their printed codes."""
    with Session(work.database().read) as session:
        rows = session.execute(
            sa.select(Change.table_name, Change.row_id, Change.body)
            .where(Change.event_seq == event.seq, Change.kind == ChangeKind.INSERT)
            .order_by(Change.seq)
            .limit(LARGEST_ANSWER)
        ).all()
    created = [CreatedOut(table=t, id=key.hex, code=json.loads(body).get("code")) for t, key, body in rows]
    return DoneOut(
        event=event.seq,
        id=event.id.hex,
        name=event.name,
        recorded_at=event.recorded_at,
        replayed=bool(getattr(event, "is_replay", False)),
        created=created,
    )


def _read(row: ResourceRow) -> Callable[..., Any]:
    def read(actor: Actor, **values: Any) -> Any:
        if not actor.may(row.permission):
            raise NotPermitted("You may not read this.")
        found = row.reader(actor, **values)
        return Response(found.model_dump_json(), content_type="application/json")

    read.__name__ = row.name
    return read


def _openapi() -> Any:
    made = current_app.extensions.get("cellbank.openapi")
    if made is None:
        made = document(resource_rows(), REGISTER, Asked, DoneOut, __version__)
        current_app.extensions["cellbank.openapi"] = made
    return jsonify(made)
