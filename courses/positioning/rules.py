"""Questions become what everybody answers; answers are kept, shown and forgotten as their owner
wishes; what somebody ticked becomes enrolments."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import find_living_enrolment
from courses.enrolments.rules import enrol
from courses.paths.facts import facts_of_step
from courses.paths.models import Path
from courses.paths.queries import current_version, find_path, list_paths, list_steps
from courses.positioning.facts import Choices, QuizFacts
from courses.positioning.models import ChosenStep, KeptAnswers, QuizVersion
from courses.positioning.queries import (
    current_quiz,
    find_kept,
    find_kept_of_path,
    find_version,
    list_chosen_of,
    list_kept,
)
from courses.positioning.reading import Around, tidy_answers
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

SHIPPED = "quizzes.json"
KEPT_FOR = timedelta(days=365)


def read_shipped() -> list[dict[str, Any]]:
    """The questions shipped with the house: a list, one entry a path."""
    text = files("courses.positioning").joinpath(SHIPPED).read_text("utf-8")
    quizzes: list[dict[str, Any]] = json.loads(text)["quizzes"]
    return quizzes


def load_quizzes(
    db: Session, *, now: datetime, quizzes: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Bring the questions in line with ``quizzes`` (default: those shipped).

    What was changed here stays as it is here; a path that does not exist is passed over. A second
    run changes nothing. Raises ``pydantic.ValidationError`` for an ill-formed entry.
    """
    lock_for_writing(db)
    for entry in read_shipped() if quizzes is None else quizzes:
        quiz = QuizFacts.model_validate(entry)
        path = find_path(db, quiz.path)
        last = current_quiz(db, path.id) if path else None
        if path is not None and (last is None or not last.is_local):
            publish_version(db, path, quiz, now=now)


def publish_version(
    db: Session, path: Path, quiz: QuizFacts, *, now: datetime, actor_id: UUID | None = None
) -> QuizVersion | None:
    """These questions are asked from now on; None when they are already."""
    last = current_quiz(db, path.id)
    if last is not None and quiz_in(last) == quiz:
        last.is_local = last.is_local or actor_id is not None
        return None
    version = QuizVersion(
        path_id=path.id,
        number=last.number + 1 if last else 1,
        content=quiz.model_dump(mode="json"),
        is_local=actor_id is not None,
        published_at=now,
        published_by_id=actor_id,
    )
    db.add(version)
    db.flush()
    return version


def quiz_in(version: QuizVersion) -> QuizFacts:
    """What a version asks."""
    return QuizFacts.model_validate(version.content)


def look_around(db: Session, path: Path) -> Around:
    """The path as it stands now, and the other paths that are proposed."""
    version = current_version(db, path.id)
    return Around(
        steps=[facts_of_step(step) for step in version.steps] if version else [],
        paths={one.slug: one.title for one in list_paths(db) if one.id != path.id},
    )


# --- what somebody keeps ------------------------------------------------------------------------


def keep_answers(
    db: Session,
    user_id: UUID,
    path_id: UUID,
    version_id: UUID,
    answers: Mapping[str, Sequence[str]],
    *,
    now: datetime,
) -> KeptAnswers:
    """Keep what somebody answered, in the place of what they kept of this path before. What was
    shown to the team is so no more: these are other answers.

    Raises :class:`Refused` ``nothing_said``, :class:`NotYours` if there are no such questions.
    """
    _lock(db, user_id)
    version = find_version(db, path_id, version_id)
    if version is None:
        raise NotYours
    said = tidy_answers(quiz_in(version), answers)
    if not said:
        raise Refused(
            _("Répondez d’abord à une question : il n’y a encore rien à garder."),
            code="nothing_said",
            status=422,
        )
    kept = find_kept_of_path(db, user_id, path_id)
    if kept is None:
        kept = KeptAnswers(user_id=user_id, path_id=path_id)
        db.add(kept)
    kept.version_id = version.id
    kept.answers = {key: list(ticked) for key, ticked in said.items()}
    kept.kept_at, kept.shared_at = now, None
    db.flush()
    return kept


