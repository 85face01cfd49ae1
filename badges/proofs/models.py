"""Whom the place trusts, what their badges are worth here, and which badge proves which step."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path
from courses.progress.models import StepRecord
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import by_team, kept, of_nobody


class TrustedIssuer(Base):
    """An issuer whose genuine badges the team needs not look at."""

    __tablename__ = "trusted_issuer"
    __kept__ = by_team(
        _("Les émetteurs de badges que le lieu reconnaît"),
        "id issuer name added_at added_by_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer: Mapped[str] = mapped_column(unique=True)  # its identifier: a DID or an address
    name: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    added_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    added_by: Mapped[User | None] = relationship()


class BadgeWorth(Base):
    """Which step of a path a badge of somebody else's is worth: one for each path."""

    __tablename__ = "badge_worth"
    __table_args__ = (UniqueConstraint("issuer", "achievement", "path_id"),)
    __kept__ = of_nobody(
        _("Le catalogue des badges : ce que vaut un badge d’ailleurs"),
        "id issuer achievement name path_id step_key",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issuer: Mapped[str]
    achievement: Mapped[str]  # the identifier of the badge's class
    name: Mapped[str]
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    step_key: Mapped[str]  # the same in every version

    path: Mapped[Path] = relationship()


class ProvingBadge(Base):
    """A badge that proves something here is one person's: it is given once."""

    __tablename__ = "proving_badge"
    __kept__ = kept(
        "badge_proofs",
        plain="id user_id first_at",
        says={
            "fingerprint": _("L’empreinte du badge, pour qu’il ne serve qu’une fois"),
            "issuer": _("Qui l’a donné"),
            "issuer_name": _("Son nom"),
            "achievement": _("Pour quoi"),
            "name": _("Le titre du badge"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    fingerprint: Mapped[str] = mapped_column(unique=True)  # as the backpack knows it again
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    issuer: Mapped[str]
    issuer_name: Mapped[str]
    achievement: Mapped[str]
    name: Mapped[str]
    first_at: Mapped[datetime] = mapped_column(default=clock.now)


class BadgeProof(Base):
    """A line of progress that rests on a badge, with what the check found that day."""

    __tablename__ = "badge_proof"
    __kept__ = kept(
        "badge_proofs",
        plain="record_id badge_id",
        says={
            "checks": _("Ce qui a été vérifié"),
            "doubts": _("Ce que l’équipe doit regarder"),
        },
    )

    record_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("step_record.id", ondelete="CASCADE"), primary_key=True
    )
    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("proving_badge.id", ondelete="CASCADE"), index=True
    )
    # The steps of the verification as the engine writes them, and what kept it from counting by
    # itself: codes of ``words.doubt_words``.
    checks: Mapped[list[dict[str, Any]]]
    doubts: Mapped[list[str]]

    record: Mapped[StepRecord] = relationship()
    badge: Mapped[ProvingBadge] = relationship()
