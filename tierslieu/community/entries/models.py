"""What an entry of either base is made of, and the files that lie beside it."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import kept
from tierslieu.uploads.models import Upload

SPACE = "NOT (is_public AND pilot_id IS NOT NULL)"  # what is in a closed pilot is not for all


class BaseKind(enum.Enum):
    """The two bases."""

    CONTENTS = "contents"
    EVENTS = "events"


class Entry:
    """The columns that a content and an event have in common."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    # Who may edit it; the author that people read is a text of the entry.
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    # None: the open base, which everybody signed in reads.
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pilot.id"), index=True)
    is_public: Mapped[bool] = mapped_column(default=False)  # visitors read it too
    search_text: Mapped[str]  # all its words, folded: both databases search alike
    revision: Mapped[int] = mapped_column(default=1)  # two people who edit see one another
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    hidden_at: Mapped[datetime | None]
    hidden_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    hidden_reason: Mapped[str] = mapped_column(default="")


class EntryFile(Base):
    """A file beside a content or an event. Who sees the entry has the file."""

    __tablename__ = "community_file"
    __table_args__ = (CheckConstraint("(content_id IS NULL) <> (event_id IS NULL)", name="entry"),)
    __kept__ = kept(
        "community",
        plain="id content_id event_id upload_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    content_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("content.id", ondelete="CASCADE"), index=True
    )
    event_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("community_event.id", ondelete="CASCADE"), index=True
    )
    upload_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("upload.id", ondelete="CASCADE"), unique=True
    )

    upload: Mapped[Upload] = relationship(lazy="joined", innerjoin=True)
