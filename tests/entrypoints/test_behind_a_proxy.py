"""A visitor's address is taken from the one proxy that is trusted, and from nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from cellbank.entrypoints.web import BehindProxy


@pytest.mark.parametrize(
    ("comes_from", "told", "believed"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("203.0.113.9", "192.0.2.7", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
    ],
)
def test_only_the_trusted_proxy_is_believed(comes_from: str, told: str | None, believed: str) -> None:
    app = Flask("seen")
    app.add_url_rule("/", "seen", lambda: request.remote_addr or "")
    app.wsgi_app = BehindProxy(app.wsgi_app, "10.0.0.1")  # type: ignore[method-assign]
    headers: dict[str, Any] = {"X-Forwarded-For": told} if told else {}
    answer = app.test_client().get("/", headers=headers, environ_base={"REMOTE_ADDR": comes_from})
    assert answer.text == believed
