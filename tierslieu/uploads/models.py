"""Files people hand in: the bytes lie in the instance folder, named by their digest."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, kept


class Upload(Base):
    """One file of one person. Access is decided by what it is attached to."""

    __tablename__ = "upload"
    __kept__ = kept(
        "uploads",
        plain="id owner_id size created_at",
        says={
            "filename": _("Le nom du fichier, pour le retrouver"),
            "media_type": _("Le format, pour l’afficher sans risque"),
            "sha256": _("L’empreinte du contenu, sous laquelle il est rangé"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str]  # as the person named it, cleaned; shown, never a path
    media_type: Mapped[str]  # by content, not by name
    size: Mapped[int]  # bytes
    sha256: Mapped[str]  # hex; also the name on disk
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
