"""What free texts a researcher asks for, and what was read, struck out or let out of them."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody
from tierslieu.surveys.models import Study, Wave


class TextRequestState(enum.Enum):
    """Waits to be read and decided; agreed to; refused; agreed to once, and no more."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TextRequest(Base):
    """A researcher asks that the answers to a few questions be let out, once they were read.

    One at a time a study. It is about the texts that were there when the reading began
    (``gathered_at``): later ones wait for another request.
    """

    __tablename__ = "text_request"
    __kept__ = kept(
        "evaluation",
        plain=(
            "id study_id state asked_at asked_by_id gathered_at decided_at decided_by_id "
            "withdrawn_at withdrawn_by_id"
        ),
        says={
            "reason": _("Pourquoi l’étude a besoin de ces textes"),
            "word": _("Le mot de la coordination"),
        },
        whose=(Whose.TEAM,),
    )
    __table_args__ = (
        Index(
            "uq_text_request_asked",
            "study_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    study_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[TextRequestState] = mapped_column(default=TextRequestState.ASKED)
    reason: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    gathered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    word: Mapped[str] = mapped_column(default="")  # what the coordination says with its answer
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    study: Mapped[Study] = relationship()
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    questions: Mapped[list[AskedQuestion]] = relationship(
        order_by="AskedQuestion.item", cascade="all, delete-orphan"
    )


class AskedQuestion(Base):
    """A question of a wave whose answers are asked for."""

    __tablename__ = "text_request_question"
    __kept__ = of_nobody(_("Les questions dont on demande les textes"), "request_id wave_id item")

    request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("text_request.id", ondelete="CASCADE"), primary_key=True
    )
    wave_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(primary_key=True)

    wave: Mapped[Wave] = relationship()


class ReadingState(enum.Enum):
    """Not read yet; may go out as ``text`` says it; stays."""

    WAITING = "waiting"
    LET_OUT = "let_out"
    KEPT = "kept"


class ReadText(Base):
    """The copy of one answer that a reading is about. ``text``: as it may go out, passages
    replaced; empty once it stays. It goes with its sheet: erasing the answer erases the copy.

    Its id is of chance, and so is the order in which texts are read: who reads two texts of one
    sheet is not told.
    """

    __tablename__ = "read_text"
    __kept__ = kept(
        "surveys",
        plain="id request_id sheet_id wave_id state",
        says={
            "item": _("La question"),
            "text": _("Le texte, tel qu’il a été relu"),
        },
    )
    __table_args__ = (
        UniqueConstraint("request_id", "sheet_id", "item"),
        CheckConstraint("state <> 'kept' OR text = ''", name="kept_without_words"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("text_request.id", ondelete="CASCADE"))
    sheet_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("response_sheet.id", ondelete="CASCADE"), index=True
    )
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    item: Mapped[str]
    state: Mapped[ReadingState] = mapped_column(default=ReadingState.WAITING)
    text: Mapped[str]

    wave: Mapped[Wave] = relationship()
