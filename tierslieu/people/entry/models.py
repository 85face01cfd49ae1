"""Whether the place is a closed pilot, and the invitations into it."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, by_team, kept


class EntrySetting(Base):
    """One row; none: everybody may make an account. ``version`` grows with each change."""

    __tablename__ = "entry_setting"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    __kept__ = by_team(
        _("Qui peut ouvrir un compte, et jusqu’à quand"),
        "id is_closed ends_at opens_after version by_id at",
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    is_closed: Mapped[bool] = mapped_column(default=False)
    ends_at: Mapped[datetime | None]  # the end of the pilot's last day
    opens_after: Mapped[bool] = mapped_column(default=False)  # to everybody; else to nobody
    version: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)


class EntryInvitation(Base):
    """A link for one address, or a code for several people. Only its hash is kept of the secret."""

    __tablename__ = "entry_invitation"
    __table_args__ = (
        CheckConstraint("uses >= 0 AND uses <= most_uses", name="uses"),
        CheckConstraint("email = '' OR most_uses = 1", name="one_address"),
    )
    __kept__ = kept(
        "entry_invitations",
        plain="id most_uses uses ends_at made_at by_id sent_at times_sent opened_at used_at"
        " revoked_at",
        says={
            "email": _("L’adresse invitée à ouvrir un compte"),
            "label": _("Pour qui est un code d’invitation, comme l’équipe l’a nommé"),
            "secret_hash": _("L’empreinte du lien ou du code d’invitation"),
        },
        whose=(Whose.GUESTS, Whose.MEMBERS, Whose.TEAM),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(default="", index=True)  # normalised; empty: a code
    label: Mapped[str] = mapped_column(default="")
    secret_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex
    most_uses: Mapped[int] = mapped_column(default=1)
    uses: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    sent_at: Mapped[datetime | None]  # the last mail
    times_sent: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]  # the button of its page was pressed, the first time
    used_at: Mapped[datetime | None]  # an account was made with it, the last time
    revoked_at: Mapped[datetime | None]
