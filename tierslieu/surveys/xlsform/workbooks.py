"""The workbook itself: of a sane size, its words as they were typed, our own sheet of scales."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from zipfile import ZipFile

from flask_babel import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from pyxform.constants import SUPPORTED_SHEET_NAMES

from tierslieu.errors import Refused

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 10 * 1024 * 1024  # bytes of the workbook's sheets: a zip of zeros is refused
MOST_ROWS, MOST_COLUMNS = 5000, 80  # of a sheet
MOST_IN_A_CELL = 32_767  # characters: the limit of Excel itself
MOST_CHARACTERS = 1_000_000  # of all cells: a string that many cells share counts in each
SCALES = "scales"
_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Rows = list[list[Any]]


@dataclass(frozen=True)
class Opened:
    """``data``: the sheets that are read, and nothing else of the file; ``typed``: by the words as
    pyxform hands them on (straight quotes, single spaces), those of the file; ``scales``: the lines
    of our own sheet, by column."""

    data: bytes
    typed: dict[str, str]
    scales: list[dict[str, str]]


def refusal(sentence: str) -> Refused:
    """Why a file is not taken, beside its field."""
    return Refused(sentence, code="bad_xlsform", field="file", status=422)


def unreadable() -> Refused:
    """The refusal of what is no workbook."""
    return refusal(
        _(
            "Ce fichier ne se lit pas : donnez un classeur XLSForm (.xlsx) entier, "
            "sans mot de passe."
        )
    )


def straighten(words: str) -> str:
    """Words as pyxform hands them on."""
    return re.sub(r"\s+", " ", words.strip()).translate(_STRAIGHT)


def open_workbook(data: bytes) -> Opened:
    """Read the words of a workbook. Raises :class:`Refused` ``bad_xlsform``."""
    if len(data) > MOST_BYTES:
        raise refusal(_("Ce fichier est trop lourd : 2 Mo au plus."))
    try:
        sheets = _sheets(data)
        words = {cell for rows in sheets.values() for row in rows for cell in row if _is_text(cell)}
        head, *lines = [[_plain(cell) for cell in row] for row in sheets.pop(SCALES, [])] or [[]]
        packed = _packed(sheets)
    except Refused:
        raise
    except Exception:  # zip, deflate, XML, dates: what a damaged file raises is listed nowhere
        raise unreadable() from None
    return Opened(
        packed,
        {straighten(one): _clean(one).strip() for one in words},
        [dict(zip(head, line, strict=False)) for line in lines if line and line[0]],
    )


def check_text(value: Any) -> None:
    """Raise :class:`Refused` ``not_xlsform`` for words that no workbook holds."""
    if isinstance(value, str) and (len(value) > MOST_IN_A_CELL or _NO_XML.search(value)):
        raise Refused(
            _(
                "« %(words)s… » ne tient dans aucun classeur : un caractère invisible, ou trop de "
                "caractères. Récrivez ces mots, puis exportez de nouveau.",
                words=_NO_XML.sub("", value)[:30],
            ),
            code="not_xlsform",
            status=422,
        )


def text_cell(sheet: Any, value: Any) -> Any:
    """A cell whose words stay words, where a spreadsheet would take them for a formula."""
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _sheets(data: bytes) -> dict[str, Rows]:
    """The cells of the sheets that are read, by name. What pyxform would take of a file is no more
    than this: it is not given the file itself."""
    with ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(one.file_size for one in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise refusal(_("Ce fichier est trop lourd une fois ouvert."))
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    read = {*SUPPORTED_SHEET_NAMES, SCALES}
    found: dict[str, Rows] = {}
    room = MOST_CHARACTERS
    for name in book.sheetnames:
        if name.lower() not in read and len(book.sheetnames) > 1:
            continue
        rows: Rows = []
        cells = book[name].iter_rows(
            max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1, values_only=True
        )
        for row in cells:
            room -= _weigh(row)
            if room < 0:
                raise refusal(_("Ce fichier contient trop de texte : un million de caractères."))
            rows.append(_trimmed(row))
        _check_size(rows)
        found[name.lower()] = rows
    return found


def _trimmed(row: tuple[Any, ...]) -> list[Any]:
    """A row up to its last cell."""
    filled = [place for place, one in enumerate(row, start=1) if one is not None]
    return list(row[: filled[-1]]) if filled else []


def _weigh(row: tuple[Any, ...]) -> int:
    """How many characters are in a row; what is no text counts for a few."""
    lengths = [len(one) if isinstance(one, str) else 8 for one in row if one is not None]
    if lengths and max(lengths) > MOST_IN_A_CELL:
        raise refusal(
            _("Une case de ce fichier est trop longue : %(most)s caractères.", most=MOST_IN_A_CELL)
        )
    return sum(lengths)


def _check_size(rows: Rows) -> None:
    if any(_plain(one) for row in rows[MOST_ROWS:] for one in row) or any(
        _plain(one) for row in rows for one in row[MOST_COLUMNS:]
    ):
        raise refusal(
            _(
                "Une feuille de ce fichier est trop grande : %(rows)s lignes et "
                "%(columns)s colonnes au plus.",
                rows=MOST_ROWS,
                columns=MOST_COLUMNS,
            )
        )


def _packed(sheets: dict[str, Rows]) -> bytes:
    """These cells as a workbook of their own."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([text_cell(sheet, _clean(cell)) for cell in row])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell)


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _clean(cell: Any) -> Any:
    """Words without what no keyboard types: in a form, they could not be kept again."""
    if not isinstance(cell, str):
        return cell
    lines = unicodedata.normalize("NFC", _NO_XML.sub("", cell))
    lines = lines.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
