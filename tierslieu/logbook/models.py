"""The logbook: one row an act, each holding the hash of the one before."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.logbook.triggers import guards_of


class LogEntry(Base):
    """One act (see ``chain.py`` for what is hashed). The database refuses to change or remove it.

    ``actor_*``, ``subject_*`` and ``words`` say of a person what the seals commit to; they alone
    may be emptied, when the person leaves. No foreign key: an account joined to another stays
    named as it was, for nothing here is turned.
    """

    __tablename__ = "logbook_entry"

    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)  # whole seconds
    act: Mapped[str] = mapped_column(index=True)  # a text: a new act needs no new table
    via: Mapped[str]
    via_ref: Mapped[str] = mapped_column(default="")  # of the API: which access key
    about: Mapped[str] = mapped_column(default="{}")  # JSON, what it was done to; never a person
    actor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor_salt: Mapped[str] = mapped_column(default="")
    actor_seal: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    subject_salt: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")  # a reason, said of the subject
    subject_seal: Mapped[str] = mapped_column(default="")
    previous: Mapped[str]
    digest: Mapped[str]


class LogHead(Base):
    """Where the logbook begins and ends: kept apart, so that rows cut off either end are missed.

    ``anchor_*``: the last row that was swept once its time was over; what is kept follows it.
    """

    __tablename__ = "logbook_head"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    head: Mapped[str] = mapped_column(default="")
    length: Mapped[int] = mapped_column(BigInteger(), default=0)
    anchor: Mapped[str] = mapped_column(default="")
    anchor_number: Mapped[int] = mapped_column(BigInteger(), default=0)
    anchor_at: Mapped[datetime | None]


for _guard in guards_of("sqlite") + guards_of("postgresql"):
    event.listen(Base.metadata, "after_create", _guard)
