"""A report given, looked at, applied once; the settings of a path; one's usernames elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.paths.queries import current_version
from courses.progress.imports.applying import GRADED, Import, apply, foresee
from courses.progress.imports.grading import Marking, judge
from courses.progress.imports.models import (
    GradeImport,
    GradeImportLine,
    GradeSettings,
    OutsideUsername,
    Provider,
    fold_username,
)
from courses.progress.imports.outcomes import Answer, count
from courses.progress.imports.queries import (
    find_settings,
    find_username,
    list_stale,
    list_to_forget,
    list_usernames,
)
from courses.progress.imports.reading import MAX_COLUMNS, GradeReport, read_report
from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

KEPT_FOR = timedelta(days=1)  # a dry run, and the lines of what was applied
MAX_USERNAME = 150  # characters (Django's, and Open edX's)
SLICE = 2_000  # lines written at once
_USERNAME = re.compile(r"[\w.@+-]+")


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

    Raises :class:`Refused` as :func:`read_report` does, or ``report_errors``.
    """
    report = read_report(data, filename)
    marking = Marking(find_settings(db, path_id))
    outcomes = judge(report, marking, filename)
    order = Import(path_id, marking.origin, now, actor_id)
    if not is_applied:
        return count(foresee(db, order, outcomes))
    answers = apply(db, order, outcomes)
    done = GradeImport(
        path_id=path_id,
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

    Raises :class:`Refused` as :func:`import_file` does.
    """
    report = read_report(data, filename)
    draft = GradeImport(
        path_id=path_id,
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
    report = read_report(draft.content or b"", draft.filename)
    answers = _foresee(db, draft, report, now)
    _keep_counts(draft, answers)
    db.flush()
    _keep_lines(db, draft.id, answers)
    return draft


def _foresee(db: Session, draft: GradeImport, report: GradeReport, now: datetime) -> list[Answer]:
    marking = Marking(find_settings(db, draft.path_id))
    order = Import(draft.path_id, marking.origin, now, draft.created_by_id)
    return foresee(db, order, judge(report, marking, draft.filename))


def apply_import(db: Session, import_id: UUID, *, actor_id: UUID, now: datetime) -> GradeImport:
    """Its author applies what was looked at; the bytes are forgotten.

    What each line does is found anew, under the lock: who enrolled meanwhile is not left out.
    Raises :class:`NotYours`; :class:`Refused` ``already_applied``.
    """
    found = _lock(db, import_id, actor_id)
    report = read_report(found.content or b"", found.filename)
    marking = Marking(find_settings(db, found.path_id))
    order = Import(found.path_id, marking.origin, now, actor_id)
    answers = apply(db, order, judge(report, marking, found.filename))
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


def change_settings(
    db: Session,
    path_id: UUID,
    *,
    threshold: float,
    provider: Provider,
    columns: Mapping[str, str],
    actor_id: UUID,
    now: datetime,
) -> GradeSettings:
    """How the reports of this path are read from now on. ``columns``: a column's name, and the key
    of the step that it is about; an empty key forgets it, columns not named stay as they are.

    Raises :class:`Refused` ``bad_threshold`` or ``unknown_step``; nothing validated changes.
    """
    if not 0 < threshold <= 1:
        raise Refused(
            _("Le seuil va de 1 à 100 %."), code="bad_threshold", field="threshold", status=422
        )
    lock_for_writing(db)
    version = current_version(db, path_id)
    known = {step.key for step in version.steps if step.kind in GRADED} if version else set()
    if not {key for key in columns.values() if key} <= known or len(columns) > MAX_COLUMNS:
        raise Refused(
            _("Cette étape n’est plus dans ce parcours : rechargez la page."),
            code="unknown_step",
            status=422,
        )
    found = find_settings(db, path_id) or GradeSettings(path_id=path_id, columns=[])
    kept = {c["column"]: c["step"] for c in found.columns} | dict(columns)
    found.columns = [{"column": c, "step": key} for c, key in sorted(kept.items()) if key]
    found.threshold, found.provider = threshold, provider
    found.updated_at, found.updated_by_id = now, actor_id
    db.add(found)
    db.flush()
    return found


def declare_usernames(
    db: Session, user_id: UUID, usernames: Mapping[Provider, str], *, now: datetime
) -> None:
    """What a person is called elsewhere; an empty text takes it back.

    Raises :class:`Refused` ``bad_username`` or ``username_taken``, the field that of the provider.
    """
    lock_for_writing(db)
    had = {one.provider: one for one in list_usernames(db, user_id)}
    for provider, text in usernames.items():
        username = _check_username(text, provider)
        mine = had.get(provider)
        if not username:
            if mine is not None:
                db.delete(mine)
            continue
        other = find_username(db, provider, fold_username(username))
        if other is not None and other.user_id != user_id:
            raise _taken(provider)
        if mine is None:
            db.add(OutsideUsername(user_id=user_id, provider=provider, username=username,
                                   declared_at=now))  # fmt: skip
        elif mine.username != username:
            mine.username, mine.declared_at = username, now
        try:
            db.flush()
        except IntegrityError:  # somebody else, this very moment
            raise _taken(provider) from None
    db.flush()


def _check_username(text: str, provider: Provider) -> str:
    username = unicodedata.normalize("NFC", text).strip()
    if username and (len(username) > MAX_USERNAME or not _USERNAME.fullmatch(username)):
        raise Refused(
            _("Un identifiant n’a que des lettres, des chiffres et « . - _ @ + », sans espace."),
            code="bad_username",
            field=provider.value,
            status=422,
        )
    return username


def _taken(provider: Provider) -> Refused:
    return Refused(
        _(
            "Quelqu’un d’autre a déjà déclaré cet identifiant. S’il est bien à vous, dites-le à "
            "l’équipe."
        ),
        code="username_taken",
        field=provider.value,
        status=422,
    )
