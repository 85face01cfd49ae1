"""What the place says of itself, one row a change: the newest is what holds."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import by_team, of_nobody


class PlaceVersion(Base):
    """All the place says of itself from one change to the next, and who made that change.

    ``number`` rises by one: the key itself refuses two changes made from the same version.
    ``said`` holds a value for each section that was ever changed; what is absent is as the
    settings have it.
    """

    __tablename__ = "place_version"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)
    __kept__ = by_team(
        _("Ce que le lieu dit de lui-même : nom, adresses, horaires, apparence"),
        "number section said made_at made_by_id",
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    section: Mapped[str]  # what was changed: a `Section`
    said: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )


class PlacePicture(Base):
    """A picture that some version of the place names, made harmless before it is kept.

    It stays while the place does: a change that is taken back shows it again.
    """

    __tablename__ = "place_picture"
    __kept__ = of_nobody(_("Le logo du lieu"), "digest media_type data")

    digest: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the data, hexadecimal
    media_type: Mapped[str]
    data: Mapped[bytes]
