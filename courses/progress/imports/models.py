"""What importing remembers: names elsewhere, the settings of a path, and files looked at."""

from __future__ import annotations

import enum
import unicodedata
import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, by_team, kept

THRESHOLD = 0.5  # of a path that has no settings of its own


class Provider(enum.Enum):
    """Where one has another username."""

    FUN = "fun"
    EDX = "edx"
    MOODLE = "moodle"
    H5P = "h5p"


def fold_username(text: str) -> str:
    """A username as it is compared: no capitals, one form for each accent."""
    return unicodedata.normalize("NFC", text.strip().casefold())


class OutsideUsername(Base):
    """The username a person says is theirs at a provider. Their word: no proof of it is asked."""

    __tablename__ = "outside_username"
    __table_args__ = (
        UniqueConstraint("provider", "folded"),
        UniqueConstraint("user_id", "provider"),
    )
    __kept__ = kept(
        "outside_usernames",
        plain="id user_id provider declared_at",
        says={
            "username": _("L’identifiant de la personne sur un autre site, si elle le donne"),
            "folded": _("Le même, sans majuscules, pour le reconnaître"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    provider: Mapped[Provider]
    username: Mapped[str]  # as they wrote it
    folded: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)

    @validates("username")
    def _keep_folded(self, key: str, username: str) -> str:
        self.folded = fold_username(username)
        return username


class GradeSettings(Base):
    """How the reports of a path are read: the threshold, whose usernames, and which column is
    about which step. A path without a row has the defaults."""

    __tablename__ = "grade_settings"
    __table_args__ = (CheckConstraint("threshold > 0 AND threshold <= 1", name="threshold"),)
    __kept__ = by_team(
        _("Le catalogue des parcours : comment lire un relevé"),
        "path_id threshold provider columns updated_at updated_by_id",
    )

    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), primary_key=True
    )
    threshold: Mapped[float] = mapped_column(default=THRESHOLD)
    provider: Mapped[Provider] = mapped_column(default=Provider.FUN)
    # [{"column": its name in the report, "step": the step's key, the same in every version}]
    columns: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )


class CompletionSettings(Base):
    """How Moodle's completion reports of a path are read: which activity is about which step, and
    which column says who somebody is. A path without a row: nobody said anything yet."""

    __tablename__ = "completion_settings"
    __kept__ = by_team(
        _("Le catalogue des parcours : comment lire un relevé d’activités"),
        "path_id provider activities identities updated_at updated_by_id",
    )

    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[Provider] = mapped_column(default=Provider.MOODLE)
    # [{"activity": its name, "step": the step's key, or "" for «not counted»}]
    activities: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    # [{"column": its title, "says": "email", "username" or ""}]
    identities: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )


class ImportKind(enum.Enum):
    """What a report tells of: grades, or Moodle's completed activities."""

    GRADES = "grades"
    COMPLETIONS = "completions"


class Outlook(enum.Enum):
    """What a line does, or did: every line has one."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNMATCHED = "unmatched"
    ERROR = "error"


class GradeImport(Base):
    """A report given on the page: its dry run, then what applying it did.

    ``content`` are its bytes, kept until it is applied, or a day; the counts stay.
    """

    __tablename__ = "grade_import"
    __table_args__ = (Index("ix_grade_import_path", "path_id", "created_at"),)
    __kept__ = kept(
        "outside_usernames",
        plain=(
            "id path_id kind created_at created_by_id applied_at changed unchanged unmatched errors"
        ),
        says={
            "filename": _("Le nom du relevé déposé"),
            "columns": _("Ce que disent ses colonnes"),
            "content": _("Le relevé, le temps de le relire"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
        stays=_(
            "Un relevé que l’équipe vient de déposer, et qui peut nommer cette personne : un jour."
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    kind: Mapped[ImportKind] = mapped_column(choice(ImportKind, "kind"), default=ImportKind.GRADES)
    filename: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(default=list)  # of scores, or names of activities
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    applied_at: Mapped[datetime | None]
    changed: Mapped[int] = mapped_column(default=0)  # of the lines below, or those forgotten since
    unchanged: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)

    path: Mapped[Path] = relationship()
    created_by: Mapped[User | None] = relationship()

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.changed + self.unchanged + self.unmatched + self.errors


class GradeImportLine(Base):
    """One line with who it is and what it does; forgotten a day after."""

    __tablename__ = "grade_import_line"
    __table_args__ = (
        Index("ix_grade_import_line_place", "import_id", "position"),
        Index("ix_grade_import_line_kind", "import_id", "outlook", "position"),
    )
    __kept__ = kept(
        "outside_usernames",
        plain="id import_id position user_id outlook",
        says={
            "written": _("La ligne du relevé telle qu’elle est"),
            "words": _("Pourquoi elle est gardée ou écartée"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grade_import.id", ondelete="CASCADE"))
    position: Mapped[int]
    written: Mapped[str] = mapped_column(default="")  # how the report names the person
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    outlook: Mapped[Outlook] = mapped_column(choice(Outlook, "outlook"))
    words: Mapped[str] = mapped_column(default="")

    user: Mapped[User | None] = relationship()
