"""Rows of a sheet that came from another system, whoever wrote it: a line that cannot be read
spoils itself alone."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence

SEPARATORS = (",", ";", "\t")
JOINED = 20  # physical lines that a quoted cell may span
MAX_TITLE = 300  # characters of a column's name


def split_lines(text: str) -> list[str]:
    """The physical lines, whatever ends them."""
    return re.split(r"\r\n|\n|\r", text)


def find_header(lines: Sequence[str]) -> int:
    """Where the titles are: below a spreadsheet's own hint and empty lines."""
    begin = 1 if re.fullmatch(r"sep=[;,\t]", lines[0]) else 0
    while begin < len(lines) and not lines[begin].strip(" ,;\t"):
        begin += 1
    return begin


def clean_titles(cells: Sequence[str]) -> list[str]:
    """Names of columns as they are compared and remembered; no empty ones at the end."""
    titles = [" ".join(unicodedata.normalize("NFC", t).split())[:MAX_TITLE] for t in cells]
    while titles and not titles[-1]:
        titles.pop()
    return titles


def row_at(
    lines: Sequence[str], at: int, separator: str, width: int | None
) -> tuple[list[str], int]:
    """The row that begins at this line, and where the next begins.

    A quote left open spoils its own line, not the rest of the file: lines are joined only where
    together they make a row of the right width (any width, for the header).
    """
    text = lines[at] if at < len(lines) else ""
    if text.count('"') % 2 == 0:
        return _parse(text, separator), at + 1
    joined = text
    for end in range(at + 1, min(at + JOINED, len(lines))):
        joined += "\n" + lines[end]
        if lines[end].count('"') % 2:
            row = _parse(joined, separator, strict=True)
            if width is None or len(row) == width:
                return row, end + 1
            break
    return [text], at + 1


def _parse(text: str, separator: str, *, strict: bool = False) -> list[str]:
    """The cells; one alone where there are none to be told apart. ``strict``: so too where a quote
    is closed in the midst of a cell."""
    try:
        return next(csv.reader([text], delimiter=separator, quotechar='"', strict=strict), [])
    except csv.Error:  # or a cell beyond all measure
        return [text]


def rows_of(
    lines: Sequence[str], begin: int, separator: str, width: int
) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds something, with its line in the file."""
    at = begin
    while at < len(lines):
        row, after = row_at(lines, at, separator, width)
        if any(cell.strip() for cell in row):
            while len(row) > width and not row[-1].strip():
                row.pop()  # the empty cells that some spreadsheets leave at the end
            yield at + 1, row
        at = after
