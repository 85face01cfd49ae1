"""CSV as spreadsheets write and read it: exactly the columns of a base, both ways.

What goes out is harmless: a cell that a spreadsheet would run is written behind an apostrophe.
What comes in loses that apostrophe again, so that a text comes back as it left.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.people.models import fold
from tierslieu.web.formats import number

MAX_BYTES = 1024 * 1024
MAX_LINES = 2000
BOM = "\ufeff"  # without it a spreadsheet reads UTF-8 as something else
DELIMITER = ";"  # what a French spreadsheet expects, for it keeps the comma for decimals
# OWASP, «CSV Injection»: a cell that begins so is run as a formula, full-width twins too. One that
# begins with our own apostrophes before it gets one more: what is undone is what was done.
_DANGEROUS = re.compile("[' \u00a0]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """The cell as a text that no spreadsheet runs; :func:`unguarded` gives it back."""
    return "'" + cell if _DANGEROUS.match(cell) else cell


def unguarded(cell: str) -> str:
    """What :func:`harmless` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell[1:]) else cell


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file, line by line: byte order mark, header, one record a row (RFC 4180 quoting)."""
    yield BOM + _line(columns)
    for row in rows:
        yield _line([harmless(cell) for cell in row])


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def _refusal(message: str, code: str) -> Refused:
    return Refused(message, code=code, field="file", status=422)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16 with it, else Windows-1252.

    Raises :class:`Refused` ``csv_empty``, ``csv_too_big``, ``csv_workbook``, ``csv_encoding``.
    """
    if not data.strip():
        raise _refusal(_("Ce fichier est vide : choisissez-en un autre."), "csv_empty")
    if len(data) > MAX_BYTES:
        raise _refusal(
            _("Ce fichier est trop lourd : 1 Mo au plus. Coupez-le en plusieurs."), "csv_too_big"
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refusal(
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
    raise _refusal(
        _(
            "Ce fichier n’est pas du texte lisible : enregistrez-le de nouveau depuis votre "
            "tableur, au format CSV (UTF-8)."
        ),
        "csv_encoding",
    )


def read_table(text: str, columns: Sequence[str]) -> list[tuple[int, list[str] | None]]:
    """Each row with its line in the file, its cells in the order of ``columns``; None where the
    row has not as many cells as there are columns.

    The header names exactly these columns, in any order. Separator ``;``, ``,`` or tab. Raises
    :class:`Refused` for a file that cannot be read as a whole.
    """
    skipped = 0
    if re.match(r"sep=[;,\t]\r?\n", text):  # a spreadsheet's own hint
        text, skipped = text.partition("\n")[2], 1
    rows = max((_parse(text, mark, skipped) for mark in ";,\t"), key=lambda r: _fit(r, columns))
    order = _order(rows[0][1] if rows else [], columns)
    if len(rows) == 1:
        raise _refusal(_("Ce fichier n’a qu’un titre, et aucune ligne."), "csv_nothing")
    if len(rows) > MAX_LINES + 1:
        raise _refusal(
            _(
                "Ce fichier a %(count)s lignes, alors que 2 000 sont possibles : coupez-le en "
                "plusieurs.",
                count=number(len(rows) - 1),
            ),
            "csv_too_long",
        )
    return [(position, _cells(row, order)) for position, row in rows[1:]]


def _parse(text: str, separator: str, skipped: int) -> list[tuple[int, list[str]]]:
    """The rows that hold something, each with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1 + skipped
    try:
        for row in reader:
            position, begins = begins, reader.line_num + 1 + skipped
            if any(cell.strip() for cell in row):
                rows.append((position, row))
    except csv.Error:
        if len(rows) < 1 or len(rows[0][1]) < 2:
            return rows  # another separator reads more
        raise _refusal(
            _(
                "La ligne %(line)s ne se lit pas : un guillemet y est ouvert sans être fermé, ou "
                "une case est démesurée. Corrigez-la, puis réessayez.",
                line=begins,
            ),
            "csv_broken",
        ) from None
    return rows


def _title(text: str) -> str:
    return " ".join(fold(unicodedata.normalize("NFC", text)).split())


def _fit(rows: list[tuple[int, list[str]]], columns: Sequence[str]) -> int:
    wanted = {_title(name) for name in columns}
    return len(wanted & {_title(cell) for cell in rows[0][1]}) if rows else 0


def _order(header: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Where each column stands in the file. Raises ``csv_columns`` and says what is not right."""
    titles = [_title(cell) for cell in header]
    while titles and not titles[-1]:  # empty cells that some spreadsheets leave at the end
        titles.pop()
    wanted = [_title(name) for name in columns]
    missing = [name for name, title in zip(columns, wanted, strict=True) if title not in titles]
    unknown = [
        cell.strip()[:40] or "—"
        for place, (cell, title) in enumerate(zip(header, titles, strict=False))
        if title not in wanted or title in titles[:place]
    ]
    if missing or unknown:
        parts = [_("La première ligne doit nommer ces colonnes : %(all)s.", all=", ".join(columns))]
        if missing:
            parts.append(_("Il manque : %(names)s.", names=", ".join(missing)))
        if unknown:
            parts.append(_("En trop : %(names)s.", names=", ".join(unknown)))
        raise _refusal(" ".join(parts), "csv_columns")
    return [titles.index(title) for title in wanted]


def _cells(row: list[str], order: list[int]) -> list[str] | None:
    while len(row) > len(order) and not row[-1].strip():
        row = row[:-1]
    if len(row) != len(order):
        return None
    return [unguarded(unicodedata.normalize("NFC", row[place])).strip() for place in order]
