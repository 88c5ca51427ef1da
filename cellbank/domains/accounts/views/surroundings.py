"""What every request finds ready: who acts, how they read, the word against forgery, and the frame of the page."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from flask import Response, current_app, g, redirect, request, url_for

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.errors import NotPermitted
from cellbank.domains.accounts import queries, sign_in, tokens
from cellbank.domains.accounts.queries import SignedIn
from cellbank.domains.accounts.sign_in import DOORKEEPER
from cellbank.domains.accounts.views.cookies import cookie_name, set_cookie, settings
from cellbank.domains.accounts.views.routes import printed, role_words
from cellbank.toolkit.html import words
from cellbank.toolkit.html.frame import Frame, MenuEntry
from cellbank.toolkit.html.pages import PUBLIC, SIGNED_IN, MenuItem, csrf_for

PREFERENCES: Final = {
    "locale": ("fa", "en"),
    "calendar": ("jalali", "gregorian"),
    "theme": ("auto", "light", "dark"),
    "digits": ("latin", "persian"),
}
BANK_NAME_LASTS: Final = timedelta(minutes=1)

# Where somebody may go who first has to choose a password of their own.
_WITH_ONE_TIME_PASSWORD: Final = frozenset(
    {"accounts.password", "accounts.sign_out", "accounts.preferences", "accounts.sign_in"}
)


# ---- before a request ---------------------------------------------------------------------------------------


def surround() -> Any:
    """Prepare ``g`` for the page; an answer only where a one-time password has to be changed first."""
    g.request_id = uuid.uuid4().hex[:12]
    g.actor = None
    g.signed_in = None
    if request.endpoint in ("static_file", "livez", "readyz"):
        return None
    g.zone = settings().site_zone
    token = request.cookies.get(cookie_name(), "")
    bearer = request.headers.get("Authorization", "")
    if bearer[:7].lower() == "bearer ":
        g.actor = tokens.actor_of_token(bearer[7:].strip())
    elif token:
        enter(sign_in.read_session(token), token)
    set_reading(g.signed_in)
    if g.signed_in is None:
        _guard_anonymous_forms()
    if not request.path.startswith("/api/"):
        g.frame = frame(g.actor)
    if g.signed_in is not None and g.signed_in.must_change_password:
        return _only_password_page()
    return None


def enter(found: SignedIn | None, token: str) -> None:
    """Take this session as the request's: its actor, its station, its word against forgery."""
    g.signed_in = found
    if found is not None:
        g.actor = found.actor
        g.station_name = found.station
        g.csrf_token = csrf_for(token)


def set_reading(found: SignedIn | None) -> None:
    """Language, calendar, digits and light: the person's own, else this browser's, else the site's."""
    chosen = {name: request.cookies.get(f"cellbank_{name}") for name in PREFERENCES}
    chosen = {name: value for name, value in chosen.items() if value in PREFERENCES[name]}
    usual = settings()
    accepted = request.accept_languages.best_match(PREFERENCES["locale"])
    g.locale = found.language.value if found else chosen.get("locale") or accepted or usual.default_language
    own_calendar = {"fa": "jalali", "en": "gregorian"}[g.locale]
    fallback = usual.default_calendar if g.locale == usual.default_language else own_calendar
    g.calendar = found.calendar.value if found else chosen.get("calendar") or fallback
    g.theme = chosen.get("theme") or "auto"
    if "digits" in chosen:
        g.digits = chosen["digits"]


def _guard_anonymous_forms() -> None:
    """Nobody's forms carry a word bound to a cookie of their own, so that no other site can sign somebody in."""
    secret = request.cookies.get(cookie_name("-form"), "")
    if len(secret) < 20:  # noqa: PLR2004 - ours are longer
        secret = secrets.token_urlsafe(24)
        g.new_form_secret = secret
    g.csrf_token = csrf_for(secret)


def keep_form_secret(response: Response) -> Response:
    """Give a new visitor the cookie that their forms are bound to."""
    if "new_form_secret" in g and not request.path.startswith("/api/"):
        set_cookie(response, cookie_name("-form"), g.new_form_secret)
    return response


def _only_password_page() -> Any:
    if request.endpoint in _WITH_ONE_TIME_PASSWORD:
        return None
    if request.path.startswith("/api/"):  # whoever made the password may know it: nothing is done under it
        raise NotPermitted("Choose a password of your own first.")
    return redirect(url_for("accounts.password"), 303)


# ---- the frame ----------------------------------------------------------------------------------------------


def frame(actor: Actor | None) -> Frame:
    """What stands around the page for this person."""
    if actor is None:
        return Frame(bank_name=_bank_name(), path=_path())
    return Frame(
        bank_name=_bank_name(),
        menu=_menu(actor),
        person=printed(actor.name, actor.name_fa),
        role=role_words(actor.roles),
        station=g.get("station_name") or "",
        account_url=url_for("accounts.account"),
        sign_out_url=url_for("accounts.sign_out"),
        path=_path(),
    )


def _path() -> str:
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else request.path


def _menu(actor: Actor) -> tuple[MenuEntry, ...]:
    items = [
        item for item in _menu_items() if item.permission in (PUBLIC, SIGNED_IN) or actor.may(item.permission)
    ]
    urls = [url_for(item.endpoint) for item in items]
    inside = [url for url in urls if request.path == url or request.path.startswith(url.rstrip("/") + "/")]
    here = max(inside, key=len, default=None)
    if here == "/" and request.path != "/":
        here = None  # everything lies below the home page
    return tuple(
        MenuEntry(words.text_of(item.label), url, item.icon, here=url == here, on_phone=item.on_phone)
        for item, url in zip(items, urls, strict=True)
    )


def _menu_items() -> list[MenuItem]:
    return _menu_of(current_app.extensions["cellbank.menu"])


@lru_cache(maxsize=4)
def _menu_of(menu: Any) -> list[MenuItem]:
    """The entries do not change while the program runs."""
    found: list[MenuItem] = menu()
    return found


def _bank_name() -> str:
    """The bank's own name, asked for once a minute."""
    kept: tuple[datetime, str, str | None] | None = current_app.extensions.get("cellbank.bank_name")
    now = clock.now()
    if kept is None or not now - BANK_NAME_LASTS < kept[0] <= now:
        with work.reading(DOORKEEPER) as db:
            bank = queries.bank(db)
        kept = (now, bank.name, bank.name_fa) if bank else (now, "cellbank", None)
        current_app.extensions["cellbank.bank_name"] = kept
    return printed(kept[1], kept[2])
