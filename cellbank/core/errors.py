"""What can go wrong, in five words.

An error carries a message id (the English sentence) and values, never finished text: the edge says it in the
person's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A sentence to be said in the reader's language: its English form is its id; ``{names}`` are filled in."""

    id: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        try:
            return self.id.format(**self.values)
        except (KeyError, IndexError, ValueError):
            return self.id


@dataclass(frozen=True)
class Subject:
    """A thing that an event is about: the table it lives in, its key, and the organisation that may see it."""

    kind: str
    id: Any
    organisation_id: Any = None


class CellbankError(Exception):
    """The root of the five."""

    status = 500

    def __init__(self, sentence: str, /, *, about: Iterable[Any] = (), **values: Any) -> None:
        self.message = Message(sentence, values)
        self.about = tuple(about)
        super().__init__(sentence)

    def __str__(self) -> str:
        return str(self.message)


class Refused(CellbankError):
    """A rule of the bank forbids it. The attempt is recorded."""

    status = 409


class NotPermitted(CellbankError):
    """This person may not do it. The attempt is recorded."""

    status = 403


class NotFound(CellbankError):
    """Unknown here: it does not exist, or it belongs to another organisation (nobody learns which)."""

    status = 404

    def __init__(self, sentence: str = "Not found: {what}", /, **values: Any) -> None:
        super().__init__(sentence, **values)


class Conflict(CellbankError):
    """Somebody changed it meanwhile, or the same request key came with another body."""

    status = 409


class Invalid(CellbankError):
    """A value cannot be right; ``field`` names it."""

    status = 422

    def __init__(self, sentence: str, /, *, field: str | None = None, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.field = field


class StartUpError(Exception):
    """The program cannot start; the text is one line that says why and what to do."""
