"""The outbox: a mail is a row first, and leaves after the commit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id

NEVER = datetime(9999, 12, 29, tzinfo=UTC)  # by itself: somebody has to say so
HELD = "HeldByRestore"  # last_error of a mail of before a restore, which may have left since


class OutboxMessage(Base):
    """A mail to send. ``due_key`` makes each due thing unique: a second run writes nothing."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_due", "sent_at", "next_try_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str]
    template: Mapped[str]  # templates/mail/<template>.txt and .html; rendered when it leaves
    context: Mapped[dict[str, Any]]
    # For who has no account here; others read their own language.
    language: Mapped[str] = mapped_column(default="fr")
    # [{"filename", "media_type", "params": {}, "content": base64}]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    due_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    next_try_at: Mapped[datetime] = mapped_column(default=clock.now)
    leased_until: Mapped[datetime | None]  # a worker is at it until then
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")  # class of the error, no address
