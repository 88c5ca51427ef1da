"""The pages of people, organisations and one's own account, and what stands around every page."""

from flask import Flask

from cellbank.domains.accounts.views import (
    account,
    devices,
    organisations,
    people,
    preferences,
    signing_in,
    surroundings,
)
from cellbank.domains.accounts.views.resources import resources
from cellbank.domains.accounts.views.routes import MENU, pages

__all__ = [
    "MENU",
    "account",
    "devices",
    "install",
    "organisations",
    "pages",
    "people",
    "preferences",
    "resources",
    "signing_in",
]


def install(app: Flask) -> None:
    """Hook into the application: before each request, after it, and where somebody has to sign in."""
    app.before_request(surroundings.surround)
    app.after_request(surroundings.keep_form_secret)
    app.extensions["cellbank.unauthenticated"] = signing_in.unauthenticated
