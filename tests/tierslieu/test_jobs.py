"""Periodic jobs: run when due, by one worker at a time, whoever dies in the middle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.clockwork import JobRun
from tierslieu.house import House, Job
from tierslieu.jobs import LEASE, run_due_jobs, run_job

pytestmark = pytest.mark.both_databases

NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)


class Counted:
    """A job that counts its runs and may fail."""

    def __init__(self, name: str = "counted", *, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        self.job = Job(name, timedelta(minutes=5), self.run)

    def run(self, db: Session, now: datetime) -> int:
        self.runs += 1
        if self.fails:
            raise RuntimeError("person@example.org")
        return 3


def test_a_job_runs_when_due_and_not_before(db: Session) -> None:
    counted = Counted()
    assert run_job(counted.job, NOON) == 3
    assert run_job(counted.job, NOON + timedelta(minutes=4)) is None
    assert run_job(counted.job, NOON + timedelta(minutes=5)) == 3
    assert counted.runs == 2


def test_a_tick_that_comes_a_little_early_skips_no_turn(db: Session) -> None:
    counted = Counted()
    assert run_job(counted.job, NOON + timedelta(seconds=2)) == 3
    assert run_job(counted.job, NOON + timedelta(minutes=5)) == 3


def test_a_second_worker_leaves_a_leased_job_alone_until_the_lease_runs_out(db: Session) -> None:
    counted = Counted()
    # What a worker killed in the middle leaves behind.
    db.add(JobRun(name="counted", leased_until=NOON + LEASE, last_started_at=NOON))
    db.commit()
    assert run_job(counted.job, NOON + LEASE - timedelta(seconds=1)) is None
    assert run_job(counted.job, NOON + LEASE) == 3


def test_a_job_that_fails_is_tried_again_and_keeps_no_other_back(
    app: Flask, db: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Counted("bad", fails=True), Counted("good")
    monkeypatch.setitem(app.extensions, "tierslieu.house", House((bad.job, good.job)))
    with clock.fixed_at(NOON):
        assert run_due_jobs(app) == {"good": 3}
    db.expire_all()
    row = db.get_one(JobRun, "bad")
    assert (row.last_error, row.leased_until) == ("RuntimeError", None)
    assert "person@example.org" not in caplog.text
    with clock.fixed_at(NOON + timedelta(minutes=5)):
        run_due_jobs(app)
    assert bad.runs == 2
