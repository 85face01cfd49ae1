"""Periodic jobs: run when due, by one worker at a time, whoever dies in the middle."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tierslieu import clock, jobs
from tierslieu.clockwork import JobRun
from tierslieu.house import House, Job
from tierslieu.jobs import run_due_jobs, run_job, run_now

pytestmark = pytest.mark.both_databases

LEASE = Job("", timedelta(), lambda db, now: 0).lease
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


def test_a_job_may_let_others_in_sooner_when_its_worker_died(db: Session) -> None:
    counted = Counted()
    quick = Job("counted", timedelta(seconds=30), counted.run, lease=timedelta(minutes=1))
    assert run_job(quick, NOON) == 3
    row = db.get_one(JobRun, "counted")
    row.leased_until = NOON + quick.lease  # as a worker killed in its midst leaves it
    db.commit()
    assert run_job(quick, NOON + timedelta(seconds=59)) is None
    assert run_job(quick, NOON + timedelta(seconds=60)) == 3


def test_a_nightly_job_whose_worker_was_killed_is_done_within_the_hour(db: Session) -> None:
    counted = Counted()
    nightly = Job("counted", timedelta(days=1), counted.run)
    assert run_job(nightly, NOON) == 3
    row = db.get_one(JobRun, "counted")
    row.leased_until = NOON + jobs._lease_of(nightly)  # as a worker killed in its midst leaves it
    db.commit()
    assert run_job(nightly, NOON + timedelta(minutes=59)) is None, "it may still be at it"
    assert run_job(nightly, NOON + timedelta(minutes=60)) == 3
    assert run_job(nightly, NOON + timedelta(hours=2)) is None, "done: its turn is tomorrow"


def test_a_job_that_goes_on_is_called_again_while_it_does_something(
    app: Flask, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [2, 2, 1, 0, 9]

    def work(session: Session, now: datetime) -> int:
        return left.pop(0)

    job = Job("goes_on", timedelta(minutes=1), work, goes_on=True)
    monkeypatch.setitem(app.extensions, "tierslieu.house", House((job,)))
    huey = app.extensions["tierslieu.huey"]
    huey.flush()
    app.extensions["tierslieu.wake"]("goes_on")
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
    assert left == [9], "called until there was nothing to do, and no more"


def test_a_woken_job_that_fails_is_left_to_the_tick(
    app: Flask, db: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Counted("bad", fails=True)
    job = Job("bad", timedelta(minutes=1), bad.run, goes_on=True)
    monkeypatch.setitem(app.extensions, "tierslieu.house", House((job,)))
    assert run_now(app, "bad") == 0
    assert "person@example.org" not in caplog.text


def test_a_job_says_in_the_log_what_it_did_and_nothing_when_it_found_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="tierslieu.job")
    jobs._tell_done("forget", 0, 0.0)
    assert not caplog.records
    jobs._tell_done("forget", 3, 0.0)
    assert [record.message for record in caplog.records] == ["job done"]


def test_a_clock_that_was_a_day_ahead_and_is_set_right_holds_no_job_back(db: Session) -> None:
    counted = Counted()
    assert run_job(counted.job, NOON + timedelta(days=1)) == 3
    assert run_job(counted.job, NOON) == 3, "begun tomorrow: that clock was wrong"
    # And what a worker killed at it by that clock left behind.
    row = db.get_one(JobRun, "counted")
    row.leased_until = row.last_started_at = NOON + timedelta(days=1)
    db.commit()
    assert run_job(counted.job, NOON + timedelta(minutes=5)) == 3
    assert run_job(counted.job, NOON + timedelta(minutes=6)) is None, "from here on as ever"
