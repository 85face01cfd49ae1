"""What a person says or shows of a step, and what was answered."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.enrolments.models import Enrolment
from courses.paths.models import Step
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept
from tierslieu.uploads.models import Upload


class RecordState(enum.Enum):
    """Declared waits for a facilitator; returned comes back with a word and can be redone."""

    DECLARED = "declared"
    VALIDATED = "validated"
    RETURNED = "returned"


class RecordSource(enum.Enum):
    """Where a line of progress comes from: the person's word, or what somebody else's system says
    of them."""

    DECLARED = "declared"
    GRADE_REPORT = "grade_report"
    MOODLE = "moodle"
    BADGE = "badge"
    CERTIFICATE = "certificate"
    XAPI = "xapi"


class StepRecord(Base):
    """A step said to be done: by whom, from where, with what proof, and what was answered.

    One row a try. ``source`` and ``proof`` say where it comes from (the name of a report and its
    line, the link of a certificate); ``brought_by_id`` is who brought it in when that was not the
    person themselves.
    """

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
        Index("ix_step_record_decided", "decided_by_id", "state", "decided_at"),
    )
    __kept__ = kept(
        "step_records",
        plain=(
            "id enrolment_id step_id state source brought_by_id upload_id declared_at decided_at "
            "decided_by_id"
        ),
        says={
            "proof": _("Ce qui prouve l’étape, dit par un programme"),
            "evidence_text": _("Ce que la personne dit avoir fait"),
            "evidence_url": _("L’adresse de son travail"),
            "word": _("La réponse de l’équipe"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), index=True)
    state: Mapped[RecordState] = mapped_column(default=RecordState.DECLARED)
    source: Mapped[RecordSource] = mapped_column(
        choice(RecordSource, "source"), default=RecordSource.DECLARED
    )
    proof: Mapped[str] = mapped_column(default="")
    brought_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    evidence_text: Mapped[str] = mapped_column(default="")
    evidence_url: Mapped[str] = mapped_column(default="")
    upload_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("upload.id", ondelete="SET NULL")
    )
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    word: Mapped[str] = mapped_column(default="")  # what the facilitator answered

    enrolment: Mapped[Enrolment] = relationship()
    step: Mapped[Step] = relationship()
    upload: Mapped[Upload | None] = relationship()
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)


class WaiverState(enum.Enum):
    """Asked by the person; granted or refused by the team; taken back by the team."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


class StepWaiver(Base):
    """Somebody need not do a step (*dispense*), or asks not to. Never counted as done.

    A granted waiver opens what the step held locked, and takes it out of what is asked of that
    person. ``request`` is what they wrote, ``reason`` what the team answered: never empty once
    decided.
    """

    __tablename__ = "step_waiver"
    __table_args__ = (
        Index(
            "uq_step_waiver_standing",
            "enrolment_id",
            "step_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'granted')"),
            postgresql_where=text("state IN ('asked', 'granted')"),
        ),
        CheckConstraint("state = 'asked' OR reason <> ''", name="reason"),
        Index("ix_step_waiver_queue", "state", "asked_at"),
    )
    __kept__ = kept(
        "step_waivers",
        plain="id enrolment_id step_id state asked_at decided_at decided_by_id",
        says={
            "request": _("Pourquoi la personne demande une dispense"),
            "reason": _("La réponse de l’équipe"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), index=True)
    state: Mapped[WaiverState] = mapped_column(default=WaiverState.ASKED)
    request: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    enrolment: Mapped[Enrolment] = relationship()
    step: Mapped[Step] = relationship()
