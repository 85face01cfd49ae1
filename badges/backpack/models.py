"""Badges received elsewhere."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import kept


class KeptBadge(Base):
    """A badge of another issuer, kept as it came, with what the last check found."""

    __tablename__ = "kept_badge"
    __table_args__ = (UniqueConstraint("user_id", "fingerprint"),)
    __kept__ = kept(
        "backpack",
        plain="id user_id kept_at checked_at",
        says={
            "fingerprint": _("L’empreinte du badge, pour ne le garder qu’une fois"),
            "credential": _("Le badge reçu ailleurs"),
            "name": _("Son titre"),
            "issuer_name": _("Qui l’a donné"),
            "issued_day": _("Quand"),
            "outcome": _("S’il est vérifié"),
            "checks": _("Ce qui a été vérifié"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]  # SHA-256, hex, of who issued it and its id: one badge is kept once
    credential: Mapped[str]  # the document or the token, without the picture it came in
    name: Mapped[str]
    issuer_name: Mapped[str]
    issued_day: Mapped[date | None]  # as it says
    outcome: Mapped[str]  # of the last check: valid, incomplete, invalid
    checks: Mapped[list[dict[str, Any]]]  # its steps, as the engine writes them
    kept_at: Mapped[datetime] = mapped_column(default=clock.now)
    checked_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def form(self) -> str:
        """``json``, or ``jwt`` for one signed as a token."""
        return "json" if self.credential.startswith("{") else "jwt"
