"""Resources: what the REST API lets programs read. Acts need none of this; they come from the register of commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

Reader = Callable[..., Any]
ReaderType = TypeVar("ReaderType", bound=Reader)


@dataclass(frozen=True)
class ResourceRow:
    """One readable address of the API."""

    rule: str
    name: str
    permission: str
    returns: type[BaseModel]
    reader: Reader
    domain: str


@dataclass
class Resources:
    """The readable resources of one domain, under ``/api/v1``."""

    domain: str
    rows: list[ResourceRow] = field(default_factory=list)

    def resource(
        self, rule: str, *, permission: str, returns: type[BaseModel]
    ) -> Callable[[ReaderType], ReaderType]:
        """Register a reader; it is called with the actor and the values in the address, and returns a ``returns``."""

        def register(reader: ReaderType) -> ReaderType:
            self.rows.append(ResourceRow(rule, reader.__name__, permission, returns, reader, self.domain))
            return reader

        return register
