"""Commands: what can be asked of the bank. API, command line and forms are made from their register."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from cellbank.core.journal import Event
    from cellbank.core.work import Writing

REGISTER: dict[str, type[Command]] = {}


class Command(BaseModel):
    """Something asked of the bank: one command is one transaction and one event.

    A subclass says ``records`` (the event's name, past tense), ``permission`` and ``label`` (the imperative on its
    button), and implements ``run``. It never commits, never nests, never calls another command.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    records: ClassVar[str]
    permission: ClassVar[str]
    label: ClassVar[str]
    needs_reason: ClassVar[bool] = False
    """Whether a reason must be given; a correction always needs one."""
    is_undoable: ClassVar[bool] = False
    is_open_to_api: ClassVar[bool] = True

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        if "records" in cls.__dict__:
            if cls.__name__ in REGISTER and REGISTER[cls.__name__].__module__ != cls.__module__:
                raise TypeError(f"two commands are called {cls.__name__}")
            REGISTER[cls.__name__] = cls

    def run(self, db: Writing) -> None:
        """Do it, inside the one transaction."""
        raise TypeError(f"{type(self).__name__} does not say how it runs")

    def inverse(self, event: Event) -> Command | None:
        """The command that undoes ``event``, or None where that cannot be undone."""
        return None

    def journalled(self) -> str:
        """The request as canonical JSON text for the journal; fields marked private are left out."""
        body = self.model_dump(mode="json")
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict) and extra.get("private") and body.get(name) is not None:
                body[name] = "(private)"
        return canonical(body)

    def fingerprint(self) -> str:
        """SHA-256 of the whole request: the same key with another fingerprint is another request."""
        whole = f"{type(self).__name__}\n{canonical(self.model_dump(mode='json'))}"
        return hashlib.sha256(whole.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON text with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
