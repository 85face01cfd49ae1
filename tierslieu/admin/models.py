"""What is kept to run the place."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base, new_id


class SeeingAs(Base):
    """An administrator looks at the place as somebody sees it, now; the row goes when it ends. That
    it happened, and why, stands in the logbook."""

    __tablename__ = "seeing_as"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    admin_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    until: Mapped[datetime]
