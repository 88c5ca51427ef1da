"""The web application: put together from the register of domains."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from cellbank.core import clock, schema, work
from cellbank.core.engine import Database, connect
from cellbank.core.errors import CellbankError, Message
from cellbank.core.secret import secret
from cellbank.core.settings import Settings
from cellbank.domains import registry
from cellbank.entrypoints import api
from cellbank.toolkit.html import render as html

log = logging.getLogger("cellbank")


def open_database(settings: Settings) -> Database:
    """Connect, and tell the unit of work."""
    registry.load_models()
    database = connect(settings.database, threads=settings.threads)
    work.use(database, work_settings(settings))
    return database


class BehindProxy:
    """Take a visitor's address and scheme from the proxy, and from nobody else: who comes in directly is not believed.

    Without it everybody behind a proxy has one address, and a few wrong passwords would make the whole bank wait.
    """

    def __init__(self, app: Any, proxy: str) -> None:
        self._app = app
        self._believing = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self._proxy = proxy

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        is_from_proxy = environ.get("REMOTE_ADDR") == self._proxy
        return (self._believing if is_from_proxy else self._app)(environ, start_response)


def work_settings(settings: Settings) -> work.Settings:
    """The few settings that the unit of work obeys."""
    return work.Settings(
        site_zone=settings.site_zone,
        late_entry_minutes=settings.late_entry_minutes,
        bank_letter=settings.bank_letter,
        max_vials_per_lot=settings.max_vials_per_lot,
        values={"labels_folder": settings.home / "labels"},
    )


def create_app(settings: Settings, *, check: bool = True) -> Flask:
    """The application on the database that the settings name. :raises StartUpError: where it may not start."""
    database = open_database(settings)
    if check:
        schema.check(database)
    for warning in database.warnings:
        log.warning(warning)
    app = Flask("cellbank", static_folder=None)
    if settings.trusted_proxy:
        app.wsgi_app = BehindProxy(app.wsgi_app, settings.trusted_proxy)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = 20 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 5 * 1024 * 1024
    app.config["SECRET_KEY"] = secret(database, "cookie")
    app.config["SESSION_COOKIE_NAME"] = "cellbank_flash"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = settings.secure_cookies
    app.extensions["cellbank.settings"] = settings
    app.extensions["cellbank.database"] = database
    html.init_app(app, registry.template_folders(), override=settings.templates)
    app.extensions["cellbank.menu"] = registry.menu
    registry.install(app)
    api.install(app)
    _health(app, database)
    _errors(app)
    return app


def _health(app: Flask, database: Database) -> None:
    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        wrong = schema.faults(database)
        return jsonify(status="not ready" if wrong else "ready", faults=wrong, now=clock.now().isoformat()), (
            503 if wrong else 200
        )


def _errors(app: Flask) -> None:
    def answer(status: int, message: Message | None, detail: str = "") -> Any:
        if request.path.startswith("/api/"):
            return api.problem(status, message)
        return html.render("layout/errors.html", status=status, message=message, detail=detail), status

    @app.errorhandler(CellbankError)
    def refused(error: CellbankError) -> Any:
        return answer(error.status, error.message if error.status != 404 else None)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.code is not None and error.code < 400:
            return error
        return answer(error.code or 500, None)

    @app.errorhandler(PoolTimeout)
    @app.errorhandler(OperationalError)
    def busy(error: Exception) -> Any:
        log.error("the database does not answer", exc_info=error)
        response = app.make_response(answer(503, None))
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Any:
        number = g.get("request_id") or uuid.uuid4().hex[:12]
        log.error("request %s failed", number, exc_info=error)
        if app.testing:
            raise error
        return answer(500, None, detail=number)
