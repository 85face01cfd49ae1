"""The rows of the clockwork: which periodic job ran when, and who is at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import of_nobody

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
