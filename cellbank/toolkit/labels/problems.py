"""What can be wrong with a label: a message with its values, so that it can be said in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class LabelProblem(ValueError):
    """A label, a stock or a template that cannot be printed; the English sentence is the message id."""

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(message.format(**values))


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A stock or template file that was left out, and what is wrong in which place of it."""

    file: Path
    where: str
    problem: LabelProblem

    def __str__(self) -> str:
        place = f"{self.file.name}, {self.where}" if self.where else self.file.name
        return f"{place}: {self.problem}"
