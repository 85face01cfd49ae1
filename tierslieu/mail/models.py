"""The outbox: a mail is a row first, and leaves after the commit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, kept

NEVER = datetime(9999, 12, 29, tzinfo=UTC)  # by itself: somebody has to say so
LONGEST_WAIT = timedelta(hours=6)  # between two attempts
HELD = "HeldByRestore"  # last_error of a mail of before a restore, which may have left since


class OutboxMessage(Base):
    """A mail to send. ``due_key`` makes each due thing unique: a second run writes nothing."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_due", "sent_at", "next_try_at"),
        Index("ix_outbox_recipient", "recipient", "created_at"),
    )
    __kept__ = kept(
        "mails",
        plain="id created_at next_try_at leased_until attempts sent_at",
        says={
            "recipient": _("L’adresse à laquelle écrire"),
            "template": _("Le modèle du mail"),
            "language": _("La langue du mail, pour qui n’a pas de compte ici"),
            "context": _("Les mots et nombres qui remplissent le modèle"),
            "attachments": _("Les fichiers joints (calendrier, document)"),
            "due_key": _("Ce dont parle le mail, pour l’annuler s’il n’a plus lieu d’être"),
            "last_error": _("La panne du serveur de messagerie, sans le texte du mail"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.GUESTS,
            Whose.PARTNERS,
        ),
        stays=_("Le mail qui dit que le compte est fermé, à l’adresse qu’il avait : trente jours."),
    )

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
