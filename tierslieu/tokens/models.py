"""Bearer tokens: what is kept of them is never enough to use them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept


class AccessToken(Base):
    """A key that acts in its owner's name, within its scopes, until it ends."""

    __tablename__ = "access_token"
    __kept__ = kept(
        "tokens",
        plain="id user_id created_at last_used_on expires_at revoked_at",
        says={
            "name": _("Le nom donné à la clé, pour la reconnaître"),
            "scopes": _("Ce que la clé permet"),
            "digest": _("L’empreinte de la clé, qui n’est elle-même jamais gardée"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]  # what it is for, in its owner's words
    scopes: Mapped[list[str]]
    # SHA-256 in hex. The secret is 256 bits of chance: it needs neither salt nor stretching.
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_on: Mapped[date | None]  # the day only: enough to find those that serve no more
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    def stands(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and now < self.expires_at
