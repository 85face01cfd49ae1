"""Moodle's activity completion report, from bytes to typed lines; nothing of the place is known.

``report/progress/index.php`` of Moodle: the first title is empty (the full name), then what the
site shows of people, then two columns an activity: its name with, beside, the day it is expected
(or nothing); below them a state in words and its date. The variant for Excel is UTF-16LE with a
mark and tabs. A line that cannot be read is at fault alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from courses.progress.imports.completions.words import Completion, read_state, read_when
from courses.progress.imports.reading import (
    MAX_BYTES,
    GradeReport,
    check_count,
    check_width,
    read_grades,
)
from courses.progress.imports.rows import (
    SEPARATORS,
    clean_titles,
    find_header,
    row_at,
    rows_of,
    split_lines,
)
from tierslieu.web.sheets import decode_sheet, sheet_refusal


@dataclass(frozen=True, slots=True)
class CompletionLine:
    """One person of the report. ``states``: of every column that has one, in the file's order;
    ``fault``: why the line cannot be used, for people."""

    position: int  # its line in the file, the first being 1
    row: tuple[str, ...] = field(default=(), repr=False)
    states: tuple[Completion, ...] = field(default=(), repr=False)
    fault: str = ""


@dataclass(frozen=True)
class CompletionReport:
    """A whole report. ``identities``: the titles of what is said of people besides their name;
    ``activities``: the names, in the file's order, each once; ``places``: which of the pairs of
    columns bear that name."""

    identities: tuple[str, ...]
    activities: tuple[str, ...]
    places: dict[str, tuple[int, ...]] = field(repr=False)
    lines: Sequence[CompletionLine] = field(repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what may count."""
        return self.activities

    def identity(self, line: CompletionLine, title: str) -> str:
        """What that column says of the person; empty where there is no such column."""
        if title not in self.identities or not line.row:
            return ""
        cell = line.row[1 + self.identities.index(title)]
        return unicodedata.normalize("NFC", cell).strip()

    def date(self, line: CompletionLine, place: int) -> str:
        """The date beside the state of that pair, as it is written."""
        return line.row[1 + len(self.identities) + 2 * place + 1].strip()


def read_any(data: bytes, filename: str = "") -> GradeReport | CompletionReport:
    """The report in these bytes, of either kind: its columns decide.

    Raises :class:`Refused` (field ``file``) as :func:`courses.progress.imports.reading.read_report`
    does, or ``completion_no_identity``, ``completion_columns``.
    """
    lines = split_lines(decode_sheet(data, most=MAX_BYTES))
    begin = find_header(lines)
    for separator in SEPARATORS:
        titles, after = row_at(lines, begin, separator, None)
        if len(titles) > 1 and not titles[0].strip(" \ufeff"):
            return _read(lines, separator, titles, after)
    return read_grades(lines, filename)


def _read(
    lines: Sequence[str], separator: str, cells: Sequence[str], begin: int
) -> CompletionReport:
    titles = clean_titles(cells)
    check_width(len(titles))
    # The last activity is often expected on no day: its second title is empty.
    if len(titles) > 1 and read_when(titles[-1]) is None:
        titles.append("")
    first = _first_activity(titles)
    identities, names = tuple(titles[1:first]), titles[first::2]
    if not identities:
        raise sheet_refusal(
            _(
                "Ce relevé de Moodle ne donne que des noms, et un nom ne suffit pas pour "
                "reconnaître quelqu’un : dans Moodle, faites afficher l’adresse ou le nom "
                "d’utilisateur, puis exportez de nouveau."
            ),
            "completion_no_identity",
        )
    places: dict[str, tuple[int, ...]] = {}
    for place, name in enumerate(names):
        places[name] = (*places.get(name, ()), place)
    width = len(titles)
    found = [
        _read_line(row, at, width, first) for at, row in rows_of(lines, begin, separator, width)
    ]
    check_count(len(found))
    return CompletionReport(identities, tuple(places), places, found)


def _first_activity(titles: Sequence[str]) -> int:
    """Where the pairs of columns begin: as far left as every second title is a day or nothing.

    What is said of people never has such a title, so there is one answer only.
    """
    first = len(titles)
    while first >= 3 and titles[first - 2] and not _is_no_day(titles[first - 1]):
        first -= 2
    if first == len(titles) or not all(titles[1:first]) or len(set(titles[1:first])) != first - 1:
        raise _unknown_columns()
    return first


def _is_no_day(title: str) -> bool:
    return bool(title) and read_when(title) is None


def _unknown_columns() -> Exception:
    return sheet_refusal(
        _(
            "Les colonnes de ce relevé ne se lisent pas : après le nom, Moodle donne de quoi "
            "reconnaître chaque personne, puis deux colonnes pour chaque activité. Exportez-le de "
            "nouveau, en français ou en anglais, et donnez-le sans le changer."
        ),
        "completion_columns",
    )


def _read_line(row: Sequence[str], position: int, width: int, first: int) -> CompletionLine:
    if len(row) != width:
        less = len(row) < width
        fault = _("il manque des cases") if less else _("il y a plus de cases que de colonnes")
        return CompletionLine(position, fault=str(fault))
    # A state where an address should be: the titles were not understood.
    if any(read_state(cell) for cell in row[1:first] if cell.strip()):
        raise _unknown_columns()
    states = tuple(read_state(cell) for cell in row[first::2])
    known = tuple(state for state in states if state is not None)
    if len(known) != len(states):
        word = row[first + 2 * states.index(None)].strip()[:60]
        fault = _("« %(word)s » n’est pas un état que Moodle écrit", word=word)
        return CompletionLine(position, tuple(row), fault=str(fault))
    return CompletionLine(position, tuple(row), known)
