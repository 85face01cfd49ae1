"""Tables as spreadsheets write and read them (CSV): how a file is read as text, and how a cell goes
out that no spreadsheet runs."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.web.formats import number

BOM = "\ufeff"  # without it a spreadsheet reads UTF-8 as something else
DELIMITER = ";"  # what a French spreadsheet expects, for it keeps the comma for decimals
MEGABYTE = 1024 * 1024
# OWASP, «CSV Injection»: a cell that begins so is run as a formula, full-width twins too. One that
# begins with our own apostrophes before it gets one more: what is undone is what was done.
_DANGEROUS = re.compile("[' \u00a0]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = (b"\xff\xfe", b"\xfe\xff")


def harmless(cell: str) -> str:
    """The cell as a text that no spreadsheet runs; :func:`unguarded` gives it back."""
    return "'" + cell if _DANGEROUS.match(cell) else cell


def unguarded(cell: str) -> str:
    """What :func:`harmless` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell[1:]) else cell


def decode_sheet(data: bytes, *, most: int) -> str:
    """The text of a file of at most ``most`` bytes: UTF-8 with or without its mark, UTF-16 with it,
    else Windows-1252.

    Raises :class:`Refused` (field ``file``) ``csv_empty``, ``csv_too_big``, ``csv_workbook``,
    ``csv_encoding``.
    """
    if not data.strip():
        raise sheet_refusal(_("Ce fichier est vide : choisissez-en un autre."), "csv_empty")
    if len(data) > most:
        raise sheet_refusal(
            _(
                "Ce fichier est trop lourd : %(most)s Mo au plus. Coupez-le en plusieurs.",
                most=number(most / MEGABYTE),
            ),
            "csv_too_big",
        )
    if data.startswith(_WORKBOOKS):
        raise sheet_refusal(
            _(
                "C’est un classeur, pas un fichier CSV : dans votre tableur, choisissez "
                "« Enregistrer sous », puis le format CSV."
            ),
            "csv_workbook",
        )
    for encoding in ("utf-16",) if data.startswith(_MARKS) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise sheet_refusal(
        _(
            "Ce fichier n’est pas du texte lisible : enregistrez-le de nouveau depuis votre "
            "tableur, au format CSV (UTF-8)."
        ),
        "csv_encoding",
    )


def sheet_refusal(message: str, code: str) -> Refused:
    """What is wrong with a file as a whole, beside its field."""
    return Refused(message, code=code, field="file", status=422)
