"""What an administrator does at the server's terminal, where nobody is signed in: found the bank, add people, make
tokens, carry out one act.

Such an act is recorded under the program's own name; ``do`` acts as the person it names.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cellbank.core import founding, jobs, work
from cellbank.core.actor import Actor, system_actor
from cellbank.core.command import REGISTER
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.domains import registry
from cellbank.domains.accounts import passwords, queries, sign_in, tokens
from cellbank.domains.accounts.commands import AddPerson
from cellbank.domains.accounts.models import Person, Role
from cellbank.domains.accounts.roles import SELF
from cellbank.entrypoints import demo

if TYPE_CHECKING:
    from cellbank.core.settings import Settings

TERMINAL = system_actor("accounts.manage", SELF)
"""The program itself, at the server's terminal."""

DEMO_LOGINS = "demo-logins.json"


@contextmanager
def _open(settings: Settings) -> Iterator[None]:
    """The bank's database, open for the time of one act."""
    from cellbank.entrypoints.web import open_database

    registry.load_commands()
    database = open_database(settings)
    try:
        yield
    finally:
        database.close()


def init(settings: Settings, *, bank: str, login: str, name: str, password: str) -> None:
    """Found the bank and add its first administrator; the schema is there already.

    :raises Refused: the bank was founded before.
    :raises Invalid: the login or the password cannot be taken; nothing was founded.
    """
    passwords.check_policy(password, user_name=login)
    command = _person(login, name, (Role.ADMINISTRATOR.value,))
    with _open(settings):
        with work.reading(TERMINAL) as db:
            if queries.bank(db) is not None:
                raise Refused("This bank is open already; add people with `cellbank user add`.")
        founding.found(name=bank, name_fa=None, short_name=_short(bank))
        _add(command, password, must_change=False)


def add_user(
    settings: Settings, *, login: str, name: str, roles: Sequence[str], password: str | None = None
) -> str | None:
    """Add a person of the bank with these roles; without a password a one-time one is made and returned.

    :raises Invalid: a role is unknown, or the login or the password cannot be taken.
    """
    if password is not None:
        passwords.check_policy(password, user_name=login)
    command = _person(login, name, roles)
    made = None if password is not None else passwords.one_time_password()
    with _open(settings):
        _add(command, password or made or "", must_change=password is None)
    return made


def create_token(settings: Settings, *, login: str, label: str, days: int) -> str:
    """Make a token that acts for a person with all their permissions, and return its text.

    :raises NotFound: nobody signs in with this name.
    """
    with _open(settings):
        owner = _somebody(login)
        made = tokens.issue(
            TERMINAL,
            owner_id=owner.principal_id,
            name=label,
            permissions=tuple(sorted(owner.permissions - {SELF})),
            days=days,
            key=work.new_key(),
        )
    if made is None:
        raise Refused("The token was not made; try again.")
    return made[0]


def do(
    settings: Settings, act: str, *, body: str, login: str, reason: str | None = None, key: str | None = None
) -> str:
    """Carry out one act of the register as the person, and say under which event, as JSON.

    :raises Invalid: the act is unknown or its values do not fit.
    """
    with _open(settings):
        actor = _somebody(login)
        command = REGISTER.get(act)
        if command is None or not command.is_open_to_api:
            raise Invalid("There is no such act: {act}", act=act)
        try:
            made = command.model_validate_json(body)
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            raise Invalid("The values do not fit: {faults}", faults=faults) from error
        event = work.perform(made, actor, key=key or work.new_key(), reason=reason)
        return json.dumps({"event": event.seq, "id": event.id.hex, "name": event.name})


def fill_demo_if_empty(settings: Settings) -> bool:
    """Play the demonstration where the bank is empty, or go on with a broken one; True when it was played."""
    with _open(settings):
        with work.reading(TERMINAL) as db:
            is_founded = queries.bank(db) is not None
        if is_founded and (not demo.is_begun() or demo.is_begun(finished=True)):
            return False
        logins = _demo_logins(settings) or _remember_logins(settings, demo.logins())
        demo.fill(logins, progress=_tell_progress)
        return True


def demo_logins(settings: Settings) -> list[demo.Login]:
    """The logins of the demonstration in this data folder; none where the bank is a real one."""
    with _open(settings):
        return _demo_logins(settings) if demo.is_begun(finished=True) else []


def _demo_logins(settings: Settings) -> list[demo.Login]:
    path = settings.home / DEMO_LOGINS
    if not path.is_file():
        return []
    return [demo.Login(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _remember_logins(settings: Settings, logins: list[demo.Login]) -> list[demo.Login]:
    """Keep the passwords in the data folder, for its owner alone: they are invented and open nothing else."""
    path = settings.home / DEMO_LOGINS
    path.touch(mode=0o600)
    path.write_text(json.dumps([dataclasses.asdict(login) for login in logins], indent=1), encoding="utf-8")
    return logins


def _tell_progress(acts: int) -> None:
    if acts % 100 == 0:
        print(f"cellbank: filling the demonstration bank, {acts} acts done", flush=True)


def work_on(settings: Settings, *, once: bool) -> None:
    """Do the waiting long work, until nothing waits (``once``) or until told to stop."""
    with _open(settings):
        if once:
            while jobs.run_one():
                pass
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        jobs.work_until(stop)


def _person(login: str, name: str, roles: Sequence[str]) -> AddPerson:
    unknown = sorted(set(roles) - {role.value for role in Role})
    if unknown:
        known = ", ".join(role.value for role in Role)
        raise Invalid("Unknown role: {roles}. There are: {known}", roles=", ".join(unknown), known=known)
    try:
        return AddPerson(user_name=login, name=name, roles=tuple(Role(role) for role in roles))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid(
            "The login has 2 to 40 Latin letters, digits, dots or hyphens, and the name is not empty ({place}).",
            place=place,
        ) from error


def _add(command: AddPerson, password: str, *, must_change: bool) -> None:
    event = work.perform(command, TERMINAL, key=work.new_key())
    (person_id,) = work.created(event, Person)
    sign_in.set_password(person_id, password, TERMINAL, key=work.new_key(), must_change=must_change)


def _somebody(login: str) -> Actor:
    with work.reading(TERMINAL) as db:
        page = queries.person_page(db, login.strip().lower())
        found = queries.actor_of_person(db, page.person.id, via="cli") if page else None
    if found is None:
        raise NotFound(what=login)
    return found


def _short(name: str) -> str:
    """A short name out of a name: its initials, or its first letters where it is one word."""
    words = name.split()
    return ("".join(word[0] for word in words) if len(words) > 1 else name.strip())[:12] or "BANK"
