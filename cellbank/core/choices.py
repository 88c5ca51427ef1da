"""Choices whose members are said in words: the word stands beside the value it is for."""

from __future__ import annotations

import enum
from typing import Self

from cellbank.core.errors import Message


class Worded(enum.StrEnum):
    """A list of choices: ``FEMALE = "female", Message("Female")``; forms and pages say the ``label``."""

    label: str

    def __new__(cls, value: str, said: Message) -> Self:
        """A member that is its value, and knows the message id it is said by."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = said.id
        return member
