"""Cookies, and the paths that a page may lead on to."""

from __future__ import annotations

from typing import Any, Final

from flask import current_app

from cellbank.core.settings import Settings

YEAR_S: Final = 365 * 24 * 3600


def settings() -> Settings:
    """The site's settings."""
    found: Settings = current_app.extensions["cellbank.settings"]
    return found


def cookie_name(part: str = "") -> str:
    """A cookie's name; over HTTPS the prefix makes browsers refuse one that another host planted."""
    return ("__Host-" if settings().secure_cookies else "") + "cellbank" + part


def set_cookie(response: Any, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send along."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=settings().secure_cookies,
        path="/",
    )


def safe_path(text: str | None) -> str:
    """A path of ours to go on to; anything that leads elsewhere becomes the home page."""
    path = text or "/"
    is_ours = path.startswith("/") and not path.startswith("//")
    return path if is_ours and path.isprintable() and "\\" not in path else "/"
