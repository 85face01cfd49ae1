"""Endorsements: asked for by a link, given, declined, withdrawn."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from badges.awards.models import Award
from badges.designs.models import BadgeClass
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept


class EndorsementState(enum.Enum):
    """From the question to what became of it."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # given once; by who gave it
    EXPIRED = "expired"  # nobody answered in time
    CANCELLED = "cancelled"  # by who asked: an empty row, kept as long as the mail counts


class Endorsement(Base):
    """What a partner was asked to say of a badge class or of one award, and what they said."""

    __tablename__ = "endorsement"
    __table_args__ = (
        CheckConstraint("(badge_id IS NULL) <> (award_id IS NULL)", name="about"),
        # The address is there as long as an answer is awaited, and no longer.
        CheckConstraint("(state = 'asked') = (email IS NOT NULL)", name="email"),
        CheckConstraint(
            "(state IN ('given', 'withdrawn')) = (credential <> '')", name="credential"
        ),
        # One question at a time about one thing to one address.
        UniqueConstraint("badge_id", "email"),
        UniqueConstraint("award_id", "email"),
    )
    __kept__ = kept(
        "endorsements",
        plain=(
            "id badge_id award_id asked_by_id asked_at expires_at reminded_at attempts state "
            "answered_at has_own_key valid_until withdrawn_at hidden_at hidden_by_id"
        ),
        says={
            "organisation": _("L’organisme dont on demande le soutien"),
            "website": _("Son site"),
            "email": _("L’adresse à qui l’on écrit, jusqu’à la réponse"),
            "mail_domain": _(
                "Le domaine de cette adresse, pour dire de quel organisme vient la réponse"
            ),
            "message": _("Le mot de qui demande"),
            "secret_hash": _("L’empreinte du lien de réponse"),
            "reminder_hash": _("L’empreinte du lien du rappel"),
            "signer_name": _("Le nom de qui a répondu"),
            "signer_role": _("Sa fonction"),
            "comment": _("Son mot"),
            "credential": _("Le soutien signé"),
            "issuer_did": _("L’identifiant de l’organisme"),
            "hidden_reason": _("Pourquoi l’équipe l’a masqué"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
            Whose.PARTNERS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    badge_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE")
    )
    award_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"))
    # For an award: its holder, and nobody else.
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    organisation: Mapped[str]  # as asked; once given, as the partner wrote it
    website: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]  # private; erased with the answer
    mail_domain: Mapped[str]  # where the link went: shown beside what was given
    message: Mapped[str] = mapped_column(default="")  # the word in the mail; erased with the answer
    secret_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256 of the link's secret
    reminder_hash: Mapped[str | None] = mapped_column(unique=True)  # and of the reminder's
    attempts: Mapped[int] = mapped_column(default=0)  # files handed in by this link
    state: Mapped[EndorsementState] = mapped_column(default=EndorsementState.ASKED, index=True)
    answered_at: Mapped[datetime | None]
    signer_name: Mapped[str] = mapped_column(default="")
    signer_role: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")
    credential: Mapped[str] = mapped_column(default="")  # the signed EndorsementCredential
    issuer_did: Mapped[str] = mapped_column(default="")  # whose key signed it
    has_own_key: Mapped[bool] = mapped_column(default=False)  # signed elsewhere, handed in
    valid_until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]  # by the team
    hidden_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    hidden_reason: Mapped[str] = mapped_column(default="")

    badge: Mapped[BadgeClass | None] = relationship()
    award: Mapped[Award | None] = relationship()
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])

    @property
    def subject(self) -> BadgeClass:
        """The badge it is about, or the badge whose award it is about."""
        found = self.badge or (self.award.badge if self.award else None)
        assert found is not None
        return found
