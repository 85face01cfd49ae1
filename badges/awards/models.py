"""Awards, the keys that signed them, the lists that can revoke them."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from badges.designs.models import BadgeClass
from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.base import Base, new_id
from tierslieu.people.models import User


class Sharing(enum.Enum):
    """Private until its holder shares it: with whoever has the address, or with everybody."""

    PRIVATE = "private"
    LINK = "link"
    PUBLIC = "public"

    @property
    def is_open(self) -> bool:
        """Whether its address leads anywhere for a visitor."""
        return self is not Sharing.PRIVATE


#: What a visitor may see who has the address.
OPEN = (Sharing.LINK, Sharing.PUBLIC)


class IssuerIdentity(Base):
    """Who signs: did:web under https, did:key otherwise. One row, frozen at the first run."""

    __tablename__ = "issuer_identity"

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    did: Mapped[str]
    base_url: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class SigningKey(Base):
    """A key that signs or once signed. The private half is a file in the keys folder."""

    __tablename__ = "signing_key"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(default="Ed25519")  # Ed25519, P-256, RSA
    public_multibase: Mapped[str] = mapped_column(unique=True)  # z6Mk…, zDn…, z4MX…
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]  # signs no more; what it signed stays valid
    revoked_at: Mapped[datetime | None]  # compromised since then: nothing it signed is believed
    revocation_reason: Mapped[str] = mapped_column(default="")  # published


class StatusList(Base):
    """A BitstringStatusList: one bit an award, at a random index."""

    __tablename__ = "status_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(default="revocation")
    # The key it was begun under. A did:web signs its lists with today's key; a did:key is its
    # key, so that key goes on signing the lists of what it signed.
    signing_key_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signing_key.id"))
    size: Mapped[int] = mapped_column(default=131_072)
    bits: Mapped[bytes] = mapped_column(LargeBinary)  # size / 8 bytes, index 0 is the left-most
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    credential: Mapped[str] = mapped_column(default="")  # signed JSON, rebuilt when bits change


class FormerPlace(Base):
    """A bit of an earlier signed form of an award, set when another form took its place."""

    __tablename__ = "former_place"

    list_id: Mapped[int] = mapped_column(ForeignKey("status_list.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    award_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(default=clock.now)


class Award(Base):
    """One person's credential: ``id`` is the public UUID (random, not guessable)."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("status_list_id", "status_index"),
        Index(
            "uq_award_standing",
            "badge_id",
            "user_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    badge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_class.id"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    holder_name: Mapped[str]  # as written in the credential, if it is
    is_named: Mapped[bool] = mapped_column(default=True)  # whether the credential says the name
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learning_session.id"))
    awarded_at: Mapped[datetime] = mapped_column(default=clock.now)
    awarded_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    valid_until: Mapped[datetime | None]
    grounds: Mapped[list[str]] = mapped_column(default=list)  # the criteria met, in words
    status_list_id: Mapped[int] = mapped_column(ForeignKey("status_list.id"))
    status_index: Mapped[int]
    signing_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signing_key.id"))
    credential: Mapped[str]  # the signed document, byte for byte as issued
    sharing: Mapped[Sharing] = mapped_column(default=Sharing.PRIVATE)
    shared_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    revocation_reason: Mapped[str] = mapped_column(default="")

    badge: Mapped[BadgeClass] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    session: Mapped[LearningSession | None] = relationship()

    @property
    def shown_name(self) -> str:
        """The holder's name as everybody may read it; empty where the credential keeps it back."""
        return self.holder_name if self.is_named else ""


class HolderPage(Base):
    """Where a person's public badges stand together. Its address says nothing of the account."""

    __tablename__ = "holder_page"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), unique=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
