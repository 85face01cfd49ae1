"""The rows of the clockwork: which periodic job ran when, and who is at it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import of_nobody


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
