"""Workers that draw certificates and are killed with SIGKILL, again and again, at any moment."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.papers import jobs, rules
from badges.awards.papers.models import PaperLine, PaperLineState
from badges.awards.papers.queries import list_running
from tests.support.forking import START
from tierslieu.app import create_app
from tierslieu.db import db as database
from tierslieu.jobs import run_now
from tierslieu.settings import Settings

SHORT_LEASE = timedelta(seconds=3)  # so that the proof does not wait for what was killed


def _work(settings: Settings) -> None:
    """A worker: the job as the clockwork runs it, until no batch runs any more."""
    rules.LEASE, rules.SIZE = SHORT_LEASE, 5
    app = create_app(settings, TESTING=True)
    with app.app_context():
        while True:
            run_now(app, jobs.NAME)
            if not list_running(database.session()):
                break
            database.session.rollback()
        database.session.remove()
        database.engine.dispose()


def start_worker(settings: Settings) -> Any:
    """A worker in a process of its own."""
    worker = START.Process(target=_work, args=(settings,), daemon=True)
    worker.start()
    return worker


def count_waiting(db: Session) -> int:
    """Certificates whose turn has not come."""
    db.rollback()
    waiting = select(func.count()).where(PaperLine.state == PaperLineState.WAITING)
    return db.scalar(waiting.select_from(PaperLine)) or 0


def kill_again_and_again(db: Session, settings: Settings, random: Random) -> int:
    """Kill workers in their midst until nothing waits for being drawn; how many died."""
    killed = 0
    workers = [start_worker(settings) for _ in range(2)]
    left = count_waiting(db)
    while left:
        target = max(0, left - random.randint(5, 60))
        pause = random.random() / 5
        while (now_left := count_waiting(db)) > target:
            time.sleep(0.02)  # between looks; what is waited for is in the rows
        left = now_left
        until = time.monotonic() + pause
        while time.monotonic() < until:
            count_waiting(db)
        victim = random.randrange(len(workers))
        workers[victim].kill()
        workers[victim].join(timeout=30)
        killed += 1
        workers[victim] = start_worker(settings)
    for worker in workers:
        worker.kill()  # it may be done by now
        worker.join(timeout=30)
    return killed + len(workers)
