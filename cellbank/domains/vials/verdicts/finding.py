"""One thing that a rule found out: it forbids the use, speaks for it, or is to be borne in mind."""

from __future__ import annotations

from dataclasses import dataclass

from cellbank.core.errors import Message


@dataclass(frozen=True)
class Finding:
    """A sentence, whether it forbids the use, and what to do about it."""

    said: Message
    forbids: bool = False
    todo: Message | None = None


def no(said: Message, todo: Message | None = None) -> Finding:
    """It forbids the use."""
    return Finding(said, forbids=True, todo=todo)


def good(said: Message) -> Finding:
    """It speaks for the use."""
    return Finding(said)


def mind(said: Message) -> Finding:
    """It forbids nothing, and is to be borne in mind."""
    return Finding(said)
