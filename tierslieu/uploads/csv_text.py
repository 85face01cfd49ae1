"""The text of a CSV file as spreadsheets and platforms save it: whichever encoding, never guessed
where it cannot be known."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.web.formats import number

MEGABYTE = 1024 * 1024


def refuse_file(message: str, code: str) -> Refused:
    """A file that cannot be read as a whole, said beside the field ``file``."""
    return Refused(message, code=code, field="file", status=422)


def decode_csv(data: bytes, max_bytes: int) -> str:
    """The text of the file: UTF-8 with or without its mark, UTF-16 with it, or Windows-1252.

    Raises :class:`Refused` ``csv_empty``, ``csv_too_big`` (above ``max_bytes``), ``csv_workbook``
    or ``csv_encoding``.
    """
    if not data.strip():
        raise refuse_file(_("Ce fichier est vide : choisissez-en un autre."), "csv_empty")
    if len(data) > max_bytes:
        raise refuse_file(
            _(
                "Ce fichier est trop lourd : %(size)s Mo au plus. Coupez-le en plusieurs.",
                size=number(max_bytes // MEGABYTE),
            ),
            "csv_too_big",
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refuse_file(
            _(
                "C’est un classeur, pas un fichier CSV : dans votre tableur, choisissez "
                "« Enregistrer sous », puis le format CSV."
            ),
            "csv_workbook",
        )
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise refuse_file(
        _(
            "Ce fichier n’est pas du texte lisible : enregistrez-le de nouveau depuis votre "
            "tableur, au format CSV (UTF-8)."
        ),
        "csv_encoding",
    )
