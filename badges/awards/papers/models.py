"""Attestations to print, drawn in batches."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from badges.awards.models import Award
from badges.designs.models import BadgeClass
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.register import Whose, kept


class PaperState(enum.Enum):
    """From the asking to the day after."""

    RUNNING = "running"
    DONE = "done"  # the file is there
    GONE = "gone"  # a day went by, or a badge in it was withdrawn: the file is removed


class PaperBatch(Base):
    """The certificates of one badge, asked for by one of the team to be handed over on paper."""

    __tablename__ = "paper_batch"
    __kept__ = kept(
        "badges",
        plain="id badge_id state created_at created_by_id ended_at size",
        says={
            "language": _("La langue des attestations à imprimer"),
        },
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    badge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_class.id"), index=True)
    language: Mapped[str]  # fr, en
    state: Mapped[PaperState] = mapped_column(
        choice(PaperState, "paperstate"), default=PaperState.RUNNING, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # Whose file it is: nobody else sees it.
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    ended_at: Mapped[datetime | None]
    size: Mapped[int | None]  # bytes of the zip

    badge: Mapped[BadgeClass] = relationship()


class PaperLineState(enum.Enum):
    """What became of one certificate."""

    WAITING = "waiting"
    DRAWN = "drawn"
    LEFT_OUT = "left_out"  # withdrawn or erased before its turn


class PaperLine(Base):
    """One certificate of a batch: says whose by the award alone, so that erasing it is enough."""

    __tablename__ = "paper_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "award_id"),
        Index("ix_paper_line_state", "batch_id", "state", "position"),
    )
    __kept__ = kept(
        "badges",
        plain="id batch_id award_id position state carries_file leased_until",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("paper_batch.id", ondelete="CASCADE"))
    award_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("award.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    state: Mapped[PaperLineState] = mapped_column(
        choice(PaperLineState, "paperlinestate"), default=PaperLineState.WAITING
    )
    # Drawn with the signed file inside: its holder shared the badge then.
    carries_file: Mapped[bool] = mapped_column(default=False)
    leased_until: Mapped[datetime | None]  # a worker draws it until then

    award: Mapped[Award] = relationship()
