"""The rows of the clockwork: which periodic job ran when, and who is at it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import of_nobody

# Farther than this from when the worker last ran, and the clock may be wrong: what cannot be taken
# back waits.
LEAP = timedelta(days=7)
# A clock that is set so far ahead under a running worker is not believed either: no pause explains
# it. A day later it is, if nobody set it right: it was wrong before, then (a machine that was
# halted and taken up again shows the same).
STEP = timedelta(hours=1)
HELD_FOR = timedelta(days=1)
SEEN = "clock"  # the row of worker_beat that holds the last instant the clock was believed
STEPPED = "clock stepped on "  # and, before the host's name, the one of when it was set ahead
LONGEST_LEASE = timedelta(minutes=10)  # of a row at which a worker is: a mail, a line, a package


def nobody_at(leased_until: InstrumentedAttribute[Any], now: datetime) -> ColumnElement[bool]:
    """The condition that no worker is at a row: not leased, the lease has run out, or it lies so
    far ahead that only a clock that was wrong can have written it."""
    return or_(
        leased_until.is_(None),
        leased_until <= now,
        leased_until > now + LONGEST_LEASE + clock.DIFFERENCE,
    )


class JobRun(Base):
    """A periodic job. The lease keeps a second worker away; a dead one's lease runs out."""

    __tablename__ = "job_run"
    __kept__ = of_nobody(
        _("Le fonctionnement du logiciel : quelle tâche a tourné"),
        "name leased_until last_started_at last_finished_at last_count last_error "
        "done_runs failed_runs",
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    leased_until: Mapped[datetime | None]
    last_started_at: Mapped[datetime | None]
    last_finished_at: Mapped[datetime | None]
    last_count: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")  # class of the error, no personal data
    # Since the place opened, whichever host ran it: what /metrics says.
    done_runs: Mapped[int] = mapped_column(default=0, server_default="0")
    failed_runs: Mapped[int] = mapped_column(default=0, server_default="0")


class WorkerBeat(Base):
    """The worker was alive at this instant; /healthz reads it."""

    __tablename__ = "worker_beat"
    __kept__ = of_nobody(
        _("Le fonctionnement du logiciel : il est en marche"),
        "name at",
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def _boot_time() -> float:
    """Seconds since the machine began, its sleep counted: nobody sets this clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Steps:
    """How far the clock was set between two looks of one process."""

    def __init__(self, now: datetime, ticking: Callable[[], float] = _boot_time) -> None:
        self._ticking = ticking
        self._last = now, ticking()

    def look(self, now: datetime) -> timedelta:
        """Ahead, or back (negative), since the last look; what passed meanwhile is not counted."""
        before, ticked = self._last
        self._last = now, self._ticking()
        return now - before - timedelta(seconds=self._last[1] - ticked)


def _last_seen(db: Session) -> datetime | None:
    row = db.get(WorkerBeat, SEEN)
    # A place of before this was watched: its jobs tell when it last ran.
    return row.at if row else db.scalar(select(func.max(JobRun.last_finished_at)))


def find_leap(db: Session, now: datetime, host: str = "") -> timedelta | None:
    """How far the clock leapt since the worker last ran: ahead, or back (negative). None while it
    is believed: no farther than :data:`LEAP` and not set ahead under a running worker (of this
    ``host``, if given), or nothing is known yet."""
    seen = _last_seen(db)
    if seen is None:
        return None
    if abs(now - seen) > LEAP:
        return now - seen
    name = WorkerBeat.name
    of_host = name == STEPPED + host if host else name.startswith(STEPPED, autoescape=True)
    stepped = db.scalar(
        select(func.max(WorkerBeat.at)).where(
            of_host,
            WorkerBeat.at <= now + clock.DIFFERENCE,  # else it was set right since
            WorkerBeat.at > now - HELD_FOR,
        )
    )
    return max(stepped - seen, STEP) if stepped is not None else None


def watch_clock(
    db: Session, now: datetime, step: timedelta = timedelta(0), host: str = ""
) -> timedelta | None:
    """Remember how late it is, if the clock is believed; gives its leap if it is not (None: it
    is). ``step``: how far it was set since the last watch of this process. The caller has said
    that it writes, and commits."""
    host = host or socket.gethostname()
    _note_step(db, now, step, host)
    leap = find_leap(db, now, host)
    if leap is None:
        _remember(db, now)
    return leap


def believe_clock(db: Session, now: datetime) -> None:
    """Somebody looked: the clock is right. The caller has said that it writes, and commits."""
    row = db.get(WorkerBeat, SEEN)
    if row is not None:
        row.at = now
    stepped = WorkerBeat.name.startswith(STEPPED, autoescape=True)
    db.execute(delete(WorkerBeat).where(stepped))
    _remember(db, now)


def _note_step(db: Session, now: datetime, step: timedelta, host: str) -> None:
    row = db.get(WorkerBeat, STEPPED + host)
    seen = _last_seen(db)
    # A clock that was behind and is set right comes to where it was seen, and no farther.
    if step >= STEP and (seen is None or now >= seen + STEP):
        if row is None:
            row = WorkerBeat(name=STEPPED + host, at=now)
            db.add(row)
        row.at = now
    elif row is not None and step <= -STEP / 2 and not _is_undone(row.at, seen, step):
        row.at += step  # it is held for what is left, from when it was set ahead
    elif row is not None and (
        _is_undone(row.at, seen, step) or not now - HELD_FOR < row.at <= now + clock.DIFFERENCE
    ):
        if seen is not None and row.at <= now - HELD_FOR and now - seen <= LEAP + HELD_FOR + STEP:
            _remember(db, now)  # waited for long enough, also where that makes more than a leap
        db.delete(row)
    db.flush()


def _is_undone(at: datetime, seen: datetime | None, step: timedelta) -> bool:
    """Whether a step back takes back the one ahead that was noted ``at``, but for so little that it
    would not have been noted: an hour less of six days leaves the clock wrong."""
    ahead = max(at - seen, STEP) if seen is not None else STEP
    return step <= STEP / 2 - ahead


def _remember(db: Session, now: datetime) -> None:
    row = db.get(WorkerBeat, SEEN)
    if row is None:
        db.add(WorkerBeat(name=SEEN, at=now))
    else:
        row.at = max(row.at, now)  # a host that is a little behind takes nothing back
    db.flush()


def say_leap(leap: timedelta) -> str:
    """The sentence of ``doctor`` and ``/healthz``."""
    far = abs(leap)
    told = f"{far.days} days" if far > LEAP else f"{far / timedelta(hours=1):.0f} hours"
    way = "ahead of" if leap > timedelta(0) else "behind"
    return (
        f"the clock is {told} {way} where the worker last saw it: nothing is forgotten, "
        "and what falls due waits"
    )
