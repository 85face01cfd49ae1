"""From a grade report to outcomes: what is passed, under the settings of the path."""

from __future__ import annotations

from flask_babel import gettext as _

from courses.progress.imports.models import THRESHOLD, GradeSettings, Provider
from courses.progress.imports.outcomes import Origin, Outcome
from courses.progress.imports.reading import GradeLine, GradeReport, ReportKind
from courses.progress.imports.scores import BadScore
from courses.progress.models import RecordSource
from tierslieu.errors import Refused

MAX_NAME = 120  # characters of the file's name kept in a proof


class Marking:
    """How a path's reports are judged: its settings, or the defaults."""

    def __init__(self, settings: GradeSettings | None) -> None:
        self.threshold = settings.threshold if settings else THRESHOLD
        self.provider = settings.provider if settings else Provider.FUN
        # The name of a column, and the key of the step that it is about.
        self.columns = {c["column"]: c["step"] for c in settings.columns} if settings else {}

    @property
    def origin(self) -> Origin:
        """Where these outcomes come from."""
        apart = frozenset(self.columns.values())
        return Origin(RecordSource.GRADE_REPORT, self.provider, apart)


def judge(report: GradeReport, marking: Marking, filename: str) -> list[Outcome]:
    """One outcome a line. Raises :class:`Refused` ``report_errors`` for a file of errors."""
    if report.kind is ReportKind.ERRORS:
        raise Refused(
            _(
                "C’est la liste des erreurs d’un relevé, elle n’a pas de notes : donnez le relevé "
                "lui-même."
            ),
            code="report_errors",
            field="file",
            status=422,
        )
    columns = [(c, key) for c, key in marking.columns.items() if c in report.places]
    return [_judge(report, line, marking, columns, filename[:MAX_NAME]) for line in report.lines]


def _judge(
    report: GradeReport,
    line: GradeLine,
    marking: Marking,
    columns: list[tuple[str, str]],
    filename: str,
) -> Outcome:
    if line.fault:
        return Outcome(line.position, line.written, fault=line.fault)
    place = f"{filename}, {_('ligne %(line)s', line=line.position)}"
    done: dict[str, str] = {}
    for column, key in columns:
        try:
            score = report.score(line, column)
        except BadScore:
            fault = _("la colonne « %(column)s » ne se lit pas", column=column)
            return Outcome(line.position, line.written, fault=str(fault))
        if score is not None and score >= marking.threshold:
            done[key] = f"{place}, {column} : {percent(score)}"
    grade = line.grade
    return Outcome(
        line.position,
        line.written,
        line.email,
        line.username,
        grade is not None and grade >= marking.threshold,
        place if grade is None else f"{place} : {percent(grade)}",
        done,
        merit=-1.0 if grade is None else grade,
        note=str(_("n’est plus inscrite au cours")) if line.is_enrolled is False else "",
    )


def percent(score: float) -> str:
    """``72 %``; never rounded up to a threshold that was missed."""
    return f"{int(score * 1000 + 1e-9) / 10:g}".replace(".", ",") + "\u00a0%"
