"""Workers that award a batch and are killed with SIGKILL, again and again, at any moment.

Forked from a server that has imported the house and opened nothing, like the racers.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from badges.awards.batches import jobs, slices
from badges.awards.batches.queries import list_running
from badges.awards.keys import load_signer
from badges.awards.models import AwardBatchLine, LineState
from tests.support.badges import NOW
from tests.support.forking import START
from tierslieu import clock
from tierslieu.app import create_app, load_house
from tierslieu.db import db as database
from tierslieu.jobs import run_now
from tierslieu.settings import Settings

MOMENTS = ("leased", "signed", "written", "committed")
SHORT_LEASE = timedelta(seconds=2)  # so that the proof does not wait for what was killed


def _work(settings: Settings) -> None:
    """A worker: the job as the clockwork runs it, until no batch runs any more."""
    slices.LEASE = SHORT_LEASE
    jobs.AT_A_STRETCH = 5.0
    app = create_app(settings, TESTING=True)
    with app.app_context():
        while True:
            run_now(app, jobs.NAME)
            if not list_running(database.session()):
                break
            database.session.rollback()
        database.session.remove()
        database.engine.dispose()


def _die(settings: Settings, moment: str) -> None:
    """A worker that takes four lines and ends itself, as ``kill -9`` would, at that moment."""
    really_record = slices.record_slice

    def end(*args: Any, **kwargs: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_end(*args: Any, **kwargs: Any) -> Any:
        really_record(*args, **kwargs)
        end()

    slices.SIZE = 4
    turns = iter([False])
    is_over: Callable[[], bool] = lambda: next(turns, None) is None and end()  # noqa: E731
    if moment == "leased":
        slices.sign_slice = end
    elif moment == "signed":
        slices.record_slice = end
    elif moment == "written":
        slices.record_slice = write_and_end
    engine = create_engine(settings.database_url)
    with Session(engine) as session, clock.fixed_at(NOW):
        jobs.flow(session, load_signer(session, settings), load_house(), is_over=is_over)


def die_at(settings: Settings, moment: str) -> None:
    """Have a worker begin, and be killed at this moment of its first slice."""
    worker = START.Process(target=_die, args=(settings, moment), daemon=True)
    worker.start()
    worker.join(timeout=60)
    assert worker.exitcode == -signal.SIGKILL


def start_worker(settings: Settings) -> Any:
    """A worker in a process of its own."""
    worker = START.Process(target=_work, args=(settings,), daemon=True)
    worker.start()
    return worker


def count_waiting(db: Session) -> int:
    """Lines whose turn has not come."""
    db.rollback()
    waiting = select(func.count()).where(AwardBatchLine.state == LineState.WAITING)
    return db.scalar(waiting.select_from(AwardBatchLine)) or 0


def kill_again_and_again(db: Session, settings: Settings, random: Random, least: int) -> int:
    """Start workers and kill them in their midst until ``least`` lines are left; how many died.

    A worker is killed once some lines more were written, after as many looks as chance says: in a
    lease, in a signature, between the writes of a slice, in its commit.
    """
    killed = 0
    workers = [start_worker(settings) for _ in range(2)]
    left = count_waiting(db)
    while left > least:
        target = left - random.randint(1, max(2, left // 12))
        looks = random.randint(0, 60)
        while (now_left := count_waiting(db)) > target or looks > 0:
            looks -= now_left <= target
            if now_left <= least:
                break
        left = now_left
        victim = random.randrange(len(workers))
        worker = workers[victim]
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(timeout=30)
        killed += 1
        workers[victim] = start_worker(settings)
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(timeout=30)
    return killed + len(workers)
