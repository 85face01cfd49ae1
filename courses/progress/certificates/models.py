"""Certificates given by their link, what they are for, and who else gave the same."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.progress.models import RecordState, StepRecord
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody

EVERY_STEP = "*"  # all online steps of the path


class CertificateSettings(Base):
    """What a certificate of this path is worth; a path without a row has the default."""

    __tablename__ = "certificate_settings"
    __kept__ = of_nobody(
        _("Le catalogue des parcours : ce que valide un certificat d’ailleurs"),
        "path_id fulfils",
    )

    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), primary_key=True
    )
    fulfils: Mapped[str] = mapped_column(default="")  # '' nothing, '*' every step, or a step's key


class OutsideCertificate(Base):
    """A certificate of certificates.mooc.fi, by its id; the team opens it and says what it saw.

    ``state`` is the team's word about it: declared until somebody read it, even when a report
    attested its steps meanwhile; validated as long as one step rests on it.
    """

    __tablename__ = "outside_certificate"
    __table_args__ = (
        # One person's; what was returned leaves the place to whose it is.
        Index(
            "uq_outside_certificate_standing",
            "code",
            unique=True,
            sqlite_where=text("state != 'returned'"),
            postgresql_where=text("state != 'returned'"),
        ),
    )
    __kept__ = kept(
        "outside_certificates",
        plain="id user_id state given_at decided_at decided_by_id",
        says={
            "code": _("Le numéro du certificat, pour ne l’accepter qu’une fois"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[RecordState] = mapped_column(default=RecordState.DECLARED)
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )


class CertificateStep(Base):
    """A line of progress that rests on a certificate. Of those that wait in one enrolment the first
    stands in the queue, and its answer is that of the others. ``is_read``: the team answered it
    with the certificate before its eyes; a report that attests a step is no such answer."""

    __tablename__ = "certificate_step"
    __kept__ = kept(
        "outside_certificates",
        plain="record_id certificate_id is_read",
    )

    record_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("step_record.id", ondelete="CASCADE"), primary_key=True
    )
    certificate_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("outside_certificate.id", ondelete="CASCADE"), index=True
    )
    is_read: Mapped[bool] = mapped_column(default=False)

    record: Mapped[StepRecord] = relationship()
    certificate: Mapped[OutsideCertificate] = relationship()


class CertificateClash(Base):
    """Somebody else gave a certificate that stands already: the team sees it, they do not."""

    __tablename__ = "certificate_clash"
    __table_args__ = (UniqueConstraint("certificate_id", "user_id"),)
    __kept__ = kept(
        "outside_certificates",
        plain="id certificate_id user_id at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    certificate_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("outside_certificate.id", ondelete="CASCADE")
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship()
    certificate: Mapped[OutsideCertificate] = relationship()
