"""The backups that were asked for, by the clock or by a person, and how each ended."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import of_nobody


class RunState(enum.Enum):
    """How far it is."""

    ASKED = "asked"
    KEPT = "kept"  # written, read back and found whole
    FAILED = "failed"


class BackupRun(Base):
    """One backup. Its file bears ``name`` in the folder of backups; rotation removes both."""

    __tablename__ = "backup_run"
    __kept__ = of_nobody(
        _("Les sauvegardes : quand, où, si elles sont entières"),
        "id state night asked_at leased_until lease_key ended_at made_at name size missing problem",
    )
    __table_args__ = (
        # Who asks while one waits gets that one.
        Index(
            "uq_backup_run_asked",
            "state",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[RunState] = mapped_column(default=RunState.ASKED)
    night: Mapped[date | None] = mapped_column(unique=True)  # of the clock; None: a person asked
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    leased_until: Mapped[datetime | None]  # a worker is at it until then, or renews it
    lease_key: Mapped[uuid.UUID | None]  # whose lease: a worker that came back late writes nothing
    ended_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]  # the instant whose state it holds
    name: Mapped[str] = mapped_column(default="")  # of the file
    size: Mapped[int] = mapped_column(BigInteger, default=0)  # bytes
    missing: Mapped[int] = mapped_column(default=0)  # files that rows name and the disk lacks
    problem: Mapped[str] = mapped_column(default="")  # a code of backup/words.py
