"""People: the list, one person, and what an administrator does about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for

from cellbank.core import work
from cellbank.core.actor import BANK_ID, Actor, Principal
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.domains.accounts import passwords, queries, sign_in
from cellbank.domains.accounts.commands import (
    AddPerson,
    ChangePerson,
    DisablePerson,
    EnablePerson,
    EndRole,
    GrantRole,
)
from cellbank.domains.accounts.models import Person, Role
from cellbank.domains.accounts.queries import PersonPage
from cellbank.domains.accounts.roles import ROLE_MEANINGS, ROLE_NAMES
from cellbank.domains.accounts.tokens import is_repeat
from cellbank.domains.accounts.views.routes import (
    CALENDARS,
    LANGUAGES,
    choices,
    pages,
    printed,
    role_choices,
    role_words,
)
from cellbank.domains.audit import queries as audit
from cellbank.toolkit.html.pages import (
    FormProblem,
    act,
    done,
    form_page,
    page_number,
    seen,
    show_form,
)
from cellbank.toolkit.html.render import render

A_PAGE = 100
ACTS_SHOWN = 12
"""At most so many acts stand below a person; the whole story has all."""


@pages.page("/people", permission="accounts.read")
def people(actor: Actor) -> str:
    """Everybody who can sign in, or those of the reader's own organisation."""
    text, number = request.args.get("q", "").strip(), page_number()
    with work.reading(actor) as db:
        found = queries.people(db, text=text, limit=A_PAGE + 1, offset=(number - 1) * A_PAGE)
    return render(
        "accounts/people.html",
        people=found[:A_PAGE],
        text=text,
        role_words=role_words,
        printed=printed,
        before=url_for("accounts.people", q=text, page=number - 1) if number > 1 else "",
        after=url_for("accounts.people", q=text, page=number + 1) if len(found) > A_PAGE else "",
        may_manage=actor.may("accounts.manage"),
    )


@pages.page("/people/<user_name>", permission="accounts.read")
def person(actor: Actor, user_name: str) -> str:
    """One person: names, roles from when until when, and what an administrator can do."""
    with work.reading(actor) as db:
        page = work.required(queries.person_page(db, user_name), user_name)
        story = audit.story_of(db, "person", page.person.id, limit=ACTS_SHOWN)
    return render(
        "accounts/person.html",
        page=page,
        story=story,
        role_names=ROLE_NAMES,
        role_meanings=ROLE_MEANINGS,
        role_words=role_words,
        printed=printed,
        languages=LANGUAGES,
        calendars=CALENDARS,
        may_manage=actor.may("accounts.manage"),
        is_self=page.person.id == actor.principal_id,
        story_url=f"/history/person/{page.person.user_name}",
        may_print=actor.may("printing.print"),
    )


def _page(actor: Actor, user_name: str) -> PersonPage:
    """:raises NotFound: unknown, or of another organisation."""
    with work.reading(actor) as db:
        return work.required(queries.person_page(db, user_name), user_name)


# ---- adding ---------------------------------------------------------------------------------------------------


@pages.page("/people/add", permission="accounts.manage", methods=("GET", "POST"), endpoint="add_person")
def add_person(actor: Actor) -> Any:
    """Add a person; the one-time password is shown on the next page, and never again."""
    problem = None
    if request.method == "POST":
        try:
            event = act(AddPerson, actor)
        except FormProblem as found:
            problem = found
        else:
            return _with_one_time_password(actor, event)
    with work.reading(actor) as db:
        known = queries.organisations(db)
    return show_form(
        AddPerson,
        problem=problem,
        choices={
            "organisation": [(o.short_name, printed(o.name, o.name_fa)) for o, _ in known if o.id != BANK_ID],
            "roles": role_choices(Role),
            "language": choices(LANGUAGES),
            "calendar": choices(CALENDARS),
        },
        values={"language": "fa", "calendar": "jalali"},
        back=url_for("accounts.people"),
    )


