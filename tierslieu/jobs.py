"""The clockwork: periodic jobs of every feature, woken by huey, true to our own rows.

huey only wakes: after ``kill -9`` it forgets the running task, and two consumers run a periodic
task twice. So a job finds what is due by a query, and a lease in ``job_run`` keeps a second
worker away until it runs out.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, current_app, has_app_context
from huey import MemoryHuey, PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu import clock, logs
from tierslieu.clockwork import JobRun, Steps, WorkerBeat, believe_clock, say_leap, watch_clock
from tierslieu.database_address import as_libpq_reads
from tierslieu.db import db, lock_for_writing
from tierslieu.house import House, Job
from tierslieu.house_kept import Retention
from tierslieu.logbook.whence import at_work
from tierslieu.mail.models import OutboxMessage
from tierslieu.place.parts import part_of_job
from tierslieu.place.showing import the_place
from tierslieu.settings import Settings

_log = logging.getLogger("tierslieu.job")
QUEUE_LOCK = 7_305_872  # a number of our own, for PostgreSQL
LONGEST = timedelta(hours=1)  # that a worker may be silent at a rare job before it counts as dead
# Jobs of this process that are over, though it could not be written (the disk was full), each with
# the end of its lease: nobody has to wait for that.
_unnoted: dict[str, datetime] = {}
EARLY = timedelta(seconds=15)  # a tick may come a little sooner after the last: no job skips a turn


def _set_damaged_aside(file: Path) -> None:
    """A queue that a power cut damaged is begun anew: it only wakes, and keeps no place closed."""
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(file)) as queue:
            is_whole = queue.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.OperationalError:  # held, or not to be opened: whoever uses it says so
        return
    except sqlite3.DatabaseError:
        is_whole = False
    if not is_whole:
        _log.warning("the queue that wakes the worker was damaged: it begins anew")
        for path in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)


def make_huey(settings: Settings) -> Huey:
    """The waking queue: beside the database, in the same kind of store."""
    if settings.database_url.startswith("sqlite"):
        file = settings.instance / "queue.sqlite"
        _set_damaged_aside(file)
        return SqliteHuey("tierslieu", filename=str(file), results=False)
    dsn = as_libpq_reads(settings.database_url)
    # It makes its tables as it begins, and two hosts that begin at once would both make them.
    with psycopg.connect(dsn, autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(%s)", (QUEUE_LOCK,))
        return PostgresHuey("tierslieu", dsn=dsn, results=False)


def _lease_of(job: Job) -> timedelta:
    # A job that is rare may take long, and is not begun twice for that; a worker killed at it is
    # missed after an hour all the same, not after the day until its next turn.
    return max(job.lease, min(job.every, LONGEST))


def _is_free(row: JobRun, job: Job, now: datetime) -> bool:
    """Whether the job's turn has come and nobody is at it.

    A clock that was ahead and was set right leaves instants behind that no worker could have
    written by the clock of now: they hold nobody back, or the job would stand still till then.
    """
    latest = now + clock.DIFFERENCE
    if row.leased_until is not None and now < row.leased_until <= latest + _lease_of(job):
        return False
    begun = row.last_started_at
    if row.leased_until is not None:  # whoever was at it died: it was never finished
        return True
    return begun is None or begun > latest or begun + job.every - EARLY <= now


def _was_over(row: JobRun) -> bool:
    return row.leased_until is not None and _unnoted.get(row.name) == row.leased_until


def run_job(job: Job, now: datetime) -> int | None:
    """Run one job if it is due and nobody is at it; returns how many things it did, or None."""
    session = db.session()
    lock_for_writing(session)
    row = session.get(JobRun, job.name, with_for_update=True)
    if row is None:
        row = JobRun(name=job.name)
        session.add(row)
        try:
            session.flush()
        except IntegrityError:  # another worker runs it for the first time at this moment
            session.rollback()
            return None
    elif not _is_free(row, job, now) and not _was_over(row):
        session.rollback()
        return None
    leased_until = row.leased_until = now + _lease_of(job)
    row.last_started_at = now
    session.commit()
    _unnoted.pop(job.name, None)
    error, count = "", 0
    begun = time.perf_counter()
    try:
        with at_work():
            count = job.run(session, now)
            session.commit()
    except Exception as failure:
        session.rollback()
        error = type(failure).__name__
        raise
    finally:
        try:
            _note_end(session, job, count, error)
        except Exception:  # not before: another thread of this process would run it a second time
            _unnoted[job.name] = leased_until
            raise
    _tell_done(job.name, count, begun)
    return count


def _note_end(session: Session, job: Job, count: int, error: str) -> None:
    lock_for_writing(session)
    row = session.get_one(JobRun, job.name)
    row.leased_until = None
    row.last_finished_at = clock.now()
    row.last_count, row.last_error = count, error
    row.done_runs += not error
    row.failed_runs += bool(error)
    session.commit()


def _tell_done(name: str, count: int, begun: float) -> None:
    took = round((time.perf_counter() - begun) * 1000, 1)
    level = logging.INFO if count else logging.DEBUG  # a job that found nothing is no news
    _log.log(level, "job done", extra=logs.fields(job=name, count=count, ms=took))


def _tell_failed(name: str, failure: Exception) -> None:
    told = logs.fields(job=name, **logs.describe_error(failure))
    _log.error("job %s failed: %s", name, type(failure).__name__, extra=told)


def _jobs_that_wait(app: Flask, step: timedelta) -> frozenset[str]:
    """While the clock is not believed: the jobs that forget what is past its term, and those that
    do by the hour what is not taken back. With a clock a year ahead, what people had a year to
    come back to would be gone for good, every seat offered would lapse, every reminder leave."""
    settings: Settings = app.config["TIERSLIEU"]
    session = db.session()
    lock_for_writing(session)
    if settings.demo:  # left alone for months, it forgets what it always forgot
        believe_clock(session, clock.now())
    leap = watch_clock(session, clock.now(), step)
    try:
        session.commit()
    except IntegrityError:  # another worker's first look came at this moment
        session.rollback()
    if leap is None:
        return frozenset()
    _log.warning("%s, until somebody says that the clock is right", say_leap(leap))
    house: House = app.extensions["tierslieu.house"]
    forgetting = {rule.job for rule in house.all(Retention)}
    return frozenset(forgetting | {job.name for job in house.all(Job) if not job.by_any_clock})


def run_due_jobs(
    app: Flask, *, only: frozenset[str] | None = None, step: timedelta = timedelta(0)
) -> dict[str, int]:
    """Run every job that is due; one that fails is logged by its class and keeps no other back.
    What goes by the clock waits while it is not believed. ``step``: how far the clock was set
    since this process last looked."""
    house: House = app.extensions["tierslieu.house"]
    done: dict[str, int] = {}
    with app.app_context():
        waiting = _jobs_that_wait(app, step)
        for job in house.all(Job):
            if job.name in waiting or (only is not None and job.name not in only):
                continue
            part = part_of_job(job.name)
            if part is not None and part.key in the_place().off:
                continue  # switched off: it begins nothing
            with logs.marked():
                try:
                    count = run_job(job, clock.now())
                except Exception as failure:
                    _tell_failed(job.name, failure)
                    db.session.rollback()
                    continue
            if count is not None:
                done[job.name] = count
    return done


def run_now(app: Flask, name: str) -> int:
    """Run a job that goes on, due or not; how many things it did, 0 too when it failed."""
    house: House = app.extensions["tierslieu.house"]
    job = next(job for job in house.all(Job) if job.name == name and job.goes_on)
    with app.app_context(), logs.marked():
        begun = time.perf_counter()
        try:
            with at_work():
                count = job.run(db.session(), clock.now())
                db.session.commit()
        except Exception as failure:  # the tick tries again
            db.session.rollback()
            _tell_failed(name, failure)
            return 0
        _tell_done(name, count, begun)
    return count


def beat() -> None:
    """Note that the worker is alive."""
    session = db.session()
    lock_for_writing(session)
    row = session.get(WorkerBeat, "worker")
    if row is None:
        session.add(WorkerBeat(name="worker", at=clock.now()))
    else:
        row.at = clock.now()
    try:
        session.commit()
    except IntegrityError:  # another worker's first beat came at this moment: it does for both
        session.rollback()


def _gently(wake: Callable[..., Any]) -> Callable[..., None]:
    """To wake the worker spares a minute at most: where it cannot be done (the queue's disk is
    full, its server away), what was written before stands, and the tick finds it."""

    def woken(*names: str) -> None:
        try:
            wake(*names)
        except Exception as failure:
            _log.warning("the worker could not be woken: %s", type(failure).__name__)

    return woken


def install(app: Flask) -> Huey:
    """Give ``app`` its clockwork: a tick every minute, and mail as soon as it is written."""
    # A test process runs jobs itself and opens no connection it would have to close.
    huey = MemoryHuey("tierslieu") if app.testing else make_huey(app.config["TIERSLIEU"])
    app.extensions["tierslieu.huey"] = huey
    house: House = app.extensions["tierslieu.house"]

    steps = Steps(clock.now())

    @huey.periodic_task(crontab(minute="*"), name="tick")  # type: ignore[untyped-decorator]
    def tick() -> None:
        with app.app_context():
            beat()
        done = run_due_jobs(app, step=steps.look(clock.now()))
        for job in house.all(Job):
            if job.goes_on and done.get(job.name):
                go_on(job.name)

    @huey.task(name="go_on")  # type: ignore[untyped-decorator]
    def go_on(name: str) -> None:
        """Run a job now, and again while it does something: each time behind what waits."""
        if run_now(app, name):
            go_on(name)

    @huey.task(name="deliver")  # type: ignore[untyped-decorator]
    def deliver() -> None:
        with app.app_context():
            from tierslieu.mail.offers import OFFERS

            for job in OFFERS:
                if isinstance(job, Job):
                    job.run(db.session(), clock.now())

    app.extensions["tierslieu.tick"] = tick
    app.extensions["tierslieu.deliver"] = _gently(deliver)
    app.extensions["tierslieu.wake"] = _gently(go_on)

    return huey


@event.listens_for(Session, "after_flush")
def _note_mail(session: Session, context: Any) -> None:
    if any(isinstance(o, OutboxMessage) for o in session.new):
        session.info["mail_written"] = True


@event.listens_for(Session, "after_commit")
def _wake_sender(session: Session) -> None:
    if not session.info.pop("mail_written", False) or not has_app_context():
        return
    # A demonstration keeps its mails on a page, a test looks at the rows: nobody to wake.
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.smtp_url and not current_app.testing:
        current_app.extensions["tierslieu.deliver"]()
