"""Signing in and out. A page that was asked for, and a form that was filled in, are still there afterwards."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, current_app, g, make_response, redirect, request, url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.domains.accounts import sign_in
from cellbank.domains.accounts.sign_in import Denied, Limits, Opened
from cellbank.domains.accounts.views import surroundings
from cellbank.domains.accounts.views.cookies import cookie_name, safe_path, set_cookie, settings
from cellbank.domains.accounts.views.routes import pages
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import PUBLIC, SIGNED_IN, csrf_for
from cellbank.toolkit.html.render import render

MOST_KEPT_BYTES: Final = 1_000_000
_NEVER_KEPT: Final = frozenset({"csrf", "password", "secret", "pin", "again"})


# ---- a form that outlives its session -------------------------------------------------------------------------


@dataclass(frozen=True)
class KeptForm:
    """A form that was posted after the session had ended: where to, what, and whose it is."""

    path: str
    owner: str
    fields: tuple[tuple[str, str], ...]

    def packed(self) -> str:
        """As one hidden value of the sign-in form."""
        return json.dumps({"path": self.path, "owner": self.owner, "fields": self.fields}, ensure_ascii=False)


def kept_form() -> KeptForm | None:
    """The form of this request, if its sender was signed in when it was drawn.

    The word against forgery proves that: it is bound to the session's token, which the browser still sends though
    the session has ended. A form that another site sends has no such word and is dropped.
    """
    token = request.cookies.get(cookie_name(), "")
    if request.method != "POST" or not token:
        return None
    sent = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    owner = sign_in.owner_of(token)
    if owner is None or not hmac.compare_digest(sent.encode(), csrf_for(token).encode()):
        return None
    fields = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if _NEVER_KEPT.isdisjoint(name.lower().split("_"))
    )
    kept = KeptForm(request.full_path.rstrip("?"), owner.hex, fields)
    return kept if len(kept.packed().encode()) <= MOST_KEPT_BYTES else None


def unpacked(text: str, actor: Actor) -> KeptForm | None:
    """A kept form that came back, if it is this person's: nobody is shown what another typed."""
    try:
        told = json.loads(text)
        kept = KeptForm(
            safe_path(str(told["path"])), told["owner"], tuple((str(n), str(v)) for n, v in told["fields"])
        )
    except (ValueError, KeyError, TypeError):
        return None
    return kept if kept.owner == actor.principal_id.hex and kept.path != "/" else None


# ---- pages --------------------------------------------------------------------------------------------------


def unauthenticated() -> Any:
    """The answer to a request that needs somebody signed in: the sign-in page, which then leads on."""
    if request.headers.get("HX-Request") == "true":
        return _for_htmx()
    asked = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else ""
    return _page(401, asked=asked, kept=kept_form())


def _for_htmx() -> Any:
    """A part of a page cannot show a whole one: reload, or put the sign-in page with the kept form in its place."""
    kept = kept_form()
    if kept is None:
        response = make_response("", 401)
        response.headers["HX-Refresh"] = "true"
        return response
    html, _ = _page(401, asked="", kept=kept)
    # htmx exchanges nothing on 401; this status it takes, like every other form that needs another look.
    return html, 422, {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}


def _page(
    status: int,
    *,
    asked: str,
    kept: KeptForm | None = None,
    packed: str = "",
    typed: str = "",
    error: Message | None = None,
) -> tuple[str, int]:
    html = render(
        "accounts/sign_in.html",
        asked=asked,
        kept=kept.packed() if kept else packed,
        typed=typed,
        error=words.said(error) if error else "",
    )
    return html, status


@pages.page("/sign-in", permission=PUBLIC, methods=("GET", "POST"), endpoint="sign_in")
def sign_in_page(actor: Actor | None) -> Any:
    """The page to sign in, and its form."""
    asked = safe_path(request.values.get("next"))
    if request.method != "POST":
        return redirect(asked, 303) if actor is not None else _page(200, asked=asked)
    typed = request.form.get("name", "")
    try:
        opened = sign_in.sign_in(
            typed,
            request.form.get("password", ""),
            limits=Limits(settings().session_idle_minutes, settings().session_hours),
            address=request.remote_addr,
            user_agent=request.user_agent.string,
            station=request.cookies.get("cellbank_station"),
            replaces=request.cookies.get(cookie_name()),
        )
    except Denied as denied:
        return _denied(denied, asked=asked, packed=request.form.get("kept", ""), typed=typed)
    return _signed_in(opened, asked)


def _denied(denied: Denied, *, asked: str, packed: str, typed: str) -> Any:
    if denied.wait_s:
        error = Message(
            "Too many attempts. Wait {seconds} seconds and try again.", {"seconds": denied.wait_s}
        )
        response = make_response(_page(429, asked=asked, packed=packed, typed=typed, error=error))
        response.headers["Retry-After"] = str(denied.wait_s)
        return response
    error = Message("The name or the password is not right.")
    return _page(401, asked=asked, packed=packed, typed=typed, error=error)


def _signed_in(opened: Opened, asked: str) -> Any:
    response: Any
    kept = unpacked(request.form.get("kept", ""), opened.actor)
    if opened.must_change_password:
        response = redirect(url_for("accounts.password"), 303)
    elif kept is None:
        response = redirect(asked, 303)
    else:
        found = sign_in.read_session(opened.token)
        surroundings.enter(found, opened.token)
        surroundings.set_reading(found)
        g.frame = surroundings.frame(opened.actor)
        response = make_response(render("accounts/go_on.html", path=kept.path, fields=kept.fields))
    set_cookie(response, cookie_name(), opened.token)
    return response


@pages.page("/sign-out", permission=SIGNED_IN, methods=("POST",))
def sign_out(actor: Actor) -> Response:
    """End this session."""
    sign_in.sign_out(actor)
    response = current_app.make_response(redirect(url_for("accounts.sign_in"), 303))
    response.delete_cookie(
        cookie_name(), secure=cookie_name().startswith("__Host-"), httponly=True, samesite="Lax"
    )
    return response
