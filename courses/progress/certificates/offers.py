"""What certificates offer to the pages that gather."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.progress.certificates.models import CertificateClash, OutsideCertificate
from courses.progress.certificates.queries import list_certificates, list_unneeded
from courses.progress.certificates.scenes import play
from tierslieu.house import PersonalData, Scene
from tierslieu.house_joining import Joining
from tierslieu.people.joining.rows import drop_doubles
from tierslieu.register import Basis


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """The certificates a person gave, and when one they gave was somebody else's already."""
    clashes = db.scalars(
        select(CertificateClash.at)
        .where(CertificateClash.user_id == user_id)
        .order_by(CertificateClash.at)
    )
    unneeded = list_unneeded(db, user_id)
    return {
        "certificates": [
            {
                "id": one.code,
                "given_at": one.given_at.isoformat(),
                "state": "unneeded" if one.id in unneeded else one.state.value,
                "decided_at": one.decided_at.isoformat() if one.decided_at else None,
            }
            for one in list_certificates(db, user_id)
        ],
        "refused_at": [at.isoformat() for at in clashes],
    }


def erase(db: Session, user_id: UUID) -> None:
    """Remove them."""
    db.execute(delete(CertificateClash).where(CertificateClash.user_id == user_id))
    db.execute(delete(OutsideCertificate).where(OutsideCertificate.user_id == user_id))


def join(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Two accounts of one person that gave the same certificate did not clash."""
    pair = [gone, kept]
    own = select(OutsideCertificate.id).where(OutsideCertificate.user_id.in_(pair))
    db.execute(
        delete(CertificateClash).where(
            CertificateClash.user_id.in_(pair), CertificateClash.certificate_id.in_(own)
        )
    )
    drop_doubles(db, CertificateClash.__tablename__, gone, kept)


OFFERS = (
    Joining("certificates", tables=frozenset({"certificate_clash"}), join=join),
    PersonalData(
        "outside_certificates",
        _l("Les certificats d’un autre site que vous donnez, et ce que l’équipe y a lu."),
        _l("Pour valider ici ce que vous avez réussi là-bas, une fois par certificat."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("certificates", play),
)
