"""Figures as they were made one night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import of_nobody


class NightlyFigures(Base):
    """What one page tells of everybody, as it may be shown: small numbers are hidden in it, and
    no number in it was ever more than a page shows."""

    __tablename__ = "nightly_figures"
    __table_args__ = (CheckConstraint("(made_at IS NULL) = (content IS NULL)", name="made"),)
    __kept__ = of_nobody(
        _("Les chiffres faits la nuit : des nombres, les petits masqués"),
        "name made_at asked_at leased_until content",
    )

    name: Mapped[str] = mapped_column(primary_key=True)  # «month», «report:2026»: ``periods.py``
    made_at: Mapped[datetime | None]  # they tell of the place as it was then; None: none yet
    asked_at: Mapped[datetime | None]  # somebody wants them anew, and waits
    leased_until: Mapped[datetime | None]  # a worker is at it, or failed at it
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