def _with_one_time_password(actor: Actor, event: Event) -> Any:
    (person_id,) = work.created(event, Person)
    with work.reading(actor) as db:
        row = work.required(queries.person_by_id(db, person_id), "person")
    if is_repeat(event):
        return redirect(url_for("accounts.person", user_name=row.user_name), 303)
    return _new_password(actor, row, key=f"{event.id.hex}-password")


def _new_password(actor: Actor, row: queries.PersonRow, *, key: str) -> Any:
    password = passwords.one_time_password()
    event = sign_in.set_password(row.id, password, actor, key=key, must_change=True)
    if is_repeat(event):
        flash(Message("The password was shown already. Make a new one if it was lost."), "info")  # type: ignore[arg-type]
        return redirect(url_for("accounts.person", user_name=row.user_name), 303)
    return render("accounts/one_time_password.html", person=row, password=password, printed=printed)


# ---- changing -------------------------------------------------------------------------------------------------


def _to_person(actor: Actor, event: Event) -> str:
    """Back to the page of the person that the form's address names."""
    values = request.view_args or {}
    return url_for("accounts.person", user_name=values["user_name"])


def _change(actor: Actor, user_name: str) -> Mapping[str, Any]:
    page = _page(actor, user_name)
    with work.reading(actor) as db:
        principal = db.get_one(Principal, page.person.id)
    return {
        "fixed": {"person": user_name},
        "values": {
            "name": page.person.name,
            "name_fa": page.person.name_fa,
            "job_title": page.person.job_title,
            "job_title_fa": page.person.job_title_fa,
            "email": page.email,
            "telephone": page.telephone,
        },
        "saw": seen(page.row, principal),
        "back": url_for("accounts.person", user_name=user_name),
    }


def _only_person(actor: Actor, user_name: str) -> Mapping[str, Any]:
    page = _page(actor, user_name)
    return {
        "fixed": {"person": user_name},
        "intro": printed(page.person.name, page.person.name_fa),
        "back": url_for("accounts.person", user_name=user_name),
    }


def _grant(actor: Actor, user_name: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        known = queries.organisations(db)
    return {
        **_only_person(actor, user_name),
        "choices": {
            "role": role_choices(Role),
            "scope": [(o.short_name, printed(o.name, o.name_fa)) for o, _ in known if o.id != BANK_ID],
        },
    }


form_page(
    pages,
    "/people/<user_name>/change",
    ChangePerson,
    then=_to_person,
    said="Changed.",
    prepare=_change,
    endpoint="change_person",
)
form_page(
    pages,
    "/people/<user_name>/roles/grant",
    GrantRole,
    then=_to_person,
    said="The role is granted.",
    prepare=_grant,
    endpoint="grant_role",
)
form_page(
    pages,
    "/people/<user_name>/disable",
    DisablePerson,
    then=_to_person,
    said="Access was taken away. All sessions and tokens of this person have ended.",
    prepare=_only_person,
    endpoint="disable_person",
)
form_page(
    pages,
    "/people/<user_name>/enable",
    EnablePerson,
    then=_to_person,
    said="This person has access again.",
    prepare=_only_person,
    endpoint="enable_person",
)


@pages.page(
    "/people/<user_name>/roles/end", permission="accounts.manage", methods=("POST",), endpoint="end_role"
)
def end_role(actor: Actor, user_name: str) -> Any:
    """Take a role away."""
    url = url_for("accounts.person", user_name=user_name)
    try:
        act(EndRole, actor, person=user_name)
    except FormProblem as problem:
        for message in problem.errors.values():
            flash(message, "error")  # type: ignore[arg-type]
        return redirect(url, 303)
    return done(Message("The role is ended.").id, url)


@pages.page(
    "/people/<user_name>/password", permission="accounts.manage", methods=("POST",), endpoint="new_password"
)
def new_password(actor: Actor, user_name: str) -> Any:
    """Give a person who forgot theirs a one-time password; their sessions end."""
    page = _page(actor, user_name)
    return _new_password(actor, page.person, key=request.form.get("key") or work.new_key())
