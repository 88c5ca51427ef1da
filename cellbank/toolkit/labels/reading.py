"""Reading stock and template files: typed look-ups in TOML tables that say which field is wrong, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from cellbank.core.errors import Message
from cellbank.toolkit.labels.problems import FileProblem

Read = TypeVar("Read")


class WrongField(Exception):
    """A field of a file that cannot be taken, with the place where it stands."""

    def __init__(self, where: str, message: Message) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}: {message}")


class Table:
    """One TOML table being read; `done()` refuses fields nobody asked for: they are misspelt."""

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        self._values = values
        self._where = where
        self._asked: set[str] = set()

    def place(self, field: str) -> str:
        """Return the field's full name, such as `parts[1].width_mm`."""
        return f"{self._where}.{field}" if self._where else field

    def refuse(self, field: str, message: Message) -> WrongField:
        """Make the error for one field."""
        return WrongField(self.place(field), message)

    def has(self, field: str) -> bool:
        """Return whether the file gives this field."""
        return field in self._values

    def holds_list(self, field: str) -> bool:
        """Return whether the field is there and is a list."""
        return isinstance(self._values.get(field), list)

    def text(self, field: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        value = self._value(field, default)
        if not isinstance(value, str) or not (value.strip() or value == default):
            raise self.refuse(field, Message("{value} is not a text", {"value": repr(value)}))
        return value

    def choice(self, field: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return one of the allowed words."""
        value = self._value(field, default)
        if value not in set(allowed):
            raise self.refuse(
                field,
                Message(
                    "{value} is not one of: {allowed}", {"value": repr(value), "allowed": ", ".join(allowed)}
                ),
            )
        return str(value)

    def number(
        self, field: str, default: float | None = None, *, least: float = 0.0, most: float = 2000.0
    ) -> float:
        """Return a number between `least` and `most`."""
        value = self._value(field, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(field, Message("{value} is not a number", {"value": repr(value)}))
        if not least <= value <= most:
            raise self.refuse(
                field,
                Message(
                    "{value} is not between {least} and {most}",
                    {"value": value, "least": least, "most": most},
                ),
            )
        return float(value)

    def whole(self, field: str, default: int | None = None, *, least: int = 1, most: int = 2000) -> int:
        """Return a whole number between `least` and `most`."""
        value = self.number(field, default, least=least, most=most)
        if value != int(value):
            raise self.refuse(field, Message("{value} is not a whole number", {"value": value}))
        return int(value)

    def flag(self, field: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._value(field, default)
        if not isinstance(value, bool):
            raise self.refuse(field, Message("{value} is neither true nor false", {"value": repr(value)}))
        return value

    def numbers(self, field: str, default: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """Return a list of numbers above zero."""
        value = self._value(field, default)
        if not isinstance(value, list | tuple) or not all(
            isinstance(one, int | float) and not isinstance(one, bool) and one > 0 for one in value
        ):
            raise self.refuse(
                field, Message("{value} is not a list of numbers above zero", {"value": repr(value)})
            )
        return tuple(float(one) for one in value)

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of at least one text."""
        value = self._value(field, None)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            raise self.refuse(field, Message("{value} is not a list of texts", {"value": repr(value)}))
        return tuple(value)

    def table(self, field: str) -> Table:
        """Return a table inside this one."""
        value = self._value(field, None)
        if not isinstance(value, dict):
            raise self.refuse(field, Message("{value} is not a table", {"value": repr(value)}))
        return Table(value, self.place(field))

    def tables(self, field: str) -> list[Table]:
        """Return the tables of a list, which may be missing."""
        value = self._value(field, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.refuse(field, Message("{value} is not a list of tables", {"value": repr(value)}))
        return [Table(one, self.place(f"{field}[{n}]")) for n, one in enumerate(value, start=1)]

    def done(self) -> None:
        """Refuse the first field that nothing asked for."""
        for field in self._values:
            if field not in self._asked:
                raise self.refuse(field, Message("This field is not known here"))

    def _value(self, field: str, default: object) -> Any:
        self._asked.add(field)
        if field in self._values:
            return self._values[field]
        if default is None:
            raise self.refuse(field, Message("This field is missing"))
        return default


def read_folders(
    folders: Iterable[Path], read: Callable[[Table], Read], name_of: Callable[[Read], str]
) -> tuple[dict[str, Read], tuple[FileProblem, ...]]:
    """Read every TOML file of some folders; a later folder replaces things of the same name.

    A broken file is left out and named among the problems; it never stops the others.
    """
    found: dict[str, Read] = {}
    problems: list[FileProblem] = []
    for folder in folders:
        names_here: dict[str, Path] = {}
        for file in sorted(folder.glob("*.toml")):
            try:
                thing = read(Table(tomllib.loads(file.read_text(encoding="utf-8"))))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
                problems.append(
                    FileProblem(
                        file, "", Message("The file cannot be read: {reason}", {"reason": str(error)})
                    )
                )
                continue
            except WrongField as error:
                problems.append(FileProblem(file, error.where, error.message))
                continue
            name = name_of(thing)
            if name in names_here:
                taken = Message(
                    "{file} already has the name {name}", {"file": names_here[name].name, "name": name}
                )
                problems.append(FileProblem(file, "name", taken))
                continue
            names_here[name] = file
            found[name] = thing
    return found, tuple(problems)
