"""The catalogue: paths, their frozen versions, their steps."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id


class StepKind(enum.Enum):
    """What a step asks: a module online, being there, an exercise handed in, a preparation."""

    ONLINE = "online"
    ATTENDANCE = "attendance"
    EXERCISE = "exercise"
    PREPARATION = "preparation"


class Path(Base):
    """A curriculum made of steps (*parcours*). Facts and a link; never a course's own text."""

    __tablename__ = "path"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(default=0)  # order in the catalogue
    title: Mapped[str]
    short_title: Mapped[str]  # «SNT», where room is short
    summary: Mapped[str] = mapped_column(default="")  # one sentence of ours
    provider: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="fr")
    licence: Mapped[str] = mapped_column(default="")  # empty: not stated by the source
    hours_from: Mapped[float | None]  # where the sources give a range, its lower end
    hours: Mapped[float | None]  # of work, or the upper end; None: not stated by the source
    note: Mapped[str] = mapped_column(default="")  # what the sources leave open, or disagree on
    audiences: Mapped[list[str]] = mapped_column(default=list)  # values of people.Audience
    source: Mapped[str] = mapped_column(default="")  # where these facts come from
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))  # sub-path of

    parent: Mapped[Path | None] = relationship(remote_side="Path.id")
    versions: Mapped[list[PathVersion]] = relationship(
        back_populates="path", order_by="PathVersion.number", cascade="all, delete-orphan"
    )


class PathVersion(Base):
    """The steps of a path as they stood; an enrolment keeps the version it began with."""

    __tablename__ = "path_version"
    __table_args__ = (UniqueConstraint("path_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(default=clock.now)

    path: Mapped[Path] = relationship(back_populates="versions")
    steps: Mapped[list[Step]] = relationship(
        back_populates="version", order_by="Step.position", cascade="all, delete-orphan"
    )


class Step(Base):
    """One step (*étape*) of a path, with the units the course itself announces."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("hours IS NULL OR hours >= 0", name="hours"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path_version.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    code: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    kind: Mapped[StepKind]
    units: Mapped[list[str]] = mapped_column(default=list)
    hours: Mapped[float | None]
    is_required: Mapped[bool] = mapped_column(default=True)
    url: Mapped[str] = mapped_column(default="")

    version: Mapped[PathVersion] = relationship(back_populates="steps")
