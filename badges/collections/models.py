"""Collections and what is in them."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from badges.awards.models import Award
from badges.backpack.models import KeptBadge
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import kept


class Collection(Base):
    """Several badges under one title, signed together when they are asked for."""

    __tablename__ = "badge_collection"
    __kept__ = kept(
        "collections",
        plain="id user_id is_shared created_at changed_at",
        says={
            "title": _("Le titre de la collection"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False)  # with whoever has its address
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    members: Mapped[list[CollectionMember]] = relationship(
        order_by="CollectionMember.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class CollectionMember(Base):
    """One badge of a collection: one of ours, or one kept from elsewhere."""

    __tablename__ = "badge_collection_member"
    __table_args__ = (
        CheckConstraint("(award_id IS NULL) <> (kept_id IS NULL)", name="one_badge"),
        UniqueConstraint("collection_id", "award_id"),
        UniqueConstraint("collection_id", "kept_id"),
    )
    __kept__ = kept(
        "collections",
        plain="id collection_id position award_id kept_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    collection_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_collection.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    award_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"))
    kept_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("kept_badge.id", ondelete="CASCADE")
    )

    award: Mapped[Award | None] = relationship()
    kept: Mapped[KeptBadge | None] = relationship()
