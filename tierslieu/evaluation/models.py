"""What left the house: each research package, by whom and when."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.surveys.models import Study


class PackageDownload(Base):
    """One download of a package. Kept for those who answer for the data."""

    __tablename__ = "package_download"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)
    participants: Mapped[int]
    sha256: Mapped[str]  # of the zip

    study: Mapped[Study] = relationship()
    user: Mapped[User | None] = relationship()
