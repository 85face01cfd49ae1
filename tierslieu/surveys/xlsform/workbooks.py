"""The workbook itself: of a sane size, its words as they were typed, our own sheet of scales."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from zipfile import BadZipFile, ZipFile

from flask_babel import gettext as _
from openpyxl import load_workbook

from tierslieu.errors import Refused

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024  # bytes of the workbook's sheets: a zip of zeros is refused
MOST_ROWS, MOST_COLUMNS = 5000, 80  # of a sheet
_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


@dataclass(frozen=True)
class Opened:
    """``typed``: by the words as pyxform hands them on (straight quotes, single spaces), those of
    the file; ``scales``: the lines of our own sheet, by column."""

    typed: dict[str, str]
    scales: list[dict[str, str]]


def refusal(sentence: str) -> Refused:
    """Why a file is not taken, beside its field."""
    return Refused(sentence, code="bad_xlsform", field="file", status=422)


def unreadable() -> Refused:
    """The refusal of what is no workbook."""
    return refusal(_("Ce fichier ne se lit pas : donnez un classeur XLSForm (.xlsx)."))


def straighten(words: str) -> str:
    """Words as pyxform hands them on."""
    return re.sub(r"\s+", " ", words.strip()).translate(_STRAIGHT)


def open_workbook(data: bytes) -> Opened:
    """Read the words of a workbook. Raises :class:`Refused` ``bad_xlsform``."""
    if len(data) > MOST_BYTES:
        raise refusal(_("Ce fichier est trop lourd : 2 Mo au plus."))
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise refusal(_("Ce fichier est trop lourd une fois ouvert."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {
            name: [
                [str(cell) if cell is not None else "" for cell in row]
                for row in book[name].iter_rows(
                    max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True
                )
            ]
            for name in book.sheetnames
        }
    except (BadZipFile, KeyError, ValueError, TypeError, OSError, IndexError, AttributeError):
        raise unreadable() from None
    cells = [cell for rows in sheets.values() for row in rows for cell in row if cell]
    head, *lines = sheets.get("scales") or [[]]
    return Opened(
        {straighten(cell): cell.strip() for cell in cells},
        [dict(zip(head, line, strict=False)) for line in lines if line and line[0]],
    )
