"""Texts as both databases can keep them."""

from __future__ import annotations

from typing import Any

from cellbank.core.errors import Invalid


def refuse_nul(value: Any) -> None:
    """No NUL anywhere in what was said: PostgreSQL refuses it, and SQLite would cut the journal's text short.

    :raises Invalid: there is one in a text, however deep.
    """
    if isinstance(value, str) and "\0" in value:
        raise Invalid("A text has a character in it that cannot be kept.")
    if isinstance(value, dict):
        for name, part in value.items():
            refuse_nul(name)
            refuse_nul(part)
    elif isinstance(value, list | tuple):
        for part in value:
            refuse_nul(part)
