"""What uploads offer: a person's files, a sweep of unused ones, a check that none is lost."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.house import Finding, Invariant, Job, PersonalData
from tierslieu.house_files import KeptFiles
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.store.shelf import Shelf, StoreAway
from tierslieu.uploads.queries import list_digests, list_uploads
from tierslieu.uploads.rules import sweep_files


def _shelf() -> Shelf:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings.uploads


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """What is known of a person's files; each is downloaded from its step."""
    return [
        {
            "filename": upload.filename,
            "media_type": upload.media_type,
            "size": upload.size,
            "sha256": upload.sha256,
            "created_at": upload.created_at.isoformat(),
        }
        for upload in list_uploads(db, user_id)
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Remove the rows; the bytes go at the next sweep, once no row uses them."""
    for upload in list_uploads(db, user_id):
        db.delete(upload)
    db.flush()


def sweep(db: Session, now: datetime) -> int:
    """Remove files that nothing refers to."""
    return sweep_files(_shelf(), list_digests(db), now=now)


def check_files(db: Session) -> Finding:
    """Every file is there, byte for byte."""
    uploads, shelf = list_uploads(db), _shelf()
    broken = []
    for upload in uploads:
        try:
            data = shelf.read(upload.sha256)
        except FileNotFoundError:
            broken.append(f"upload {upload.id}: lost")
        except StoreAway as error:
            broken.append(f"not looked at from upload {upload.id} on: {error.strerror}")
            break
        else:
            if hashlib.sha256(data).hexdigest() != upload.sha256:
                broken.append(f"upload {upload.id}: changed")
    return Finding(len(uploads), broken)


OFFERS = (
    PersonalData(
        "uploads",
        _l(
            "Les fichiers que vous déposez pour montrer votre travail, et ceux que l’équipe joint "
            "à ce qu’elle a constaté pour un badge."
        ),
        _l("Pour que l’équipe puisse les lire, valider vos étapes et fonder vos badges."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe ; effacés du disque dans les deux heures qui suivent."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
        swept_by=("uploads_sweep",),
    ),
    KeptFiles(
        "uploads",
        lambda settings: settings.uploads,
        lambda db: ((digest, digest) for digest in sorted(list_digests(db))),
    ),
    Job("uploads_sweep", timedelta(hours=1), sweep),
    Invariant("uploads_whole", "Chaque fichier déposé est là, intact", check_files),
)
