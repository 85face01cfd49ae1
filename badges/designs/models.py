"""Badge classes: what an Open Badges *Achievement* says, and the criteria a machine can check."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path, Step
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.register import Whose, by_team, kept, of_nobody


class CriterionKind(enum.Enum):
    """A condition that can be computed from what the house knows, or that a facilitator states."""

    PATH_COMPLETED = "path_completed"  # every required step of ``path`` done
    STEP_DONE = "step_done"  # ``step`` done
    HALF_DAYS = "half_days"  # ``count`` half-days attended, of ``path`` if given
    HOURS = "hours"  # ``count`` hours of presence and of steps done, of ``path`` if given
    SESSION_ATTENDED = "session_attended"  # present at the session awarded from
    BADGE_HELD = "badge_held"  # ``asked_badge`` held: standing, not over
    JUDGEMENT = "judgement"  # a facilitator says ``statement`` holds, and why


class Level(enum.Enum):
    """How far a badge goes, from first steps to guiding others."""

    INITIATION = "initiation"  # does it with help, in a simple case
    PRACTICE = "approfondissement"  # does it alone, in ordinary cases
    EXPERTISE = "expertise"  # does it in cases never met before, and guides others


class BadgeClass(Base):
    """One version of a class of achievement: name, picture, criteria, skills, hours.

    An award points to a version. A later version is a row of its own that names the one it
    replaces; the address of each stays for ever.
    """

    __tablename__ = "badge_class"
    __table_args__ = (
        CheckConstraint("hours IS NULL OR hours > 0", name="hours"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(version = 1) = (previous_id IS NULL)", name="previous"),
    )
    __kept__ = by_team(
        _("Le catalogue des badges"),
        (
            "id slug name description criteria name_en description_en criteria_en level hours "
            "valid_months shape colour icon ground mark text version previous_id created_at "
            "created_by_id published_at archived_at frozen_at automatic suspendable"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str]
    criteria: Mapped[str]  # Markdown, read by people
    # The same three in English: all or none.
    name_en: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    criteria_en: Mapped[str] = mapped_column(default="")
    level: Mapped[Level | None] = mapped_column(choice(Level, "level"))
    hours: Mapped[int | None]  # of work; the standard publishes them as credits
    valid_months: Mapped[int | None]  # None: for life
    shape: Mapped[str] = mapped_column(default="hexagon")
    colour: Mapped[str] = mapped_column(default="mer")
    icon: Mapped[str] = mapped_column(default="code")
    # Two colours of its own, «#rrggbb», when ``colour`` names no palette.
    ground: Mapped[str] = mapped_column(default="")
    mark: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")  # a few letters on the picture
    version: Mapped[int] = mapped_column(default=1)
    # One version follows another: two people who begin the next one get the same.
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("badge_class.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    published_at: Mapped[datetime | None]  # None: a draft that only facilitators see
    archived_at: Mapped[datetime | None]  # no longer awarded
    # First awarded: from then on the facts stay as the holders' credentials tell them.
    frozen_at: Mapped[datetime | None]
    # Awarded without anybody reading it over, as soon as all that it asks is there.
    automatic: Mapped[bool] = mapped_column(default=False)
    # An award of it can be suspended for a while: its credentials have a second status entry.
    suspendable: Mapped[bool] = mapped_column(default=False)

    skills: Mapped[list[BadgeSkill]] = relationship(
        order_by="BadgeSkill.position", cascade="all, delete-orphan"
    )
    groups: Mapped[list[BadgeCriterionGroup]] = relationship(
        order_by="BadgeCriterionGroup.position", cascade="all, delete-orphan"
    )
    previous: Mapped[BadgeClass | None] = relationship(remote_side=[id])
    own_picture: Mapped[BadgePicture | None] = relationship(cascade="all, delete-orphan")
    endorsements: Mapped[list[BadgeEndorsement]] = relationship(
        order_by="(BadgeEndorsement.given_at, BadgeEndorsement.id)", cascade="all, delete-orphan"
    )

    @property
    def conditions(self) -> list[BadgeCriterion]:
        """Every condition of every group, in order."""
        return [condition for group in self.groups for condition in group.conditions]


class BadgePicture(Base):
    """A picture handed in instead of the one drawn here, cleaned before it is kept."""

    __tablename__ = "badge_picture"
    __kept__ = of_nobody(
        _("Le catalogue des badges : images"),
        "badge_id svg png",
    )

    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE"), primary_key=True
    )
    svg: Mapped[str | None]  # None when it was handed in as PNG
    png: Mapped[bytes]  # handed in, or drawn once from the SVG


class BadgeEndorsement(Base):
    """A partner's signed word on this version, as it is published and signed with it today.

    A room above puts it there and takes it away; ``id`` is the one it has there.
    """

    __tablename__ = "badge_endorsement"
    __kept__ = kept(
        "endorsements",
        plain="id badge_id given_at valid_until",
        says={
            "credential": _("Le soutien signé, publié avec le badge"),
        },
        whose=(Whose.PARTNERS,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE"), index=True
    )
    credential: Mapped[str]  # the EndorsementCredential, JSON
    given_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class BadgeSkill(Base):
    """An alignment to an item of a competency framework."""

    __tablename__ = "badge_skill"
    __kept__ = of_nobody(
        _("Le catalogue des badges : compétences"),
        "id badge_id position framework framework_name code name url",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    framework: Mapped[str]  # key in frameworks.json, e.g. CRCN
    framework_name: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]


class BadgeCriterionGroup(Base):
    """Conditions of which all, or at least ``needed``, must hold; all groups of a badge must."""

    __tablename__ = "badge_criterion_group"
    __table_args__ = (CheckConstraint("needed >= 1", name="needed"),)
    __kept__ = of_nobody(
        _("Le catalogue des badges : groupes de critères"),
        "id badge_id position needed",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    needed: Mapped[int | None]  # None: all of them

    conditions: Mapped[list[BadgeCriterion]] = relationship(
        order_by="BadgeCriterion.position", cascade="all, delete-orphan"
    )


class BadgeCriterion(Base):
    """One condition of a badge class."""

    __tablename__ = "badge_criterion"
    __table_args__ = (
        CheckConstraint("count >= 1", name="count"),
        CheckConstraint("kind <> 'path_completed' OR path_id IS NOT NULL", name="path"),
        CheckConstraint("(kind = 'step_done') = (step_id IS NOT NULL)", name="step"),
        CheckConstraint("(kind = 'badge_held') = (asked_badge_id IS NOT NULL)", name="badge"),
        CheckConstraint("(kind = 'judgement') = (statement <> '')", name="statement"),
    )
    __kept__ = of_nobody(
        _("Le catalogue des badges : critères"),
        "id group_id position kind path_id step_id asked_badge_id count statement",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    group_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_criterion_group.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    kind: Mapped[CriterionKind]
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))
    step_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("step.id"))
    asked_badge_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("badge_class.id"), index=True
    )
    count: Mapped[int] = mapped_column(default=1)
    # What a facilitator must have seen: «a conduit une séance devant une classe».
    statement: Mapped[str] = mapped_column(default="")

    path: Mapped[Path | None] = relationship()
    step: Mapped[Step | None] = relationship()
    asked_badge: Mapped[BadgeClass | None] = relationship(foreign_keys=[asked_badge_id])
