"""A file that was shown and waits for a yes."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.community.entries.models import BaseKind
from tierslieu.register import kept


class ImportDraft(Base):
    """The text of a CSV file, read anew against the base each time it is looked at."""

    __tablename__ = "community_import"
    __kept__ = kept(
        "community",
        plain="id base pilot_id owner_id created_at applied_at added changed",
        says={
            "filename": _("Le nom du tableau déposé"),
            "text": _("Le tableau, le temps de le relire"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    base: Mapped[BaseKind]
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pilot.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str]
    text: Mapped[str]  # emptied once it is done
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    applied_at: Mapped[datetime | None]
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
