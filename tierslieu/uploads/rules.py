"""Keeping a file that somebody hands in, and giving it back unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.store.shelf import Shelf
from tierslieu.uploads.kinds import KINDS, clean_name, suffix_of
from tierslieu.uploads.models import Upload
from tierslieu.uploads.queries import sum_sizes

MAX_SIZE = 10 * 1024 * 1024  # bytes
MAX_TOTAL = (
    500 * 1024 * 1024
)  # bytes of one person: fifty of the largest, so that no disk is filled
UNUSED_FOR = timedelta(hours=1)


def check_file(filename: str, data: bytes) -> str:
    """The media type of the file, told by its content. Raises :class:`Refused` (field ``file``)
    when it is empty, larger than 10 MB, of a kind we do not take, or not what its name says."""
    if not data:
        raise _refusal(_("Ce fichier est vide : choisissez-en un autre."), "file_empty")
    if len(data) > MAX_SIZE:
        raise _refusal(
            _(
                "Ce fichier est trop lourd : %(size)s Mo, alors que 10 Mo sont possibles. "
                "Réduisez-le, ou déposez-le ailleurs et donnez son lien.",
                size=f"{len(data) / 1024 / 1024:.1f}".replace(".", ","),
            ),
            "file_too_big",
        )
    kind = KINDS.get(suffix_of(clean_name(filename)))
    if kind is None:
        raise _refusal(
            _(
                "Ce genre de fichier n’est pas accepté. Choisissez un PDF, une image PNG ou "
                "JPEG, un texte, un CSV, un document ODT ou DOCX, un carnet Jupyter ou un "
                "programme Python."
            ),
            "file_kind",
        )
    if not kind.matches(data):
        raise _refusal(
            _(
                "Ce fichier n’est pas ce que dit son nom : son contenu n’est pas du genre "
                "« %(kind)s ». Enregistrez-le de nouveau depuis son programme, puis réessayez.",
                kind=kind.label,
            ),
            "file_not_what_it_says",
        )
    return kind.media_type


def _refusal(message: str, code: str) -> Refused:
    return Refused(message, code=code, field="file", status=422)


@dataclass(frozen=True)
class KeptFile:
    """A file that was checked and is kept, before any row speaks of it."""

    filename: str  # cleaned
    media_type: str  # by content
    size: int  # bytes
    sha256: str  # hex; also the name on the shelf


def keep_file(shelf: Shelf, filename: str, data: bytes) -> KeptFile:
    """Check ``data`` and write it to ``shelf`` under its SHA-256. Done outside any transaction: a
    slow disk stops nobody else. Without a row it is swept by :func:`sweep_files`.

    Raises :class:`Refused` as :func:`check_file` does.
    """
    media_type = check_file(filename, data)
    digest = hashlib.sha256(data).hexdigest()
    # Writing it anew makes it young, so that it is not swept before its row is committed.
    shelf.write(digest, data)
    return KeptFile(clean_name(filename), media_type, len(data), digest)


def has_room(db: Session, owner_id: UUID, size: int) -> bool:
    """Whether ``size`` bytes more find room among this person's files."""
    return sum_sizes(db, owner_id) + size <= MAX_TOTAL


def row_of(kept: KeptFile, owner_id: UUID, now: datetime) -> Upload:
    """The row of a kept file, not yet in the database. Ask :func:`has_room` first."""
    return Upload(
        owner_id=owner_id,
        filename=kept.filename,
        media_type=kept.media_type,
        size=kept.size,
        sha256=kept.sha256,
        created_at=now,
    )


def store_upload(
    db: Session, shelf: Shelf, owner_id: UUID, filename: str, data: bytes, *, now: datetime
) -> Upload:
    """Check ``data`` and keep it: the bytes on ``shelf`` under their SHA-256, a row beside.

    Raises :class:`Refused` as :func:`check_file` does, or ``file_no_room`` when the person's files
    hold too much, with nothing kept. Bytes whose row is rolled back are unused, and swept by
    :func:`sweep_files`.
    """
    check_file(filename, data)
    if not has_room(db, owner_id, len(data)):
        raise _refusal(
            _(
                "Vos fichiers prennent déjà toute la place prévue, 500 Mo. Déposez celui-ci "
                "ailleurs et donnez son lien."
            ),
            "file_no_room",
        )
    kept = keep_file(shelf, filename, data)
    lock_for_writing(db)
    upload = row_of(kept, owner_id, now)
    db.add(upload)
    db.flush()
    return upload


def read_upload(shelf: Shelf, upload: Upload) -> bytes:
    """The bytes as they were handed in. Raises :class:`Refused` (404) if they were lost."""
    try:
        return shelf.read(upload.sha256)
    except FileNotFoundError:
        raise Refused(
            _("Ce fichier n’est plus sur le serveur. Prévenez l’équipe du lieu."),
            code="file_lost",
            status=404,
        ) from None


def sweep_files(shelf: Shelf, used: Collection[str], *, now: datetime) -> int:
    """Remove the files of ``shelf`` that no row uses (``used``: digests) and that are older
    than an hour; returns how many."""
    count = 0
    for entry in shelf.entries(drafts=True):
        # Each as it is looked at: what somebody hands in anew meanwhile is young, and stays.
        if entry.name not in used and now - entry.changed_at > UNUSED_FOR:
            shelf.delete(entry.name)
            count += 1
    return count
