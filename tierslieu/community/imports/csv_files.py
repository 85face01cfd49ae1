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

from tierslieu.people.models import fold
from tierslieu.web.formats import number
from tierslieu.web.sheets import (
    BOM,
    DELIMITER,
    decode_sheet,
    harmless,
    sheet_refusal,
    unguarded,
)

MAX_BYTES = 1024 * 1024
MAX_LINES = 2000


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file, line by line: byte order mark, header, one record a row (RFC 4180 quoting)."""
    yield BOM + _line(columns)
    for row in rows:
        yield _line([harmless(cell) for cell in row])


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def decode(data: bytes) -> str:
    """The text of a file. Raises :class:`Refused` (field ``file``)."""
    return decode_sheet(data, most=MAX_BYTES)


def read_table(
    text: str, columns: Sequence[str], *others: Sequence[str]
) -> list[tuple[int, list[str] | None]]:
    """Each row with its line in the file, its cells in the order of ``columns``; None where the
    row has not as many cells as there are columns.

    The header names exactly these columns, in any order, each by its own name or by the one it has
    in ``others`` (the same columns in other languages). Separator ``;``, ``,`` or tab. Raises
    :class:`Refused` for a file that cannot be read as a whole.
    """
    skipped = 0
    if re.match(r"sep=[;,\t]\r?\n", text):  # a spreadsheet's own hint
        text, skipped = text.partition("\n")[2], 1
    names = [{_title(name) for name in each} for each in zip(columns, *others, strict=True)]
    rows = max((_parse(text, mark, skipped) for mark in ";,\t"), key=lambda r: _fit(r, names))
    order = _order(rows[0][1] if rows else [], columns, names)
    if len(rows) == 1:
        raise sheet_refusal(_("Ce fichier n’a qu’un titre, et aucune ligne."), "csv_nothing")
    if len(rows) > MAX_LINES + 1:
        raise sheet_refusal(
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
        raise sheet_refusal(
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


def _fit(rows: list[tuple[int, list[str]]], names: Sequence[set[str]]) -> int:
    titles = {_title(cell) for cell in rows[0][1]} if rows else set()
    return sum(not titles.isdisjoint(each) for each in names)


def _order(header: Sequence[str], columns: Sequence[str], names: Sequence[set[str]]) -> list[int]:
    """Where each column stands in the file. Raises ``csv_columns`` and says what is not right."""
    titles = [_title(cell) for cell in header]
    while titles and not titles[-1]:  # empty cells that some spreadsheets leave at the end
        titles.pop()
    found: dict[int, int] = {}  # the place of a column among ours: its place in the file
    unknown = []
    for place, title in enumerate(titles):
        column = next((n for n, each in enumerate(names) if title in each), None)
        if column is None or column in found:
            unknown.append(header[place].strip()[:40] or "—")
        else:
            found[column] = place
    missing = [name for n, name in enumerate(columns) if n not in found]
    if missing or unknown:
        parts = [_("La première ligne doit nommer ces colonnes : %(all)s.", all=", ".join(columns))]
        if missing:
            parts.append(_("Il manque : %(names)s.", names=", ".join(missing)))
        if unknown:
            parts.append(_("En trop : %(names)s.", names=", ".join(unknown)))
        raise sheet_refusal(" ".join(parts), "csv_columns")
    return [found[n] for n in range(len(columns))]


def _cells(row: list[str], order: list[int]) -> list[str] | None:
    while len(row) > len(order) and not row[-1].strip():
        row = row[:-1]
    if len(row) != len(order):
        return None
    return [unguarded(unicodedata.normalize("NFC", row[place])).strip() for place in order]
