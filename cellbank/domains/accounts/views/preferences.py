"""Language, calendar, digits and light: kept by this browser, and with the person who is signed in."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.domains.accounts.commands import ChangePreferences
from cellbank.domains.accounts.models import Calendar, Language
from cellbank.domains.accounts.views.cookies import YEAR_S, safe_path, set_cookie
from cellbank.domains.accounts.views.routes import pages
from cellbank.domains.accounts.views.surroundings import PREFERENCES
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import PUBLIC


@pages.page("/preferences", permission=PUBLIC, methods=("POST",))
def preferences(actor: Actor | None) -> Any:
    """Keep what was chosen, and go back to the page."""
    chosen = {name: request.form.get(name) for name in PREFERENCES}
    known = {
        name: value for name, value in chosen.items() if value is not None and value in PREFERENCES[name]
    }
    if actor is not None and known.keys() & {"locale", "calendar"}:
        command = ChangePreferences(
            language=Language(known.get("locale") or words.locale()),
            calendar=Calendar(known.get("calendar") or words.calendar().value),
        )
        work.perform(command, actor, key=request.form.get("key") or work.new_key())
    response = current_app.make_response(redirect(safe_path(request.form.get("next")), 303))
    for name, value in known.items():
        set_cookie(response, f"cellbank_{name}", value, max_age=YEAR_S)
    return response
