"""A grade report of FUN or Open edX, from bytes to typed lines; nothing of the place is known here.

Columns: ``_success_headers`` of openedx/edx-platform (``instructor_task/tasks_helper/grades.py``)
and, before addresses were in it, ``id, username, grade, …``. A problem report has two columns a
question. A line that cannot be read is at fault alone; its neighbours are read.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from courses.progress.imports.names import ReportName, read_name
from courses.progress.imports.rows import (
    SEPARATORS,
    clean_titles,
    find_header,
    row_at,
    rows_of,
    split_lines,
)
from courses.progress.imports.scores import BadScore, read_points, read_score
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.web.formats import number
from tierslieu.web.sheets import MEGABYTE, decode_sheet, sheet_refusal

MAX_BYTES = 10 * MEGABYTE
MAX_LINES = 100_000
MAX_COLUMNS = 2_000
MAX_WRITTEN = 254  # characters of an address or a username kept as it stood (RFC 5321)

# What is known of a learner besides their grades, by the column's name in lower case.
_IDENTITY = {
    "id": "id", "student id": "id", "email": "email", "username": "username",
    "grade": "grade", "final grade": "grade", "enrollment status": "status",
    "error": "error",
}  # fmt: skip
_BESIDE = frozenset({
    "cohort name", "team name", "enrollment track", "verification status",
    "certificate eligible", "certificate delivered", "certificate type",
})  # fmt: skip
_EARNED, _POSSIBLE = " (earned)", " (possible)"


class ReportKind(enum.Enum):
    """What the columns say it is, whatever the name of the file."""

    GRADES = "grades"
    PROBLEMS = "problems"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One learner of the report. ``grade``: 0 to 1, None where there is none; ``is_enrolled``: None
    where the report does not say; ``fault``: why the line cannot be used, for people."""

    position: int  # its line in the file, the first being 1
    email: str | None = None  # normalised
    username: str = ""
    grade: float | None = None
    is_enrolled: bool | None = None
    fault: str = ""
    written: str = ""  # how the report names the person, for who reads the dry run
    row: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class GradeReport:
    """A whole report. ``columns``: the names of those that hold scores, in the file's order."""

    kind: ReportKind
    name: ReportName | None
    columns: tuple[str, ...]
    lines: Sequence[GradeLine]
    places: dict[str, tuple[int, int | None]] = field(repr=False)

    def score(self, line: GradeLine, column: str) -> float | None:
        """What this line has in that column, 0 to 1; None for nothing. Raises :class:`BadScore`.

        Read when asked for: a report has hundreds of columns, of which few are looked at.
        """
        if column not in self.places or line.fault:
            return None
        first, second = self.places[column]
        earned = read_score(line.row[first]) if second is None else read_points(line.row[first])
        if second is None or earned is None:
            return earned
        possible = read_points(line.row[second])
        if not possible:
            return None
        if earned > possible:
            raise BadScore(line.row[first][:20])
        return earned / possible


def read_report(data: bytes, filename: str = "") -> GradeReport:
    """The report in these bytes. Separators ``, ;`` tab; encodings of :func:`decode_sheet`.

    Raises :class:`Refused` (field ``file``): those of :func:`decode_sheet`, ``report_no_columns``,
    ``report_too_wide``, ``report_nobody``, ``report_too_long``.
    """
    return read_grades(split_lines(decode_sheet(data, most=MAX_BYTES)), filename)


def read_grades(lines: Sequence[str], filename: str = "") -> GradeReport:
    """The same, of a text already in its lines. Raises as :func:`read_report`."""
    begin = find_header(lines)
    for separator in SEPARATORS:
        titles, after = row_at(lines, begin, separator, None)
        header = _read_header(titles)
        if header is not None:
            break
    else:
        raise sheet_refusal(
            _(
                "Ce n’est pas un relevé de notes de FUN ou d’Open edX : la première ligne doit "
                "nommer les colonnes, dont « username » ou « Email », et « grade »."
            ),
            "report_no_columns",
        )
    found = [
        _read_line(header, row, at) for at, row in rows_of(lines, after, separator, header.width)
    ]
    check_count(len(found))
    return GradeReport(
        header.kind, read_name(filename), tuple(header.columns), found, header.columns
    )


