"""How the reports of a path are read: what a facilitator decides once, for all that come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.paths.queries import current_version
from courses.progress.imports.applying import GRADED
from courses.progress.imports.completions.judging import EMAIL, USERNAME
from courses.progress.imports.models import CompletionSettings, GradeSettings, Provider
from courses.progress.imports.queries import find_completion_settings, find_settings
from courses.progress.imports.reading import MAX_COLUMNS
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused


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


def change_completions(
    db: Session,
    path_id: UUID,
    *,
    provider: Provider,
    identities: Mapping[str, str],
    activities: Mapping[str, str],
    actor_id: UUID,
    now: datetime,
) -> CompletionSettings:
    """How Moodle's completion reports of this path are read from now on. ``activities``: a name,
    and the key of the step it is about, empty for «not counted»; ``identities``: a column's title,
    and ``email``, ``username`` or nothing. What is not named stays as it is.

    Raises :class:`Refused` ``no_identity``, ``identity_twice`` or ``unknown_step``.
    """
    said = [says for says in identities.values() if says]
    if identities and not said:
        raise Refused(
            _("Dites quelle colonne donne l’adresse ou l’identifiant : un nom ne suffit pas."),
            code="no_identity",
            status=422,
        )
    if len(said) != len(set(said)) or not set(said) <= {EMAIL, USERNAME}:
        raise Refused(
            _("Une seule colonne donne l’adresse, et une seule l’identifiant."),
            code="identity_twice",
            status=422,
        )
    lock_for_writing(db)
    _check_steps(db, path_id, activities.values())
    found = find_completion_settings(db, path_id) or CompletionSettings(
        path_id=path_id, activities=[], identities=[]
    )
    kept = {a["activity"]: a["step"] for a in found.activities} | dict(activities)
    found.activities = [{"activity": name, "step": key} for name, key in sorted(kept.items())]
    # One column each: what this report says replaces what another did.
    columns = {i["column"]: i["says"] for i in found.identities} | dict(identities)
    found.identities = [{"column": c, "says": says} for c, says in sorted(columns.items())]
    found.provider, found.updated_at, found.updated_by_id = provider, now, actor_id
    db.add(found)
    db.flush()
    return found


def _check_steps(db: Session, path_id: UUID, keys: Iterable[str]) -> None:
    version, keys = current_version(db, path_id), list(keys)
    known = {step.key for step in version.steps if step.kind in GRADED} if version else set()
    if not {key for key in keys if key} <= known or len(keys) > MAX_COLUMNS:
        raise Refused(
            _("Cette étape n’est plus dans ce parcours : rechargez la page."),
            code="unknown_step",
            status=422,
        )
