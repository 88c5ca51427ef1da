"""Long work survives a crash, is done once, and a worker that woke up too late writes nothing."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock, jobs, work
from cellbank.core.actor import SYSTEM_ID, Organisation
from cellbank.core.engine import Database
from cellbank.core.jobs import Claim, Job, JobState, LeaseLost
from tests.core.notes import AddCompany, keeper


def queue(lane: str = "a", kind: str = "companies") -> Job:
    job = Job(kind=kind, lane=lane, asked_by=SYSTEM_ID, total=5)
    with work.operating() as session:
        session.add(job)
    return job


def _advance(claim: Claim, cursor: int, session: Session) -> None:
    claim.advance(session, cursor)


def add_companies(claim: Claim, *, until: int = 5) -> str:
    for number in range(claim.cursor, until):
        work.perform(
            AddCompany(name=f"company {number}"),
            keeper(),
            key=f"{claim.id}:{number}",
            claim=partial(_advance, claim, number + 1),
        )
    return "done"


def state_of(database: Database, job: Job) -> tuple[JobState, int]:
    with Session(database.read) as session:
        row = session.get(Job, job.id)
        assert row is not None
        return row.state, row.cursor


def companies(database: Database) -> int:
    with Session(database.read) as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(Organisation)) or 0) - 1


def test_a_dead_workers_job_is_gone_on_with_and_nothing_is_doubled(database: Database) -> None:
    job = queue()
    first = jobs.claim()
    assert first is not None
    add_companies(first, until=2)
    assert jobs.claim() is None  # its lease still runs
    with clock.shifted_by(jobs.LEASE * 2):
        second = jobs.claim()
        assert second is not None
        assert second.cursor == 2
        second.finish(add_companies(second))
    assert state_of(database, job) == (JobState.DONE, 5)
    assert companies(database) == 5
    with pytest.raises(LeaseLost):  # the first worker wakes up
        first.cursor = 3
        work.perform(AddCompany(name="late"), keeper(), key="late", claim=lambda s: first.advance(s, 4))
    assert companies(database) == 5


def test_one_lane_runs_one_job_at_a_time(database: Database) -> None:
    queue("printer 1"), queue("printer 1"), queue("printer 2")
    taken = [jobs.claim(), jobs.claim(), jobs.claim()]
    assert [t is not None for t in taken] == [True, True, False]


def test_a_job_that_fails_says_why(database: Database) -> None:
    job = queue(kind="unheard of")
    assert jobs.run_one()
    with Session(database.read) as session:
        row = session.get(Job, job.id)
    assert row is not None
    assert row.state is JobState.FAILED
    assert "unheard of" in (row.fault or "")
