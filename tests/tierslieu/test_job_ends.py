"""A job that is over is not run again while its end is being written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tierslieu import clock, jobs
from tierslieu.clockwork import JobRun
from tierslieu.house import Job
from tierslieu.jobs import run_job


def test_another_thread_leaves_a_job_alone_whose_end_is_being_written(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    now = clock.now()
    job = Job("daily", timedelta(days=1), lambda _db, _now: done.append(1) or 1)
    really_note = jobs._note_end
    others: list[int | None] = []

    def note(session: Session, job: Job, count: int, error: str) -> None:
        if not others:
            others.append(None)
            others.append(run_job(job, now))  # it looks meanwhile, in the same process
        really_note(session, job, count, error)

    monkeypatch.setattr(jobs, "_note_end", note)
    assert run_job(job, now) == 1
    assert (done, others) == ([1], [None, None])
    row = db.get_one(JobRun, "daily")
    assert (row.leased_until, row.done_runs, row.failed_runs) == (None, 1, 0)