def answers_in(kept: KeptAnswers) -> Choices:
    """What somebody kept, as it is read."""
    return {key: tuple(ticked) for key, ticked in kept.answers.items()}


def share_answers(
    db: Session, user_id: UUID, kept_id: UUID, *, is_shared: bool, now: datetime
) -> KeptAnswers:
    """Show one's own answers to the team, or no longer."""
    _lock(db, user_id)
    kept = find_kept(db, user_id, kept_id)
    if kept is None:
        raise NotYours
    if is_shared != (kept.shared_at is not None):
        kept.shared_at = now if is_shared else None
    db.flush()
    return kept


def delete_answers(db: Session, user_id: UUID, kept_id: UUID) -> None:
    """Away with one's own answers."""
    _lock(db, user_id)
    kept = find_kept(db, user_id, kept_id)
    if kept is None:
        raise NotYours
    db.delete(kept)
    db.flush()


def forget_old(db: Session, ids: Sequence[UUID], *, now: datetime) -> int:
    """Away with those answers, where they are older than they are kept."""
    lock_for_writing(db)
    old = db.execute(
        delete(KeptAnswers)
        .where(KeptAnswers.id.in_(ids), KeptAnswers.kept_at < now - KEPT_FOR)
        .returning(KeptAnswers.id)
    )
    return len(old.all())


def forget_person(db: Session, user_id: UUID) -> None:
    """Away with all that somebody kept, and with the steps they chose to begin with."""
    for kept in list_kept(db, user_id):
        db.delete(kept)
    for chosen in list_chosen_of(db, user_id):
        db.delete(chosen)
    db.flush()


# --- what somebody decides ----------------------------------------------------------------------


def begin_chosen(
    db: Session,
    user_id: UUID,
    path_id: UUID,
    *,
    slugs: Collection[str],
    keys: Collection[str],
    now: datetime,
) -> list[Enrolment]:
    """Follow the paths that somebody ticked; the steps they ticked, which are of the path whose
    questions these are, are remembered as those they begin with.

    All or nothing. Whoever follows a path already goes on in it. Gives the enrolments, that of
    this path first. Raises :class:`Refused` ``nothing_ticked`` or ``step_gone``, and as
    :func:`courses.enrolments.rules.enrol`.
    """
    _lock(db, user_id)
    path = db.get(Path, path_id)
    if path is None:
        raise NotYours
    wanted = list(dict.fromkeys(([path.slug] if keys or path.slug in slugs else []) + [*slugs]))
    if not wanted:
        raise Refused(
            _("Cochez ce que vous voulez suivre, ou quittez cette page : rien n’est obligatoire."),
            code="nothing_ticked",
            status=422,
        )
    made = [_follow(db, user_id, slug, now) for slug in wanted]
    if keys:
        _remember(db, made[0], keys, now)
    return made


def _follow(db: Session, user_id: UUID, slug: str, now: datetime) -> Enrolment:
    path = find_path(db, slug)
    if path is None:
        raise NotYours
    living = find_living_enrolment(db, user_id, path.id)
    return living or enrol(db, user_id, path.id, now=now)


def _remember(db: Session, enrolment: Enrolment, keys: Collection[str], now: datetime) -> None:
    known = {step.key for step in list_steps(db, [enrolment.version_id])}
    if not known.issuperset(keys):
        raise Refused(
            _(
                "Une étape cochée n’est pas dans la version du parcours que vous suivez : "
                "décochez-la, ou passez d’abord à la nouvelle version."
            ),
            code="step_gone",
        )
    db.execute(delete(ChosenStep).where(ChosenStep.enrolment_id == enrolment.id))
    db.add_all(
        ChosenStep(enrolment_id=enrolment.id, key=key, chosen_at=now) for key in sorted(set(keys))
    )
    db.flush()


def _lock(db: Session, user_id: UUID) -> None:
    lock_for_writing(db)
    db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
