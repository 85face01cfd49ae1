"""Restores and nightly backups that are killed with SIGKILL at a chosen moment."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.backups import app_of, put_back
from tests.support.forking import START
from tierslieu import clock
from tierslieu.backup import age, copying, jobs, restoring, rules
from tierslieu.jobs import run_due_jobs
from tierslieu.settings import Settings

# Where each process ends itself: (module or class, the function in whose stead it dies).
RESTORE_MOMENTS: dict[str, tuple[Any, str]] = {
    "marked": (restoring._Place, "fill"),
    "filled": (restoring, "set_sequences"),
    "committed": (restoring, "_settle"),
    "named": (restoring._Place, "unmark"),
}
NIGHT_MOMENTS: dict[str, tuple[Any, str]] = {
    "leased": (jobs, "_write"),
    "writing": (copying, "_copy_files"),
    "written": (copying, "read_contents"),
    "named": (rules, "record_kept"),
}


def _end(*args: Any, **kwargs: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _restore(path: Path, settings: Settings, moment: str) -> None:
    setattr(*RESTORE_MOMENTS[moment], _end)
    put_back(path, settings)


def _night(settings: Settings, now: datetime, moment: str) -> None:
    age.WORK = 6
    setattr(*NIGHT_MOMENTS[moment], _end)
    app = app_of(settings)
    with clock.fixed_at(now):
        run_due_jobs(app, only=frozenset({jobs.NAME}))


def _killed(target: Any, *args: Any) -> None:
    process = START.Process(target=target, args=args, daemon=True)
    process.start()
    process.join(timeout=120)
    assert process.exitcode == -signal.SIGKILL, process.exitcode


def die_restoring(path: Path, settings: Settings, moment: str) -> None:
    """A restore that is killed at this moment."""
    _killed(_restore, path, settings, moment)


def die_at_night(settings: Settings, now: datetime, moment: str) -> None:
    """A worker that is killed at this moment of its nightly backup."""
    _killed(_night, settings, now, moment)
