"""One's own account: the password, where one is signed in, and the tokens of one's programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, url_for

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.errors import CellbankError, Invalid, Message
from cellbank.domains.accounts import queries, sign_in, tokens
from cellbank.domains.accounts.commands import RevokeToken
from cellbank.domains.accounts.roles import SELF
from cellbank.domains.accounts.views.routes import pages, printed, role_words
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import SIGNED_IN, done
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.digits import to_latin


@pages.page("/account", permission=SIGNED_IN)
def account(actor: Actor) -> str:
    """Who I am here, where I am signed in, which programs act for me."""
    with work.reading(actor) as db:
        row = work.required(queries.person_by_id(db, actor.principal_id), actor.name)
        sessions = queries.open_sessions(db, actor.principal_id)
        own_tokens = queries.tokens_of(db, actor.principal_id)
    return render(
        "accounts/account.html",
        person=row,
        sessions=sessions,
        tokens=own_tokens,
        here=actor.session_id,
        printed=printed,
        role_words=role_words,
    )


@pages.page("/account/password", permission=SIGNED_IN, methods=("GET", "POST"))
def password(actor: Actor) -> Any:
    """Choose a new password; the old one is asked for, except that a one-time password was just used."""
    is_first = g.signed_in is not None and g.signed_in.must_change_password
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            _change_password(actor, asks_old=not is_first)
            return done(
                Message("Your password is changed. Other sessions have ended.").id,
                url_for("accounts.account"),
            )
        except Invalid as error:
            errors = {error.field or "": [words.said(error.message)]}
    html = render("accounts/password.html", errors=errors, is_first=is_first, user_name=_user_name(actor))
    return html, 422 if errors else 200


def _change_password(actor: Actor, *, asks_old: bool) -> None:
    new, again = request.form.get("password", ""), request.form.get("again", "")
    if asks_old and not sign_in.check_password(actor.principal_id, request.form.get("old_password", "")):
        raise Invalid("This is not your password up to now.", field="old_password")
    if new != again:
        raise Invalid("The two are not the same.", field="again")
    if sign_in.check_password(actor.principal_id, new):
        raise Invalid("This is the password you have now. Take another one.", field="password")
    event = sign_in.set_password(
        actor.principal_id, new, actor, key=request.form.get("key") or work.new_key()
    )
    if tokens.is_repeat(event) and not sign_in.check_password(actor.principal_id, new):
        raise Invalid("This form was sent before, with another password: open it again.", field="password")


def _user_name(actor: Actor) -> str:
    with work.reading(actor) as db:
        return work.required(queries.person_by_id(db, actor.principal_id), actor.name).user_name


@pages.page("/account/sessions/end", permission=SIGNED_IN, methods=("POST",), endpoint="end_sessions")
def end_sessions(actor: Actor) -> Any:
    """End every session of mine but this one."""
    sign_in.end_other_sessions(actor, key=request.form.get("key") or work.new_key())
    return done(Message("All other sessions have ended.").id, url_for("accounts.account"))


# ---- tokens -------------------------------------------------------------------------------------------------


@pages.page("/account/tokens/add", permission=SIGNED_IN, methods=("GET", "POST"), endpoint="add_token")
def add_token(actor: Actor) -> Any:
    """Make a token for a program of mine."""
    with work.reading(actor) as db:
        row = work.required(queries.person_by_id(db, actor.principal_id), actor.name)
    return token_form(
        actor,
        owner_id=actor.principal_id,
        owner=printed(row.name, row.name_fa),
        allowed=sorted(actor.permissions - {SELF}),
        back=url_for("accounts.account"),
    )


def token_form(actor: Actor, *, owner_id: UUID, owner: str, allowed: list[str], back: str) -> Any:
    """The form of a new token, and the page that shows its text once."""
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            made = tokens.issue(
                actor,
                owner_id=owner_id,
                name=_named(request.form.get("name", "")),
                permissions=tuple(request.form.getlist("permissions")),
                days=_days(request.form.get("days", "")),
                key=request.form.get("key") or work.new_key(),
            )
        except CellbankError as error:
            errors = {getattr(error, "field", None) or "": [words.said(error.message)]}
        else:
            if made is None:
                sentence = Message(
                    "The token was shown already. Revoke it and make a new one if it was lost."
                )
                flash(sentence, "info")  # type: ignore[arg-type]
                return redirect(back, 303)
            return render("accounts/token.html", text=made[0], owner=owner, back=back)
    html = render(
        "accounts/add_token.html",
        allowed=allowed,
        owner=owner,
        back=back,
        errors=errors,
        typed=request.form,
        chosen=request.form.getlist("permissions"),
    )
    return html, 422 if errors else 200


def _named(text: str) -> str:
    if not 1 <= len(text.strip()) <= 120:  # noqa: PLR2004 - the column of the list
        raise Invalid("Say what the token is for.", field="name")
    if not request.form.getlist("permissions"):
        raise Invalid("Choose at least one permission.", field="permissions")
    return text.strip()


def _days(text: str) -> int:
    latin = to_latin(text.strip())
    if not latin.isdecimal() or len(latin) > 3 or not 1 <= int(latin) <= 730:  # noqa: PLR2004 - two years
        raise Invalid("From 1 to 730 days.", field="days")
    return int(latin)


@pages.page("/account/tokens/revoke", permission=SIGNED_IN, methods=("POST",), endpoint="revoke_token")
def revoke_token(actor: Actor) -> Any:
    """Revoke a token of mine; an administrator, anybody's."""
    try:
        token_id = UUID(request.form.get("token_id", ""))
    except ValueError:
        raise Invalid("This is not a token.") from None
    work.perform(RevokeToken(token_id=token_id), actor, key=request.form.get("key") or work.new_key())
    return done(Message("The token is revoked.").id, url_for("accounts.account"))
