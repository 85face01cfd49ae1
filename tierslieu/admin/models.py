"""What is kept to run the place."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base, new_id
from tierslieu.register import Whose, kept


class SeeingAs(Base):
    """An administrator looks at the place as somebody sees it, now; the row goes when it ends. That
    it happened, and why, stands in the logbook."""

    __tablename__ = "seeing_as"
    __kept__ = kept(
        "logbook",
        plain="id admin_id person_id until",
        whose=(Whose.MEMBERS, Whose.TEAM),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    admin_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    until: Mapped[datetime]
