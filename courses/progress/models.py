"""What a person says or shows of a step, and what was answered."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.enrolments.models import Enrolment
from courses.paths.models import Step
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.uploads.models import Upload


class RecordState(enum.Enum):
    """Declared waits for a facilitator; returned comes back with a word and can be redone."""

    DECLARED = "declared"
    VALIDATED = "validated"
    RETURNED = "returned"


class StepRecord(Base):
    """A step declared done with its evidence, and the facilitator's answer. One row a try."""

    __tablename__ = "step_record"
    __table_args__ = (
        # A step waits or is validated once; the returned tries stay as history.
        Index(
            "uq_step_record_standing",
            "enrolment_id",
            "step_id",
            unique=True,
            sqlite_where=text("state != 'returned'"),
            postgresql_where=text("state != 'returned'"),
        ),
        Index("ix_step_record_queue", "state", "declared_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), index=True)
    state: Mapped[RecordState] = mapped_column(default=RecordState.DECLARED)
    evidence_text: Mapped[str] = mapped_column(default="")
    evidence_url: Mapped[str] = mapped_column(default="")
    upload_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("upload.id", ondelete="SET NULL")
    )
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    word: Mapped[str] = mapped_column(default="")  # what the facilitator answered

    enrolment: Mapped[Enrolment] = relationship()
    step: Mapped[Step] = relationship()
    upload: Mapped[Upload | None] = relationship()
