"""A report given, looked at, applied once; the settings of a path; one's usernames elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from courses.progress.imports.applying import Import, apply, foresee
from courses.progress.imports.completions.judging import Plan, check_plan, judge_completions
from courses.progress.imports.completions.reading import CompletionReport, read_any
from courses.progress.imports.grading import Marking, judge
from courses.progress.imports.models import (
    GradeImport,
    GradeImportLine,
    ImportKind,
)
from courses.progress.imports.outcomes import Answer, Origin, Outcome, count
from courses.progress.imports.queries import (
    find_completion_settings,
    find_settings,
    list_stale,
    list_to_forget,
)
from courses.progress.imports.reading import GradeReport
from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

KEPT_FOR = timedelta(days=1)  # a dry run, and the lines of what was applied
SLICE = 2_000  # lines written at once


def import_file(
    db: Session,
    path_id: UUID,
    data: bytes,
    filename: str,
    *,
    now: datetime,
    is_applied: bool,
    actor_id: UUID | None = None,
) -> dict[str, int]:
    """Read a report and apply it, or only look at what it would do; the counts of
    :func:`courses.progress.imports.outcomes.count`. What was applied leaves its counts, no lines.

    Raises :class:`Refused` as :func:`read_any` does, or ``report_errors``, ``mapping_missing``.
    """
    report = read_any(data, filename)
    if isinstance(report, CompletionReport):
        check_plan(report, Plan(find_completion_settings(db, path_id)))
    origin, outcomes = _judge(db, path_id, report, filename, now)
    order = Import(path_id, origin, now, actor_id)
    if not is_applied:
        return count(foresee(db, order, outcomes))
    answers = apply(db, order, outcomes)
    done = GradeImport(
        path_id=path_id,
        kind=kind_of(report),
        filename=filename,
        columns=list(report.columns),
        created_at=now,
        created_by_id=actor_id,
        applied_at=now,
    )
    _keep_counts(done, answers)
    db.add(done)
    db.flush()
    return count(answers)


def draft_import(
    db: Session, path_id: UUID, data: bytes, filename: str, *, now: datetime, actor_id: UUID
) -> GradeImport:
    """The dry run of a file, kept for a day with its bytes. Nothing is validated.

    Of a completion report of which nothing is mapped yet, nothing counts. Raises
    :class:`Refused` as :func:`read_any` does, or ``report_errors``.
    """
    report = read_any(data, filename)
    draft = GradeImport(
        path_id=path_id,
        kind=kind_of(report),
        filename=filename,
        columns=list(report.columns),
        content=data,
        created_at=now,
        created_by_id=actor_id,
    )
    answers = _foresee(db, draft, report, now)
    lock_for_writing(db)
    db.add(draft)
    _keep_counts(draft, answers)
    db.flush()
    _keep_lines(db, draft.id, answers)
    return draft


def look_again(db: Session, import_id: UUID, *, actor_id: UUID, now: datetime) -> GradeImport:
    """The dry run once more: the settings changed. Raises as :func:`apply_import` does."""
    draft = _lock(db, import_id, actor_id)
    report = read_any(draft.content or b"", draft.filename)
    answers = _foresee(db, draft, report, now)
    _keep_counts(draft, answers)
    db.flush()
    _keep_lines(db, draft.id, answers)
    return draft


def reread(draft: GradeImport) -> GradeReport | CompletionReport | None:
    """The report of a dry run; None once its bytes are forgotten."""
    return read_any(draft.content, draft.filename) if draft.content is not None else None


def kind_of(report: GradeReport | CompletionReport) -> ImportKind:
    """What this report tells of."""
    is_grades = isinstance(report, GradeReport)
    return ImportKind.GRADES if is_grades else ImportKind.COMPLETIONS


def _judge(
    db: Session,
    path_id: UUID,
    report: GradeReport | CompletionReport,
    filename: str,
    now: datetime,
) -> tuple[Origin, list[Outcome]]:
    """What the report says of people, by the settings of the path."""
    if isinstance(report, GradeReport):
        marking = Marking(find_settings(db, path_id))
        return marking.origin, judge(report, marking, filename)
    plan = Plan(find_completion_settings(db, path_id))
    return plan.origin, judge_completions(report, plan, filename, now)


def _foresee(
    db: Session, draft: GradeImport, report: GradeReport | CompletionReport, now: datetime
) -> list[Answer]:
    origin, outcomes = _judge(db, draft.path_id, report, draft.filename, now)
    return foresee(db, Import(draft.path_id, origin, now, draft.created_by_id), outcomes)


def apply_import(db: Session, import_id: UUID, *, actor_id: UUID, now: datetime) -> GradeImport:
    """Its author applies what was looked at; the bytes are forgotten.

    What each line does is found anew, under the lock: who enrolled meanwhile is not left out.
    Raises :class:`NotYours`; :class:`Refused` ``already_applied``.
    """
    found = _lock(db, import_id, actor_id)
    report = read_any(found.content or b"", found.filename)
    origin, outcomes = _judge(db, found.path_id, report, found.filename, now)
    answers = apply(db, Import(found.path_id, origin, now, actor_id), outcomes)
    _keep_counts(found, answers)
    found.applied_at, found.content = now, None
    db.flush()
    _keep_lines(db, found.id, answers)
    return found


def discard_import(db: Session, import_id: UUID, *, actor_id: UUID) -> None:
    """Forget a dry run, bytes and lines. Raises as :func:`apply_import` does."""
    _delete(db, [_lock(db, import_id, actor_id).id])


def _lock(db: Session, import_id: UUID, actor_id: UUID) -> GradeImport:
    lock_for_writing(db)
    found = db.get(GradeImport, import_id, with_for_update=True, populate_existing=True)
    if found is None or found.created_by_id != actor_id:
        raise NotYours
    if found.applied_at is not None:
        raise Refused(
            _("Ce relevé est déjà importé : la page montre ce qu’il a changé."),
            code="already_applied",
        )
    return found


def _keep_counts(into: GradeImport, answers: Sequence[Answer]) -> None:
    counts = count(answers)
    into.changed, into.unchanged = counts["changed"], counts["unchanged"]
    into.unmatched, into.errors = counts["unmatched"], counts["errors"]


def _keep_lines(db: Session, import_id: UUID, answers: Sequence[Answer]) -> None:
    """These lines instead of those that were."""
    db.execute(delete(GradeImportLine).where(GradeImportLine.import_id == import_id))
    for start in range(0, len(answers), SLICE):
        rows = [
            {
                "id": new_id(),
                "import_id": import_id,
                "position": answer.outcome.position,
                "written": answer.outcome.written,
                "user_id": answer.user_id,
                "outlook": answer.outlook,
                "words": answer.words,
            }
            for answer in answers[start : start + SLICE]
        ]
        db.execute(insert(GradeImportLine), rows)


def _delete(db: Session, ids: Sequence[UUID]) -> None:
    # A bare DELETE each: thousands of lines are not read to be forgotten.
    db.execute(delete(GradeImportLine).where(GradeImportLine.import_id.in_(ids)))
    db.execute(delete(GradeImport).where(GradeImport.id.in_(ids)))


def forget_imports(db: Session, now: datetime) -> int:
    """Forget dry runs nobody applied within a day, and who was on the lines of those that were;
    gives how many imports."""
    lock_for_writing(db)
    stale, applied = list_stale(db, now - KEPT_FOR), list_to_forget(db, now - KEPT_FOR)
    if stale:
        _delete(db, stale)
    if applied:
        db.execute(delete(GradeImportLine).where(GradeImportLine.import_id.in_(applied)))
    return len(stale) + len(applied)
