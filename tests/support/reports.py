"""Grade reports as tests need them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from courses.progress.imports.models import Provider
from courses.progress.imports.rules import import_file
from courses.progress.imports.settings import change_settings
from courses.progress.queries import list_records
from tests.support.courses import NOW
from tierslieu.people.models import User

NAME = "inria_41028_session01_grade_report_2026-01-15-0830.csv"
QUIZ = "Quiz 1: Module 1"


def make_report(lines: Iterable[Mapping[str, object]], *columns: str) -> bytes:
    """A modern report: each line says ``email``, ``username``, ``grade`` (or nothing of them),
    ``status``, and the score of ``columns`` by name."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["Student ID", "Email", "Username", "Grade", *columns, "Enrollment Track",
         "Enrollment Status"]
    )  # fmt: skip
    for number, line in enumerate(lines, start=1):
        said = [line.get(key, "") for key in ("email", "username", "grade")]
        scores = [line.get(column, "Not Attempted") for column in columns]
        writer.writerow([number, *said, *scores, "honor", line.get("status", "enrolled")])
    return out.getvalue().encode()


def bring(db: Session, path: Path, data: bytes, *, team: User | None = None) -> dict[str, int]:
    """Import this report into the path; its counts."""
    counts = import_file(
        db, path.id, data, NAME, now=NOW, is_applied=True, actor_id=team.id if team else None
    )
    db.commit()
    return counts


def one(db: Session, path: Path, **line: Any) -> dict[str, int]:
    """Import a report of this one line."""
    return bring(db, path, make_report([line]))


def standing(db: Session, enrolment: Enrolment) -> list[tuple[int, str, str]]:
    """Each line of progress: the place of its step, its state, its source."""
    return [
        (record.step.position, record.state.value, record.source.value)
        for record in list_records(db, [enrolment.id])
    ]


def set_columns(db: Session, path: Path, team: User, **more: Any) -> None:
    """Settings of the path's imports, with what is not said as usual."""
    change_settings(
        db, path.id, **{"threshold": 0.5, "provider": Provider.FUN, "columns": {},
                        "actor_id": team.id, "now": NOW, **more},
    )  # fmt: skip
    db.commit()


def make_completions(
    identities: Iterable[str],
    activities: Iterable[str | tuple[str, str]],
    rows: Iterable[Iterable[str]],
    *,
    excel: bool = False,
) -> bytes:
    """A completion report as Moodle writes it: an activity may have the day it is expected; each
    row is the name, the identities, then a state and a date an activity."""
    separator = "\t" if excel else ","
    pairs = [one if isinstance(one, tuple) else (one, "") for one in activities]
    titles = [cell for pair in pairs for cell in pair]

    def quote(cells: Iterable[str]) -> list[str]:
        return ['"' + cell.replace('"', "'") + '"' for cell in cells]

    lines = [separator.join(["", *quote([*identities, *titles])])]
    lines += [separator.join(quote(row)) for row in rows]
    text = "\n".join(lines) + "\n"
    return b"\xff\xfe" + text.encode("utf-16-le") if excel else text.encode()