@dataclass(frozen=True)
class _Header:
    """Which column is where; ``columns``: those of scores, a question's points with what is
    possible beside."""

    kind: ReportKind
    places: dict[str, int]
    columns: dict[str, tuple[int, int | None]]
    width: int

    def cell(self, row: Sequence[str], kind: str) -> str:
        """What this row says of that; empty where there is no such column."""
        index = self.places.get(kind)
        return "" if index is None else row[index].strip()


def _read_header(titles: Sequence[str]) -> _Header | None:
    titles = clean_titles(titles)
    folded = [title.casefold() for title in titles]
    places: dict[str, int] = {}
    for index, name in enumerate(folded):
        if name in _IDENTITY:
            places.setdefault(_IDENTITY[name], index)
    if not {"email", "username"} & places.keys() or not {"grade", "error"} & places.keys():
        return None
    check_width(len(titles))
    # Problems before grades: a problem report has a grade too.
    kind = ReportKind.GRADES
    if any(name.endswith(_EARNED) for name in folded):
        kind = ReportKind.PROBLEMS
    elif "grade" not in places:
        kind = ReportKind.ERRORS
    return _Header(kind, places, _score_columns(titles, folded, set(places.values())), len(titles))


def _score_columns(
    titles: Sequence[str], folded: Sequence[str], known: set[int]
) -> dict[str, tuple[int, int | None]]:
    """Where each score is, the first of a name; a question is known by its name alone."""
    columns: dict[str, tuple[int, int | None]] = {}
    for index, (title, name) in enumerate(zip(titles, folded, strict=True)):
        if index in known or not name or name in _BESIDE or name in _IDENTITY:
            continue
        if name.startswith("experiment group") or name.endswith(_POSSIBLE):
            continue
        if not name.endswith(_EARNED):
            columns.setdefault(title, (index, None))
            continue
        question = name.removesuffix(_EARNED)
        beside = next((i for i, n in enumerate(folded) if n == question + _POSSIBLE), None)
        if beside is not None:
            columns.setdefault(title[: -len(_EARNED)], (index, beside))
    return columns


def check_width(count: int) -> None:
    """Refuse a report of too many columns."""
    if count > MAX_COLUMNS:
        raise sheet_refusal(
            _(
                "Ce relevé a %(count)s colonnes, alors que %(max)s sont possibles.",
                count=number(count),
                max=number(MAX_COLUMNS),
            ),
            "report_too_wide",
        )


def check_count(count: int) -> None:
    """Refuse a report of nobody, or of too many."""
    if not count:
        raise sheet_refusal(_("Ce relevé ne nomme personne : il n’a qu’un titre."), "report_nobody")
    if count > MAX_LINES:
        raise sheet_refusal(
            _(
                "Ce relevé a %(count)s lignes, alors que %(max)s sont possibles : coupez-le en "
                "plusieurs.",
                count=number(count),
                max=number(MAX_LINES),
            ),
            "report_too_long",
        )


def _read_line(header: _Header, row: Sequence[str], position: int) -> GradeLine:
    if len(row) != header.width:
        less = len(row) < header.width
        fault = _("il manque des cases") if less else _("il y a plus de cases que de colonnes")
        return GradeLine(position, fault=str(fault))
    email, username = header.cell(row, "email"), header.cell(row, "username")
    username = unicodedata.normalize("NFC", username)
    written = (email or username)[:MAX_WRITTEN]
    if not written or len(username) > MAX_WRITTEN:
        return GradeLine(position, fault=str(_("la personne n’y est pas nommée")))
    if header.kind is ReportKind.ERRORS:
        fault = _("la plateforme n’a pas pu calculer cette note")
        return GradeLine(position, None, username, fault=str(fault), written=written)
    try:
        grade = read_score(header.cell(row, "grade"))
    except BadScore:
        fault = _("la note ne se lit pas : il faudrait un nombre de 0 à 1")
        return GradeLine(position, None, username, fault=str(fault), written=written)
    status = header.cell(row, "status").casefold()
    try:
        address = normalise_email(email) if email else None
    except BadAddress:
        if not username:
            return GradeLine(
                position, fault=str(_("l’adresse n’est pas complète")), written=written
            )
        address = None
    return GradeLine(
        position,
        address,
        username,
        grade,
        {"enrolled": True, "unenrolled": False}.get(status),
        "",
        written,
        tuple(row),
    )
