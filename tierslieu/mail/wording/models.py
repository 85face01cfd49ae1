"""Versions of what administrators wrote into mails."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import by_team

TEXTS = ("subject_fr", "subject_en", "opening_fr", "opening_en", "closing_fr", "closing_en")


class MailWording(Base):
    """One version for one mail; the highest number is in use. All texts empty: the original."""

    __tablename__ = "mail_wording"
    __table_args__ = (
        UniqueConstraint("template", "number"),
        CheckConstraint("number > 0", name="counts_from_one"),
    )
    __kept__ = by_team(
        _("Les mots que qui administre ajoute aux mails, version par version"),
        "id template number subject_fr subject_en opening_fr opening_en closing_fr closing_en"
        " by_id at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    template: Mapped[str]  # as in the outbox
    number: Mapped[int]  # 1, 2, 3…, without a gap
    subject_fr: Mapped[str] = mapped_column(default="")
    subject_en: Mapped[str] = mapped_column(default="")
    opening_fr: Mapped[str] = mapped_column(default="")  # after the greeting
    opening_en: Mapped[str] = mapped_column(default="")
    closing_fr: Mapped[str] = mapped_column(default="")  # after all the rest, before the signature
    closing_en: Mapped[str] = mapped_column(default="")
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by the names of the columns."""
        return {name: getattr(self, name) for name in TEXTS}

    @property
    def is_original(self) -> bool:
        """Whether nothing is changed by it."""
        return not any(self.texts.values())
