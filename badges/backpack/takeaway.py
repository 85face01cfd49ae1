"""Everything one holds, in one file to keep: the signed badges themselves, outside this place."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO

from flask_babel import gettext as _

from badges.awards import files
from badges.awards.models import Award
from badges.backpack.models import KeptBadge
from tierslieu.errors import Refused
from tierslieu.store.shelf import Shelf
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import read_upload

MAX_IN_MEMORY = 8 * 1024 * 1024  # bytes
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of the format: the file says nothing of when it was taken


def pack(awards: Sequence[Award], kept: Sequence[KeptBadge], uploads: Shelf) -> IO[bytes]:
    """A zip: each badge as a signed file and, of this place's, as a picture that carries it, with
    the files that the team joined (they lie in ``uploads``). At its beginning, to be read and
    closed; a large one lies on the disk.

    Badges without a file any more (forgotten) are left out; withdrawn ones are in it, as they are
    the holder's too, and whoever verifies them reads that they were withdrawn.
    """
    out: IO[bytes] = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY)  # noqa: SIM115 - given away
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, data: bytes | str) -> None:
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), data, zipfile.ZIP_DEFLATED)

        lost: list[str] = []
        for award in awards:
            if award.credential:
                stem = f"mes-badges/{award.badge.slug}-{award.id.hex[-8:]}"
                put(f"{stem}.json", award.credential)
                put(f"{stem}.png", files.make_png(award).data)
                for number, joined in enumerate(_joined(award), 1):
                    name = f"{stem}-{number}-{joined.filename}"
                    try:
                        put(name, read_upload(uploads, joined))
                    except Refused:  # lost by the disk: the rest is theirs all the same
                        lost.append(name)
        for badge in kept:
            put(f"mes-badges/recus-ailleurs/{badge.id.hex[-8:]}.{badge.form}", badge.credential)
        put("mes-badges/LISEZMOI.txt", _read_me(lost))
    out.seek(0)
    return out


def _joined(award: Award) -> list[Upload]:
    return [one.upload for one in award.judgements if one.upload is not None]


def _read_me(lost: Sequence[str]) -> str:
    missing = _(
        "Ces fichiers, joints par l’équipe, n’ont pas pu être lus et manquent ici :\n"
        "%(names)s\nDites-le à l’équipe.\n",
        names="\n".join(lost),
    )
    about = str(
        _(
            "Vos badges, tels qu’ils ont été signés.\n\n"
            "Chaque badge du lieu est ici en fichier signé (.json, Open Badges 3.0) et en image "
            "(.png) qui le contient. Ceux que d’autres vous ont délivrés sont dans "
            "« recus-ailleurs », comme vous les aviez déposés.\n\n"
            "Un fichier que l’équipe a joint à ce qu’elle a constaté est à côté de son badge : il "
            "n’est pas dans le badge.\n\n"
            "Ces fichiers se suffisent : tout vérificateur d’Open Badges les lit. Ils sont à vous "
            "seul ou seule : qui les a peut les montrer.\n"
        )
    )
    return f"{about}\n{missing}" if lost else about
