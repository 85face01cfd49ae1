"""The CSV for the course team: stable columns, no reporter's name, harmless in a spreadsheet.

The columns are documented in ``docs/feedback.md``; new ones are only ever added at the end. They
are named in the language of their reader, as what is said in them is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from courses.feedback.models import CourseFeedback
from courses.feedback.words import kind_words, state_words
from tierslieu import clock
from tierslieu.web.languages import MAIN, current
from tierslieu.web.sheets import BOM, DELIMITER, harmless

COLUMNS = (
    "id",
    "recu_le",
    "parcours",
    "version",
    "etape_code",
    "etape",
    "unite",
    "endroit",
    "genre",
    "genre_libelle",
    "etat",
    "etat_libelle",
    "texte",
    "repondu_le",
    "reponse",
    "moi_aussi",
    "suivi",
    "reunis",
    "capture",
)
HEADS = {
    MAIN: COLUMNS,
    "en": (
        "id",
        "received_at",
        "path",
        "version",
        "step_code",
        "step",
        "unit",
        "where",
        "kind",
        "kind_label",
        "state",
        "state_label",
        "text",
        "answered_at",
        "answer",
        "me_too",
        "follow_up",
        "joined",
        "screenshot",
    ),
}
_YES_OR_NO = {MAIN: ("oui", "non"), "en": ("yes", "no")}


def row(report: CourseFeedback) -> list[str]:
    """One report, in the order of :data:`COLUMNS`. Instants are local wall time, ISO 8601."""
    step, (yes, no) = report.step, _YES_OR_NO[current()]
    last = report.events[-1] if report.events else None
    cells = [
        str(report.id),
        clock.to_local(report.created_at).isoformat(timespec="minutes"),
        step.version.path.slug,
        str(step.version.number),
        step.code,
        step.title,
        report.unit,
        report.location,
        report.kind.value,
        str(kind_words()[report.kind]),
        report.state.value,
        str(state_words()[report.state]),
        report.body,
        clock.to_local(last.at).isoformat(timespec="minutes") if last else "",
        last.word if last else "",
        str(len(report.me_too)),
        report.upstream_url,
        " ".join(str(duplicate.id) for duplicate in report.duplicates),
        yes if report.picture_id else no,
    ]
    return [harmless(cell) for cell in cells]


def write_csv(reports: Iterable[CourseFeedback]) -> Iterator[str]:
    """The file, line by line: byte order mark, header, one record a report (RFC 4180 quoting)."""
    yield BOM + _line(HEADS[current()])
    for report in reports:
        yield _line(row(report))


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
