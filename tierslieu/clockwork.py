"""The rows of the clockwork: which periodic job ran when, and who is at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import of_nobody

# Farther than this from when the worker last ran, and the clock may be wrong: nothing is forgotten.
LEAP = timedelta(days=7)
SEEN = "clock"  # the row of worker_beat that holds the last instant the clock was believed
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


def find_leap(db: Session, now: datetime) -> timedelta | None:
    """How far the clock leapt since the worker last ran: ahead, or back (negative). None while it
    is believed: no farther than :data:`LEAP`, or nothing is known yet."""
    row = db.get(WorkerBeat, SEEN)
    # A place of before this was watched: its jobs tell when it last ran.
    seen = row.at if row else db.scalar(select(func.max(JobRun.last_finished_at)))
    leap = now - seen if seen is not None else timedelta(0)
    return leap if abs(leap) > LEAP else None


def watch_clock(db: Session, now: datetime) -> timedelta | None:
    """Remember how late it is, if the clock is believed; gives its leap if it is not (None: it
    is). The caller has said that it writes, and commits."""
    leap = find_leap(db, now)
    if leap is None:
        _remember(db, now)
    return leap


def believe_clock(db: Session, now: datetime) -> None:
    """Somebody looked: the clock is right. The caller has said that it writes, and commits."""
    row = db.get(WorkerBeat, SEEN)
    if row is not None:
        row.at = now
    _remember(db, now)


def _remember(db: Session, now: datetime) -> None:
    row = db.get(WorkerBeat, SEEN)
    if row is None:
        db.add(WorkerBeat(name=SEEN, at=now))
    else:
        row.at = max(row.at, now)  # a host that is a little behind takes nothing back
    db.flush()


def say_leap(leap: timedelta) -> str:
    """The sentence of ``doctor`` and ``/healthz``."""
    days = abs(leap).days
    way = "ahead of" if leap > timedelta(0) else "behind"
    return f"the clock is {days} days {way} where the worker last saw it: nothing is forgotten"
