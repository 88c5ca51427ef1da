"""The only source of time: every moment the bank records is read here, in UTC, to the microsecond."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta


class _System:
    """The computer's own clock."""

    def read(self) -> datetime:
        return datetime.now(UTC)


class Shifted:
    """The computer's clock, moved by a fixed span."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def read(self) -> datetime:
        """The computer's time and the span."""
        return datetime.now(UTC) + self._by


class Frozen:
    """A clock that stands still until it is moved by hand."""

    def __init__(self, at: datetime) -> None:
        self._at = as_utc(at)

    def read(self) -> datetime:
        """The moment at which the clock stands."""
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move the hands on by a span and return the new moment."""
        self._at += by
        return self._at


# A context variable, not a global: a demonstration or a test that moves time moves it for its own
# thread and tasks only, never for a person who works in another request.
_clock: ContextVar[_System | Shifted | Frozen] = ContextVar("clock", default=_System())  # noqa: B039


def now() -> datetime:
    """The present moment as an aware UTC datetime with microseconds."""
    return _clock.get().read()


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; raises ValueError for a time without a zone, whose moment nobody knows."""
    if moment.utcoffset() is None:
        message = "a moment needs a time zone"
        raise ValueError(message)
    return moment.astimezone(UTC)


@contextmanager
def frozen_at(moment: datetime) -> Iterator[Frozen]:
    """Let time stand still at a moment (tests, demonstration data); the yielded clock can be advanced."""
    clock = Frozen(moment)
    token = _clock.set(clock)
    try:
        yield clock
    finally:
        _clock.reset(token)


@contextmanager
def shifted_by(span: timedelta) -> Iterator[None]:
    """Let time run on, earlier or later by a span (tests, demonstration data)."""
    token = _clock.set(Shifted(span))
    try:
        yield
    finally:
        _clock.reset(token)
