"""A browser for tests of pages: it is somebody of the cast, in one language, and posts forms with their token."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cellbank.core.actor import Actor
from cellbank.core.settings import Settings
from cellbank.entrypoints.web import create_app

TOKEN = "the form's token"  # a test's own, not a secret


def application(database_url: str) -> Flask:
    """The whole application on a test's database; whoever asks is set by ``Browser``."""
    app = create_app(Settings(database_url=database_url, site_zone="Asia/Tehran"), check=False)
    app.testing = True
    return app


class Browser:
    """Somebody looking at pages."""

    def __init__(self, app: Flask, actor: Actor | None, locale: str = "en") -> None:
        self.app, self.actor, self.locale = app, actor, locale
        self.client: FlaskClient = app.test_client()

    def _ask(self, method: str, path: str, **how: Any) -> TestResponse:
        def arrive() -> None:
            g.actor, g.locale, g.csrf_token, g.zone = self.actor, self.locale, TOKEN, "Asia/Tehran"

        hooks = self.app.before_request_funcs
        before = hooks.get(None, [])
        hooks[None] = [arrive]
        try:
            return self.client.open(path, method=method, **how)
        finally:
            hooks[None] = before

    def get(self, path: str) -> TestResponse:
        """Look at a page."""
        return self._ask("GET", path)

    def read(self, path: str) -> str:
        """The words of a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Fill in a form and send it."""
        return self._ask("POST", path, data={"csrf_token": TOKEN, **fields})

    def done(self, path: str, **fields: Any) -> str:
        """Send a form that is accepted; where it leads."""
        answer = self.post(path, **fields)
        assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
        return str(answer.headers["Location"])


def words_of(html: str) -> str:
    """The text of a page without its markup, each space single."""
    main = html.partition("<main")[2] or html
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
