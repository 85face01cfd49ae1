"""Files people hand in: the bytes lie in the instance folder, named by their digest."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id


class Upload(Base):
    """One file of one person. Access is decided by what it is attached to."""

    __tablename__ = "upload"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str]  # as the person named it, cleaned; shown, never a path
    media_type: Mapped[str]  # by content, not by name
    size: Mapped[int]  # bytes
    sha256: Mapped[str]  # hex; also the name on disk
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
