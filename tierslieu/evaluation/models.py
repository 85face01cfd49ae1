"""Research packages: those asked for and built, and each time one left the house."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept
from tierslieu.surveys.models import Study


class PackageState(enum.Enum):
    """Waits for the worker; is there; or could not be built, and says why."""

    ASKED = "asked"
    BUILT = "built"
    REFUSED = "refused"


class ResearchPackage(Base):
    """A package somebody asked for. Once built it never changes; its bytes are the file of its hash
    in the folder of packages."""

    __tablename__ = "research_package"
    __table_args__ = (
        # Two who ask at once wait for the same.
        Index(
            "uq_research_package_asked",
            "study_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        CheckConstraint("(state = 'built') = (sha256 <> '')", name="built"),
    )
    __kept__ = kept(
        "evaluation",
        plain=(
            "id study_id state asked_at asked_by_id leased_until decided_at size participants "
            "forgotten_at"
        ),
        says={
            "name": _("Le nom du fichier"),
            "sha256": _("Son empreinte"),
            "problem": _("Pourquoi il n’a pu être fait"),
        },
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    state: Mapped[PackageState] = mapped_column(default=PackageState.ASKED)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    leased_until: Mapped[datetime | None]  # a worker is at it
    decided_at: Mapped[datetime | None]  # built, or refused
    name: Mapped[str] = mapped_column(default="")  # tn-eval-<study>-2026.1
    sha256: Mapped[str] = mapped_column(default="")  # of the zip
    size: Mapped[int] = mapped_column(default=0)  # bytes
    participants: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")  # why it could not be built
    forgotten_at: Mapped[datetime | None]  # somebody in it had their data erased

    study: Mapped[Study] = relationship()


class PackageParticipant(Base):
    """Whose data a package holds, for them to know, and ``said``: their cohort, audience, gender
    and age band as it says them, so that no later one says more. Not under which pseudonym."""

    __tablename__ = "package_participant"
    __kept__ = kept(
        "studies",
        plain="package_id user_id",
        says={
            "said": _("Sous quel accord la personne y est"),
        },
    )

    package_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("research_package.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    said: Mapped[dict[str, Any]]


class PackageDownload(Base):
    """One download of a package. Kept for those who answer for the data."""

    __tablename__ = "package_download"
    __kept__ = kept(
        "evaluation",
        plain="id study_id user_id at participants",
        says={
            "sha256": _("L’empreinte de ce qui est sorti"),
        },
        whose=(Whose.TEAM,),
    )

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
