"""One valid example of every command, made from the types of its fields; a few need a word of help."""

from __future__ import annotations

import datetime as dt
import types
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cellbank.core.command import REGISTER, Command
from cellbank.domains import registry

registry.load_commands()

KEY = UUID("00000000-0000-7000-8000-0000000000aa")
NEEDS: dict[str, dict[str, Any]] = {"FetchRun": {"sha256": "0" * 64}}
"""Values for commands whose own rules demand more than the types say."""

_BY_TYPE: dict[type, Any] = {
    bool: False,
    int: 1,
    str: "X1",
    UUID: KEY,
    Decimal: Decimal(1),
    dt.datetime: dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC),
    dt.date: dt.date(2026, 3, 1),
}


def every_command() -> list[type[Command]]:
    """Every command of the program, by name; those that only tests know are not in the register."""
    return [command for _, command in sorted(REGISTER.items()) if command.__module__.startswith("cellbank.")]


def example(command: type[BaseModel]) -> Any:
    """A valid instance."""
    given = NEEDS.get(command.__name__, {})
    values = {
        name: _value(info)
        for name, info in command.model_fields.items()
        if info.is_required() and name not in given
    }
    return command(**{**values, **given})


def _value(info: FieldInfo) -> Any:
    value = _of(info.annotation)
    for rule in info.metadata:
        if isinstance(rule, annotated_types.MinLen) and isinstance(value, str):
            value = value.ljust(rule.min_length, "X")
        if isinstance(rule, annotated_types.Ge) and isinstance(value, int):
            value = max(value, int(rule.ge))  # type: ignore[call-overload]
    return value


def _of(annotation: Any) -> Any:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of(inside[0])
    if origin in (Union, types.UnionType):
        return None if type(None) in inside else _of(inside[0])
    if origin is not None:
        return {Literal: lambda: inside[0], dict: dict}.get(origin, lambda: (_of(inside[0]),))()
    return _plain(annotation)


def _plain(kind: type) -> Any:
    if issubclass(kind, Enum):
        return next(iter(kind))
    return example(kind) if issubclass(kind, BaseModel) else _BY_TYPE[kind]
