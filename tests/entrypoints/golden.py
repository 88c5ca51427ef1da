"""What the program promises to others, as files: the API's description, and who may do what.

A change of either is seen in review. ``python -m tests.entrypoints.golden`` writes them anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cellbank.core.command import REGISTER
from cellbank.domains import registry
from cellbank.domains.accounts.roles import MATRIX
from cellbank.entrypoints.api import Asked, DoneOut, resource_rows
from cellbank.entrypoints.openapi import document
from cellbank.toolkit.html.pages import PUBLIC, SIGNED_IN

FOLDER = Path(__file__).parent / "golden"
HEAD = "# Who may do what: command or page, its permission, the roles that have it.\n"


def openapi() -> dict[str, Any]:
    """The description of the API; without the release's number, which changes with nothing in it."""
    registry.load_commands()
    ours = {name: command for name, command in REGISTER.items() if command.__module__.startswith("cellbank.")}
    return document(resource_rows(), ours, Asked, DoneOut, "0")


def permissions() -> str:
    """One line for each command, page and resource."""
    registry.load_commands()
    lines = [
        ("command", name, command.permission)
        for name, command in REGISTER.items()
        if command.__module__.startswith("cellbank.")
    ]
    lines += [
        ("page", f"{'+'.join(row.methods)} {row.rule}", row.permission)
        for pages in registry.pages()
        for row in pages.rows
    ]
    lines += [("resource", f"GET /api/v1{row.rule}", row.permission) for row in resource_rows()]
    return HEAD + "".join(f"{kind} {name}: {need} ({_roles(need)})\n" for kind, name, need in sorted(lines))


def _roles(permission: str) -> str:
    if permission == PUBLIC:
        return "everybody"
    if permission in (SIGNED_IN, "accounts.self"):
        return "whoever is signed in"
    return (
        ", ".join(role.value for role, given in MATRIX.items() if permission in given) or "the program itself"
    )


def files() -> dict[str, str]:
    """Each file's name and what it should hold."""
    return {
        "openapi.json": json.dumps(openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "permissions.txt": permissions(),
    }


def main() -> None:
    """Write the files anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"written {name}\n")


if __name__ == "__main__":
    main()
