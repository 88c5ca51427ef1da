"""The command `cellbank`: what an administrator types. Each sub-command is one small function."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cellbank import __version__
from cellbank.core.errors import CellbankError, StartUpError
from cellbank.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

CANNOT_START = 2
REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; answer 0 when done, 1 when the bank refused it, 2 when it could not start."""
    options = parser().parse_args(arguments)
    try:
        options.run(Settings.from_env(os.environ), options)
    except StartUpError as error:
        print(f"cellbank: {error}", file=sys.stderr)
        return CANNOT_START
    except CellbankError as error:
        print(f"cellbank: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return 130  # 128 + SIGINT, as shells say it
    return 0


def parser() -> argparse.ArgumentParser:
    """The sub-commands and their options."""
    top = argparse.ArgumentParser(prog="cellbank", description="Inventory and traceability for a cell bank.")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    server = commands.add_parser("serve", help="serve the bank's pages")
    server.add_argument("--host", help="network address to listen on")
    server.add_argument("--port", type=int, help="TCP port; 0 takes any free one")
    server.add_argument("--processes", type=int, help="server processes; more than one needs PostgreSQL")
    server.add_argument("--demo-if-empty", action="store_true", help="fill an empty bank with invented data")
    server.set_defaults(run=_serve)

    init = commands.add_parser("init", help="open a new bank and its first account")
    init.add_argument("--bank", required=True, help="the bank's name")
    _add_person(init)
    init.set_defaults(run=_init)

    commands.add_parser("demo", help="fill an empty bank with invented data").set_defaults(run=_demo)
    _add_database(commands.add_parser("db", help="the database's schema"))
    _add_accounts(commands)
    _add_work(commands)
    commands.add_parser("version", help="print the version").set_defaults(run=_version)
    return top


def _add_database(database: argparse.ArgumentParser) -> None:
    actions = database.add_subparsers(metavar="ACTION", required=True)
    upgrade = actions.add_parser("upgrade", help="bring the database to this version's schema")
    upgrade.set_defaults(run=_db_upgrade)
    check = actions.add_parser("check", help="is the schema this version's, with every trigger in place?")
    check.set_defaults(run=_db_check)


def _add_accounts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    people = commands.add_parser("user", help="people").add_subparsers(metavar="ACTION", required=True)
    add = people.add_parser(
        "add", help="add a person; the password is asked for, or read from standard input"
    )
    _add_person(add)
    add.add_argument(
        "--role", action="append", default=[], dest="roles", help="a role to give; may be repeated"
    )
    add.add_argument(
        "--one-time", action="store_true", help="ask for no password: make one that works once, and print it"
    )
    add.set_defaults(run=_user_add)

    tokens = commands.add_parser("token", help="keys for programs").add_subparsers(
        metavar="ACTION", required=True
    )
    create = tokens.add_parser("create", help="make a key for a program; it is printed once")
    create.add_argument("--login", required=True, help="whose permissions the key has")
    create.add_argument("--label", required=True, help="what the key is for")
    create.add_argument("--days", type=int, default=365, help="days until it ends (365)")
    create.set_defaults(run=_token_create)


def _add_person(command: argparse.ArgumentParser) -> None:
    command.add_argument("--login", required=True, help="the name to sign in with")
    command.add_argument("--name", required=True, help="the person's full name")


def _add_work(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    worker = commands.add_parser("worker", help="do the waiting long work: imports, prints, seals")
    worker.add_argument("--once", action="store_true", help="stop when nothing waits")
    worker.set_defaults(run=_worker)

    do = commands.add_parser("do", help="carry out one act of the register")
    do.add_argument("act", metavar="NAME", help="the act, for example MoveVials")
    do.add_argument(
        "--json", required=True, metavar="BODY", help="its values as JSON; - reads standard input"
    )
    do.add_argument("--login", required=True, help="who does it")
    do.add_argument("--reason", help="why, where the act asks for a reason")
    do.add_argument("--key", help="a key of your own: the same key twice is done once")
    do.set_defaults(run=_do)


def _serve(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import web
    from cellbank.entrypoints.serve import serve, with_options

    settings = with_options(settings, host=options.host, port=options.port, workers=options.processes)
    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        _bring_up_to_date(settings)  # the first start of an embedded bank needs no second command
    if options.demo_if_empty and _fill_if_empty(settings):
        print("cellbank: the empty bank now holds invented data", flush=True)
    if options.demo_if_empty:
        _tell_logins(settings)
    serve(lambda: web.create_app(settings), settings)


def _init(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import admin

    password = _ask_password()
    _bring_up_to_date(settings)
    admin.init(settings, bank=options.bank, login=options.login, name=options.name, password=password)
    print(f"The bank {options.bank} is open; {options.login} can sign in.")


def _demo(settings: Settings, options: argparse.Namespace) -> None:
    _bring_up_to_date(settings)
    if _fill_if_empty(settings):
        print("The bank now holds invented data.")
    elif not _tell_logins(settings):
        raise StartUpError("This bank already has records; invented data would mix with them.")
    else:
        print("The demonstration is already here; nothing was changed.")


def _tell_logins(settings: Settings) -> bool:
    """Print how to sign in to the demonstration; False where the bank is a real one."""
    from cellbank.entrypoints import admin

    logins = admin.demo_logins(settings)
    if logins:
        print("Sign in with (login, password, role):", flush=True)
    for one in logins:
        print(f"  {one.login:<8} {one.password:<26} {one.role}, {one.name}", flush=True)
    return bool(logins)


def _fill_if_empty(settings: Settings) -> bool:
    from cellbank.entrypoints import admin

    filled: bool = admin.fill_demo_if_empty(settings)
    return filled


def _db_upgrade(settings: Settings, options: argparse.Namespace) -> None:
    _bring_up_to_date(settings)
    print("The database is at this version's schema.")


def _bring_up_to_date(settings: Settings) -> None:
    from cellbank.core import schema

    _make_home(settings)
    schema.upgrade(settings.migration_database)
    role = settings.serving_role
    if role:
        schema.let_in(settings.migration_database, role)


def _db_check(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.core import schema
    from cellbank.entrypoints import web

    database = web.open_database(settings)
    try:
        schema.check(database)
    finally:
        database.close()
    print("The schema is this version's; every trigger is in place.")


def _user_add(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import admin

    made = admin.add_user(
        settings,
        login=options.login,
        name=options.name,
        roles=tuple(options.roles),
        password=None if options.one_time else _ask_password(),
    )
    print(f"{options.login} can sign in." + (f" One-time password: {made}" if made else ""))


def _token_create(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import admin

    print(admin.create_token(settings, login=options.login, label=options.label, days=options.days))


def _worker(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import admin

    admin.work_on(settings, once=options.once)


def _do(settings: Settings, options: argparse.Namespace) -> None:
    from cellbank.entrypoints import admin

    body = sys.stdin.read() if options.json == "-" else options.json
    print(
        admin.do(
            settings, options.act, body=body, login=options.login, reason=options.reason, key=options.key
        )
    )


def _version(settings: Settings, options: argparse.Namespace) -> None:
    print(f"cellbank {__version__}")


def _make_home(settings: Settings) -> None:
    """Create the data folder for its owner alone.

    :raises StartUpError: it cannot be created or is a file.
    """
    try:
        Path(settings.home).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartUpError(f"Cannot create the data folder {settings.home}: {error.strerror}.") from None


def _ask_password() -> str:
    """Ask twice at a terminal; otherwise read the first line of standard input, so that scripts can give it.

    :raises StartUpError: the two differ, or it is empty.
    """
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise StartUpError("The two passwords differ.")
    if not password:
        raise StartUpError("A password is needed.")
    return password
