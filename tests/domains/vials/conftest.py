"""A browser whose person is given, for pages of vials and of the bench."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from cellbank.core.actor import Actor
from cellbank.core.engine import Database
from cellbank.core.settings import Settings
from cellbank.entrypoints.web import create_app
from tests.domains.vials.stock import STAFF


class Hand:
    """Somebody at a browser: reads pages and sends forms, in one language."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.actor: Actor = STAFF
        self.locale = "en"

    def get(self, url: str, **how: Any) -> Any:
        """Read a page."""
        return self.client.get(url, **how)

    def post(self, url: str, **form: Any) -> Any:
        """Send a form."""
        headers = form.pop("headers", None)
        return self.client.post(url, data={"csrf_token": "word", **form}, headers=headers)


@pytest.fixture
def hand(database: Database, tmp_path: Path) -> Iterator[Hand]:
    """Somebody of the staff at a browser."""
    url = database.url.render_as_string(hide_password=False)
    app = create_app(Settings(home=tmp_path, database_url=url), check=False)
    app.testing = True
    made = Hand(app)

    @app.before_request
    def somebody() -> None:
        g.actor, g.csrf_token, g.locale = made.actor, "word", made.locale

    yield made
    app.extensions["cellbank.database"].close()
