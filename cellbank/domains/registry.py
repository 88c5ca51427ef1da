"""The domains, in menu order: one line each. Everything that must know them all asks here."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from cellbank.core.model import index_deferred_keys

if TYPE_CHECKING:
    from flask import Flask

    from cellbank.toolkit.html.pages import MenuItem, Pages

DOMAINS = (
    "bench",
    "vials",
    "banks",
    "lines",
    "donors",
    "storage",
    "printing",
    "quality",
    "audit",
    "materials",
    "equipment",
    "accounts",
)

HERE = Path(__file__).parent


def _modules(name: str) -> Iterator[ModuleType]:
    """The module ``name`` (models, commands, views) of each domain that has one."""
    for domain in DOMAINS:
        full = f"cellbank.domains.{domain}.{name}"
        if (HERE / domain).is_dir() and importlib.util.find_spec(full) is not None:
            yield importlib.import_module(full)


def load_models() -> None:
    """Import every table of core and domains, so that the metadata is whole."""
    for name in ("actor", "journal", "numbering", "search", "secret", "jobs"):
        if importlib.util.find_spec(f"cellbank.core.{name}") is not None:
            importlib.import_module(f"cellbank.core.{name}")
    for _ in _modules("models"):
        pass
    index_deferred_keys()


def load_commands() -> None:
    """Import every command, so that the register is whole."""
    load_models()
    importlib.import_module("cellbank.core.founding")
    for _ in _modules("commands"):
        pass


def views() -> list[ModuleType]:
    """The views module of each domain that has pages, in menu order."""
    return list(_modules("views"))


def pages() -> list[Pages]:
    """The pages of each domain."""
    return [module.pages for module in views()]


def menu() -> list[MenuItem]:
    """Every domain's entries of the rail, in order."""
    return sorted(
        (item for module in views() for item in getattr(module, "MENU", ())), key=lambda item: item.order
    )


def install(app: Flask) -> None:
    """Add every domain's routes; a domain may hook into the application by an ``install`` of its own."""
    load_commands()
    for module in views():
        module.pages.install(app)
        if hasattr(module, "install"):
            module.install(app)


def template_folders() -> dict[str, Path]:
    """Each domain's templates, by the prefix under which pages are rendered."""
    return {d: HERE / d / "templates" for d in DOMAINS if (HERE / d / "templates").is_dir()}


def message_folders() -> list[Path]:
    """Every package folder that owns messages."""
    root = HERE.parent
    return sorted(found.parent for found in root.rglob("messages") if found.is_dir())
