"""Awards, the keys that signed them, the lists that can revoke them."""

from __future__ import annotations

import enum
import json
import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from badges.designs.models import BadgeClass
from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody
from tierslieu.uploads.models import Upload


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


# One current award for each badge and holder: withdrawn and renewed ones are past.
_CURRENT = "revoked_at IS NULL AND renewed_at IS NULL"
# Of what the team can draw a certificate: as ``papers.queries.is_printable`` asks it.
_PRINTABLE = f"{_CURRENT} AND suspended_at IS NULL AND credential != '' AND holder_name != ''"


def _only(rows: str) -> dict[str, Any]:
    """An index of these rows alone."""
    return {"sqlite_where": text(rows), "postgresql_where": text(rows)}


class IssuerIdentity(Base):
    """Who signs: did:web under https, did:key otherwise. One row, frozen at the first run."""

    __tablename__ = "issuer_identity"
    __kept__ = of_nobody(
        _("Ce qui permet de vérifier les badges : l’identité du lieu"),
        "id did base_url created_at",
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    did: Mapped[str]
    base_url: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class SigningKey(Base):
    """A key that signs or once signed. The private half is a file among the keys of the place."""

    __tablename__ = "signing_key"
    __kept__ = of_nobody(
        _("Ce qui permet de vérifier les badges : ses clés publiques"),
        "id kind public_multibase created_at retired_at revoked_at revocation_reason",
    )

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
    __kept__ = of_nobody(
        _("Ce qui permet de vérifier les badges : la liste des numéros retirés, sans nom"),
        "id purpose signing_key_id size bits changed_at credential",
    )

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
    __kept__ = of_nobody(
        _("Des numéros sans nom dans la liste des badges retirés"),
        "list_id index award_id set_at",
    )

    list_id: Mapped[int] = mapped_column(ForeignKey("status_list.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    award_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(default=clock.now)


class Award(Base):
    """One person's credential: ``id`` is the public UUID (random, not guessable)."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("status_list_id", "status_index"),
        Index("uq_award_standing", "badge_id", "user_id", unique=True, **_only(_CURRENT)),
        # The same promise for who has no account yet: one badge, one address.
        Index("uq_award_waiting", "badge_id", "recipient_email", unique=True, **_only(_CURRENT)),
        Index("ix_award_recipient_email", "recipient_email"),
        Index("uq_award_claim_token", "claim_token", unique=True),
        Index("ix_award_badge_id_awarded_at", "badge_id", "awarded_at"),
        # How many were withdrawn, and of how many a certificate can be drawn, without reading them.
        Index("ix_award_withdrawn", "badge_id", "revoked_at", **_only("revoked_at IS NOT NULL")),
        # Of the few that renew another: an index of all would look worth nothing to SQLite.
        Index("ix_award_renews_id", "renews_id", **_only("renews_id IS NOT NULL")),
        Index("ix_award_printable", "badge_id", "is_named", "sharing", **_only(_PRINTABLE)),
    )
    __kept__ = kept(
        "badges",
        plain=(
            "id badge_id user_id is_named session_id awarded_at awarded_by_id valid_until "
            "is_automatic status_list_id status_index signing_key_id sharing shared_at revoked_at "
            "revoked_by_id suspended_at suspended_by_id renewed_at renews_id end_told_at"
        ),
        says={
            "holder_name": _("Le nom écrit dans le badge"),
            "recipient_email": _("L’adresse d’une personne qui n’a pas encore de compte"),
            "claim_token": _("Le secret du lien pour recevoir le badge"),
            "grounds": _("Ce qui fonde le badge : critères remplis"),
            "credential": _("Le fichier signé"),
            "revocation_reason": _("Pourquoi il est retiré"),
            "suspension_reason": _("Pourquoi il est suspendu"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    badge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_class.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    # As written in the credential, if it is; where it names nobody, as the account that claimed it
    # says.
    holder_name: Mapped[str]
    is_named: Mapped[bool] = mapped_column(default=True)  # whether the credential says the name
    # Waits for the person who has this address (normalised): then there is no ``user_id``.
    recipient_email: Mapped[str | None]
    claim_token: Mapped[str | None]  # in the link of the mail: refuse it without an account
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learning_session.id"))
    awarded_at: Mapped[datetime] = mapped_column(default=clock.now)
    awarded_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    valid_until: Mapped[datetime | None]
    # Made by the clockwork the day the criteria were met, as the badge says; by nobody.
    is_automatic: Mapped[bool] = mapped_column(default=False)
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
    suspended_at: Mapped[datetime | None]  # for a while: lifted, all three are empty again
    suspended_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    suspension_reason: Mapped[str] = mapped_column(default="")
    # Written together: the older award says when it was renewed, the newer one which it renews.
    # Nothing is withdrawn: the older file is valid to its end, and then verifiable as expired.
    renewed_at: Mapped[datetime | None]
    renews_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("award.id"))
    end_told_at: Mapped[datetime | None]  # a mail said that it ends soon

    badge: Mapped[BadgeClass] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    session: Mapped[LearningSession | None] = relationship()
    judgements: Mapped[list[AwardJudgement]] = relationship(
        order_by="AwardJudgement.position", cascade="all, delete-orphan"
    )

    @property
    def shown_name(self) -> str:
        """The holder's name as everybody may read it; empty where the credential keeps it back."""
        return self.holder_name if self.is_named else ""

    @property
    def issuer_name(self) -> str:
        """What the place was called when it signed this: what is signed does not change."""
        return str(json.loads(self.credential)["issuer"]["name"])


class HolderPage(Base):
    """Where a person's public badges stand together. Its address says nothing of the account."""

    __tablename__ = "holder_page"
    __kept__ = kept(
        "badges",
        plain="id user_id created_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), unique=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class AwardJudgement(Base):
    """What a facilitator judged when awarding, and why: the holder and the team read all of it,
    everybody else what is marked as public, which is in the credential itself."""

    __tablename__ = "award_judgement"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)
    __kept__ = kept(
        "badges",
        plain="id award_id position is_reason_public is_url_public upload_id",
        says={
            "statement": _("Le critère"),
            "reason": _("Ce que l’équipe a constaté"),
            "evidence_url": _("L’adresse de ce qu’elle a vu"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    award_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("award.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    statement: Mapped[str]  # what the badge asked to be judged, as it stood
    reason: Mapped[str]
    is_reason_public: Mapped[bool]
    evidence_url: Mapped[str] = mapped_column(default="")
    is_url_public: Mapped[bool] = mapped_column(default=False)
    # The holder's own, kept for them and the team: never published.
    upload_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("upload.id", ondelete="SET NULL")
    )

    upload: Mapped[Upload | None] = relationship(cascade="all, delete-orphan", single_parent=True)


class BatchState(enum.Enum):
    """From the dry run to the last line."""

    DRAFT = "draft"  # shown line by line, nothing awarded
    RUNNING = "running"  # confirmed: the worker is at it
    DONE = "done"
    STOPPED = "stopped"  # by a person: what was awarded stays, the rest is left


class AwardBatch(Base):
    """One badge for many people at once, as it was shown and confirmed."""

    __tablename__ = "award_batch"
    __kept__ = kept(
        "badges",
        plain=(
            "id badge_id session_id state created_at created_by_id confirmed_at "
            "ended_at forgotten_at"
        ),
        says={
            "filename": _("Le nom de la liste déposée"),
            "ground": _("Ce qui fonde les badges de la liste"),
            "hindrance": _("Ce qui empêche de les signer"),
        },
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    badge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_class.id"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learning_session.id"))
    filename: Mapped[str] = mapped_column(default="")  # of the CSV; empty: people ticked on a page
    ground: Mapped[str] = mapped_column(default="")  # what the whole rests on, in a person's words
    state: Mapped[BatchState] = mapped_column(default=BatchState.DRAFT, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]  # its lines say no more whom they were about
    hindrance: Mapped[str] = mapped_column(default="")  # why it does not go on, as a code

    badge: Mapped[BadgeClass] = relationship()
    session: Mapped[LearningSession | None] = relationship()
    created_by: Mapped[User | None] = relationship()


class Outlook(enum.Enum):
    """What the dry run says of a line."""

    ACCOUNT = "account"  # has an account, meets the criteria
    ADDRESS = "address"  # no account here: an award that waits to be claimed
    HELD = "held"
    UNMET = "unmet"
    INVALID = "invalid"
    OWN = "own"
    CLOSED = "closed"


class LineState(enum.Enum):
    """What became of a line."""

    WAITING = "waiting"
    DONE = "done"
    LEFT_OUT = "left_out"  # the dry run said no
    REFUSED = "refused"  # something changed between the dry run and its turn
    STOPPED = "stopped"


class AwardBatchLine(Base):
    """One recipient of a batch. Written done in the transaction that writes the award."""

    __tablename__ = "award_batch_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "email"),
        UniqueConstraint("batch_id", "user_id"),
        Index("ix_award_batch_line_state", "batch_id", "state", "position"),
    )
    __kept__ = kept(
        "badges",
        plain="id batch_id position user_id times outlook state leased_until award_id",
        says={
            "written": _("La ligne telle qu’elle est"),
            "email": _("L’adresse à qui donner le badge"),
            "name": _("Le nom à y écrire"),
            "note": _("Ce que l’équipe en dit"),
            "words": _("Pourquoi la ligne est écartée"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award_batch.id", ondelete="CASCADE"))
    position: Mapped[int]  # its line in the file, from 1 (the header)
    written: Mapped[str] = mapped_column(default="")  # the address as it stood in the file
    email: Mapped[str | None] = mapped_column(index=True)  # normalised; None: invalid or forgotten
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    times: Mapped[int] = mapped_column(default=1)  # how often the address stood in the file
    outlook: Mapped[Outlook]
    state: Mapped[LineState]
    words: Mapped[str] = mapped_column(default="")  # the reason, as it is told
    leased_until: Mapped[datetime | None]  # a worker signs it until then
    award_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("award.id", ondelete="SET NULL"))

    user: Mapped[User | None] = relationship()
