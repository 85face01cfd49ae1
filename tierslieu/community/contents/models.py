"""The base of contents: one row for each thing that is shared."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu.base import Base
from tierslieu.community.entries.models import SPACE, Entry, EntryFile
from tierslieu.register import Whose, kept


class Rights(enum.Enum):
    """«Libre de droit»: whether others may take it and change it."""

    YES = "yes"
    NO = "no"
    TO_CHECK = "to_check"


class Content(Entry, Base):
    """An activity, a text, a film, an exercise: the six columns of the workshop's table."""

    __tablename__ = "content"
    __table_args__ = (
        CheckConstraint(SPACE, name="space"),
        CheckConstraint("rights <> 'yes' OR licence <> ''", name="licence"),
        Index("ix_content_newest", "created_at", "id"),
    )
    __kept__ = kept(
        "community",
        plain=(
            "id owner_id pilot_id is_public revision created_at changed_at hidden_at hidden_by_id"
        ),
        says={
            "subject": _("La matière"),
            "content": _("Ce qu’est la ressource"),
            "description": _("Ce qu’elle apporte"),
            "link": _("Son adresse"),
            "author": _("Qui l’a faite"),
            "rights": _("À qui elle est"),
            "licence": _("Sa licence"),
            "search_text": _("Les mêmes mots sans accents, pour chercher"),
            "hidden_reason": _("Pourquoi l’équipe l’a masquée"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    subject: Mapped[str]  # Objet
    content: Mapped[str] = mapped_column(default="")  # Contenu: what it is, in a few words
    description: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    rights: Mapped[Rights]  # Libre de droit
    licence: Mapped[str] = mapped_column(default="")  # its name, or what was typed

    files: Mapped[list[EntryFile]] = relationship(
        order_by=EntryFile.id, cascade="all, delete-orphan"
    )

    def texts(self) -> tuple[str, ...]:
        """What the search looks into."""
        return self.subject, self.content, self.description, self.author, self.licence
