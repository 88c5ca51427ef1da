"""What a word of a list is called: one message id for each value that a form offers or a record holds."""

from __future__ import annotations

from enum import Enum
from typing import Any


def words_of(value: Any) -> str:
    """The message id of a choice: its own ``label``, or its value as words (``in_transit`` → ``In transit``)."""
    label = getattr(value, "label", None)
    if isinstance(label, str):
        return label
    return as_words(str(value.value if isinstance(value, Enum) else value))


def as_words(text: str) -> str:
    """A value as words, with a capital at the beginning."""
    return (text[:1].upper() + text[1:]).replace("_", " ")
