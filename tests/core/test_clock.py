"""Time has one source, and moving it moves it for nobody else."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cellbank.core import clock

NOON = datetime(2026, 6, 2, 12, 0, 0, 123456, tzinfo=UTC)


def test_now_is_an_aware_utc_moment() -> None:
    moment = clock.now()
    assert moment.tzinfo is UTC
    assert moment.utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_still_and_is_advanced_by_hand() -> None:
    with clock.frozen_at(NOON) as hands:
        assert clock.now() == clock.now() == NOON
        assert hands.advance(timedelta(minutes=5)) == NOON + timedelta(minutes=5)
        assert clock.now() == NOON + timedelta(minutes=5)
    assert clock.now() != NOON + timedelta(minutes=5)


def test_a_moment_of_another_zone_is_frozen_in_utc() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    with clock.frozen_at(NOON.astimezone(tehran)):
        assert clock.now().tzinfo is UTC
        assert clock.now() == NOON


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"), clock.frozen_at(NOON.replace(tzinfo=None)):
        pass


def test_a_shifted_clock_runs_on() -> None:
    before = clock.now()
    with clock.shifted_by(timedelta(days=-30)):
        first, second = clock.now(), clock.now()
    assert first <= second < before


def test_frozen_clocks_nest_and_end_after_an_error() -> None:
    with clock.frozen_at(NOON):
        with pytest.raises(RuntimeError), clock.frozen_at(NOON + timedelta(days=1)):
            raise RuntimeError
        assert clock.now() == NOON


def test_another_thread_keeps_its_own_time() -> None:
    seen: list[datetime] = []
    with clock.frozen_at(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen != [NOON]


def test_two_tasks_may_freeze_different_times() -> None:
    async def read(moment: datetime) -> datetime:
        with clock.frozen_at(moment):
            await asyncio.sleep(0)
            return clock.now()

    async def both() -> list[datetime]:
        return list(await asyncio.gather(read(NOON), read(NOON + timedelta(hours=1))))

    assert asyncio.run(both()) == [NOON, NOON + timedelta(hours=1)]
