"""The job table: long work with progress, a lease and a cursor.

A worker claims a job by a short lease and works in chunks. Each chunk commits what it did together with the job's
cursor, and only while the lease is still this worker's (fencing): a worker that was stopped and woke up again cannot
write. After a crash another worker goes on from the cursor: nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import enum
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from cellbank.core import clock, ids, work
from cellbank.core.model import Operational

log = logging.getLogger("cellbank.jobs")

LEASE = timedelta(seconds=60)
TRIES = 5


class JobState(enum.StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Operational):
    """One piece of long work: what, for whom, how far."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_waiting", "state", "lane", "created_at"),)
    WHY = (
        "progress of work; what the work does to facts of the bank is journalled by the commands it performs"
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.uuid7)
    kind: Mapped[str]
    lane: Mapped[str]  # jobs of one lane run one after another (one printer, one lane)
    asked_by: Mapped[UUID]
    organisation_id: Mapped[UUID | None] = mapped_column(default=None)
    arguments: Mapped[str] = mapped_column(default="{}")  # JSON text
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    cursor: Mapped[int] = mapped_column(default=0)  # how many pieces are done
    total: Mapped[int | None] = mapped_column(default=None)
    result: Mapped[str | None] = mapped_column(default=None)
    fault: Mapped[str | None] = mapped_column(default=None)
    attempt: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default_factory=clock.now)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class LeaseLost(Exception):
    """Another worker has taken the job over: this one must stop at once and write nothing more."""


@dataclass
class Claim:
    """A claimed job in a worker's hands."""

    id: UUID
    kind: str
    arguments: str
    asked_by: UUID
    cursor: int
    attempt: int

    def advance(self, session: Session, cursor: int, *, total: int | None = None) -> None:
        """Move the cursor inside the caller's transaction. :raises LeaseLost: the job is not ours any more."""
        changed = session.execute(
            sa.update(Job)
            .where(Job.id == self.id, Job.attempt == self.attempt, Job.state == JobState.RUNNING)
            .values(
                cursor=cursor,
                leased_until=clock.now() + LEASE,
                total=Job.total if total is None else total,
            )
            .execution_options(synchronize_session=False, tenant_ok="jobs carry no facts")
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(str(self.id))
        self.cursor = cursor

    def finish(self, result: str | None = None, fault: str | None = None) -> None:
        """End the job, done or failed."""
        with work.operating() as session:
            session.execute(
                sa.update(Job)
                .where(Job.id == self.id, Job.attempt == self.attempt)
                .values(
                    state=JobState.FAILED if fault else JobState.DONE,
                    result=result,
                    fault=fault,
                    finished_at=clock.now(),
                    leased_until=None,
                )
                .execution_options(synchronize_session=False)
            )


Runner = Callable[[Claim], str | None]
RUNNERS: dict[str, Runner] = {}


def runner(kind: str) -> Callable[[Runner], Runner]:
    """Register what does the jobs of one kind; it works from ``claim.cursor`` on and returns the result."""

    def register(run: Runner) -> Runner:
        RUNNERS[kind] = run
        return run

    return register


def claim() -> Claim | None:
    """Take the oldest waiting job whose lane is free, or one whose worker died; None when nothing waits."""
    now = clock.now()
    dead = sa.and_(Job.state == JobState.RUNNING, Job.leased_until < now)
    busy = sa.select(Job.lane).where(Job.state == JobState.RUNNING, Job.leased_until >= now)
    with work.operating() as session:
        job = session.scalar(
            sa.select(Job)
            .where(sa.or_(sa.and_(Job.state == JobState.QUEUED, Job.lane.not_in(busy)), dead))
            .order_by(Job.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.attempt += 1
        if job.attempt > TRIES:
            job.state, job.fault, job.finished_at = JobState.FAILED, "it was given up after five tries", now
            return None
        job.state = JobState.RUNNING
        job.leased_until = now + LEASE
        return Claim(job.id, job.kind, job.arguments, job.asked_by, job.cursor, job.attempt)


def run_one() -> bool:
    """Do one waiting job; whether there was one."""
    claimed = claim()
    if claimed is None:
        return False
    run = RUNNERS.get(claimed.kind)
    if run is None:
        claimed.finish(fault=f"this program knows no job of kind {claimed.kind}")
        return True
    try:
        claimed.finish(result=run(claimed))
    except LeaseLost:
        log.warning("job %s was taken over by another worker", claimed.id)
    except Exception as error:
        log.exception("job %s failed", claimed.id)
        claimed.finish(fault=f"{type(error).__name__}: {error}"[:1000])
    return True


def work_until(stop: threading.Event, *, pause_seconds: float = 1.0) -> None:
    """Do waiting jobs until told to stop (a thread of the embedded server, or a process of its own)."""
    while not stop.is_set():
        try:
            found = run_one()
        except Exception:
            log.exception("the job table could not be read")
            found = False
        if not found:
            stop.wait(pause_seconds)
