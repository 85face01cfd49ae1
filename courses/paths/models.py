"""The catalogue: paths, their frozen versions, their steps."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import by_team, of_nobody


class StepKind(enum.Enum):
    """What a step asks: a module online, being there, an exercise handed in, a preparation, a
    badge that one holds, a whole path of its own."""

    ONLINE = "online"
    ATTENDANCE = "attendance"
    EXERCISE = "exercise"
    PREPARATION = "preparation"
    BADGE = "badge"
    SUBPATH = "subpath"


class Path(Base):
    """A curriculum made of steps (*parcours*). Facts and a link; never a course's own text."""

    __tablename__ = "path"
    __kept__ = of_nobody(
        _("Le catalogue des parcours"),
        (
            "id slug position title short_title summary provider url language licence hours_from "
            "hours note audiences source parent_id is_local retired_at"
        ),
    )

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
    # Written or changed here: the catalogue that comes with an upgrade leaves it alone.
    is_local: Mapped[bool] = mapped_column(default=False)
    # No longer proposed: nobody begins it, whoever follows it goes on.
    retired_at: Mapped[datetime | None]

    parent: Mapped[Path | None] = relationship(remote_side="Path.id")
    versions: Mapped[list[PathVersion]] = relationship(
        back_populates="path", order_by="PathVersion.number", cascade="all, delete-orphan"
    )


class PathVersion(Base):
    """The steps of a path as they stood; an enrolment keeps the version it began with."""

    __tablename__ = "path_version"
    __table_args__ = (UniqueConstraint("path_id", "number"),)
    __kept__ = by_team(
        _("Le catalogue des parcours : ses versions"),
        "id path_id number published_at published_by_id changes",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )  # None: came with the catalogue
    changes: Mapped[str] = mapped_column(default="")  # what is new, in a sentence for who follows

    path: Mapped[Path] = relationship(back_populates="versions")
    steps: Mapped[list[Step]] = relationship(
        back_populates="version", order_by="Step.position", cascade="all, delete-orphan"
    )
    pools: Mapped[list[StepPool]] = relationship(
        back_populates="version", order_by="StepPool.position", cascade="all, delete-orphan"
    )


class StepPool(Base):
    """Steps among which one chooses: ``needed`` of them are asked («2 of 5»)."""

    __tablename__ = "step_pool"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        CheckConstraint("needed >= 1", name="needed"),
    )
    __kept__ = of_nobody(
        _("Le catalogue des parcours : les choix entre étapes"),
        "id version_id position key title needed",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str]
    title: Mapped[str]
    needed: Mapped[int]

    version: Mapped[PathVersion] = relationship(back_populates="pools")


# A step may ask that others are done first; both are of the same version.
step_need = Table(
    "step_need",
    Base.metadata,
    Column("step_id", ForeignKey("step.id", ondelete="CASCADE"), primary_key=True),
    Column("needed_id", ForeignKey("step.id", ondelete="CASCADE"), primary_key=True, index=True),
    info={
        "kept": of_nobody(
            _("Le catalogue des parcours : ce qui vient avant quoi"), "step_id needed_id"
        )
    },
)


class Step(Base):
    """One step (*étape*) of a path, with the units the course itself announces."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        UniqueConstraint("version_id", "key"),
        CheckConstraint("hours IS NULL OR hours >= 0", name="hours"),
        CheckConstraint("(kind = 'badge') = (badge IS NOT NULL)", name="badge"),
        CheckConstraint("(kind = 'subpath') = (subpath_id IS NOT NULL)", name="subpath"),
    )
    __kept__ = of_nobody(
        _("Le catalogue des parcours : les étapes"),
        (
            "id version_id position key code title kind units hours is_required url pool_id badge "
            "subpath_id"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path_version.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    # The same step in another version has the same key, whatever became of its title.
    key: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    kind: Mapped[StepKind]
    units: Mapped[list[str]] = mapped_column(default=list)
    hours: Mapped[float | None]
    is_required: Mapped[bool] = mapped_column(default=True)
    url: Mapped[str] = mapped_column(default="")
    pool_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("step_pool.id"), index=True)
    badge: Mapped[str | None]  # the slug of the badge that it asks
    subpath_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"), index=True)

    version: Mapped[PathVersion] = relationship(back_populates="steps")
    pool: Mapped[StepPool | None] = relationship()
    subpath: Mapped[Path | None] = relationship()
    needs: Mapped[list[Step]] = relationship(
        secondary=step_need,
        primaryjoin=lambda: Step.id == step_need.c.step_id,
        secondaryjoin=lambda: Step.id == step_need.c.needed_id,
        order_by=lambda: Step.position,
    )

    @property
    def is_asked(self) -> bool:
        """Whether it is asked by itself, and not one of a choice or a thing beside."""
        return self.is_required and self.pool_id is None


class PathDraft(Base):
    """A path that is being written: nothing of it is seen but by who writes.

    ``content`` is the file's shape (``courses/paths/facts.py``), whole at each change, so that a
    draft, an import and an export are one thing. ``revision`` grows at each change: who saves
    over somebody else's change is told.
    """

    __tablename__ = "path_draft"
    __kept__ = by_team(
        _("Le catalogue des parcours, en cours d’écriture"),
        "id slug content revision created_at updated_at updated_by_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
