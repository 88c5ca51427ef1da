"""Messages that wait in the signed cookie for the next page, in whatever language that page will be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask
from flask.json.tag import JSONTag
from flask.sessions import SecureCookieSessionInterface

from cellbank.core.errors import Message
from cellbank.toolkit.i18n.bidi import Code


class TagCode(JSONTag):
    """A code stays a code, so that it is still written left to right on the next page."""

    key = " code"

    def check(self, value: Any) -> bool:
        """Whether this is a code."""
        return isinstance(value, Code)

    def to_json(self, value: Any) -> Any:
        """The code's text."""
        return str.__str__(value)

    def to_python(self, value: Any) -> Any:
        """The code again."""
        return Code(value)


class TagMessage(JSONTag):
    """A message keeps its sentence and its values; what no cookie can hold is kept as its text."""

    key = " message"

    def check(self, value: Any) -> bool:
        """Whether this is a message."""
        return isinstance(value, Message)

    def to_json(self, value: Any) -> Any:
        """The sentence and the values, each tagged in its turn."""
        return [value.id, {name: self.serializer.tag(_plain(one)) for name, one in value.values.items()}]

    def to_python(self, value: Any) -> Any:
        """The message again."""
        return Message(value[0], dict(value[1]))


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, Message, datetime)) else str(value)


def remember_messages(app: Flask) -> None:
    """Let ``flash()`` take messages."""
    if isinstance(app.session_interface, SecureCookieSessionInterface):
        for tag in (TagCode, TagMessage):
            app.session_interface.serializer.register(tag, force=True, index=0)
