"""A report of a year: its words and targets while it is prepared, its figures once published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import of_nobody


class YearlyReport(Base):
    """One a year. Published, it is what it was on that day: ``snapshot`` holds every figure, and
    page, PDF and file read nothing else."""

    __tablename__ = "yearly_report"
    __table_args__ = (
        CheckConstraint("(published_at IS NULL) = (snapshot IS NULL)", name="published"),
    )
    __kept__ = of_nobody(
        _("Le rapport d’une année : mots et nombres"),
        "year summary obstacles levers targets revision published_at snapshot",
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    summary: Mapped[str] = mapped_column(default="")  # Markdown, like the two below
    obstacles: Mapped[str] = mapped_column(default="")
    levers: Mapped[str] = mapped_column(default="")
    targets: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by indicator, in words
    revision: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
