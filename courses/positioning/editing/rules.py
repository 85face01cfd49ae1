"""Drafts of questions: begun, changed, read from a file, published, given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.positioning.facts import ProposalFacts, QuestionFacts, QuizFacts
from courses.positioning.models import QuizDraft, QuizVersion
from courses.positioning.problems import find_problems, read_file
from courses.positioning.queries import current_quiz, find_draft
from courses.positioning.rules import look_around, publish_version, quiz_in
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

Change = Callable[[QuizFacts], QuizFacts]


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


One = TypeVar("One", bound=_Keyed)


def facts_in(draft: QuizDraft) -> QuizFacts:
    """What a draft says."""
    return QuizFacts.model_validate(draft.content)


def begin_draft(db: Session, path: Path, *, actor_id: UUID, now: datetime) -> QuizDraft:
    """A draft of the next version of a path's questions, or the one that is being written."""
    lock_for_writing(db)
    draft = find_draft(db, path.id)
    if draft is not None:
        return draft
    last = current_quiz(db, path.id)
    quiz = quiz_in(last) if last else QuizFacts(path=path.slug)
    try:
        return _keep(db, path, quiz, actor_id, now)
    except Refused:
        draft = find_draft(db, path.id)
        if draft is None:
            raise
        return draft


def import_draft(
    db: Session, path: Path, data: bytes, *, actor_id: UUID, now: datetime
) -> QuizDraft:
    """A file becomes a draft of this path's questions, which somebody reads before publishing.

    Raises :class:`Refused` ``bad_file`` (each mistake and its place in ``more["mistakes"]``),
    ``other_path`` or ``draft_exists``.
    """
    quiz, mistakes = read_file(data)
    if quiz is None:
        raise Refused(
            " ".join(mistakes) or _("Ce fichier ne se lit pas."),
            code="bad_file",
            field="file",
            status=422,
            more={"mistakes": mistakes},
        )
    if quiz.path != path.slug:
        raise Refused(
            _(
                "Ce fichier est le questionnaire de « %(other)s » : importez-le depuis la page de "
                "ce parcours, ou changez « path » dans le fichier.",
                other=quiz.path,
            ),
            code="other_path",
            field="file",
            status=422,
        )
    lock_for_writing(db)
    if find_draft(db, path.id) is not None:
        raise _exists()
    return _keep(db, path, quiz, actor_id, now)


def change_draft(
    db: Session,
    path_id: UUID,
    change: Change,
    *,
    revision: int | None,
    actor_id: UUID,
    now: datetime,
) -> QuizDraft:
    """Apply ``change`` to a draft. ``revision``: the one that was read (None: whichever, for a
    change that does not rest on what was read). Raises :class:`Refused` ``draft_changed``."""
    draft = _lock(db, path_id)
    if revision is not None and draft.revision != revision:
        raise Refused(
            _(
                "Quelqu’un a changé ce brouillon entre-temps, et rien n’a été écrasé. Relisez-le "
                "dans un autre onglet, puis gardez de nouveau ce que vous aviez écrit."
            ),
            code="draft_changed",
        )
    # Read again as a file would be: a change put together from facts may break a bound of theirs.
    quiz = QuizFacts.model_validate(change(facts_in(draft)).model_dump())
    draft.content = quiz.model_dump(mode="json")
    draft.revision += 1
    draft.updated_at, draft.updated_by_id = now, actor_id
    return draft


def publish_draft(
    db: Session, path: Path, *, revision: int, actor_id: UUID, now: datetime
) -> QuizVersion | None:
    """A draft becomes what everybody answers; None when nothing changed. From now on what comes
    with an upgrade leaves these questions alone. Raises :class:`Refused` ``draft_changed`` or
    ``has_problems``."""
    draft = _lock(db, path.id)
    if draft.revision != revision:
        raise Refused(
            _("Quelqu’un a changé ce brouillon entre-temps : relisez-le avant de publier."),
            code="draft_changed",
        )
    quiz = facts_in(draft)
    problems = problems_of(db, path, quiz)
    if problems:
        raise Refused(" ".join(problems), code="has_problems", more={"problems": problems})
    version = publish_version(db, path, quiz, now=now, actor_id=actor_id)
    db.delete(draft)
    db.flush()
    return version


def problems_of(db: Session, path: Path, quiz: QuizFacts) -> list[str]:
    """What keeps these questions from being published, in sentences."""
    return find_problems(quiz, look_around(db, path))


def give_up_draft(db: Session, path_id: UUID) -> None:
    """Throw a draft away; the questions asked now stay as they are."""
    db.delete(_lock(db, path_id))
    db.flush()


# --- changes of a draft: from facts to facts ----------------------------------------------------


def with_sheet(**values: Any) -> Change:
    """Other words about the whole; questions and proposals stay."""
    return lambda quiz: QuizFacts.model_validate({**quiz.model_dump(), **values})


def with_question(question: QuestionFacts, *, key: str | None = None) -> Change:
    """A question added at the end, or in the place of the one of that key."""
    return lambda quiz: quiz.model_copy(update={"questions": _with(quiz.questions, question, key)})


def with_question_moved(key: str, by: int) -> Change:
    """A question moved one place up (-1) or down (+1); at an end it stays."""

    def change(quiz: QuizFacts) -> QuizFacts:
        here = _find(quiz.questions, key)
        there = min(max(here + by, 0), len(quiz.questions) - 1)
        questions = list(quiz.questions)
        questions.insert(there, questions.pop(here))
        return quiz.model_copy(update={"questions": tuple(questions)})

    return change


def without_question(key: str) -> Change:
    """A question taken out."""

    def change(quiz: QuizFacts) -> QuizFacts:
        _find(quiz.questions, key)
        questions = tuple(one for one in quiz.questions if one.key != key)
        return quiz.model_copy(update={"questions": questions})

    return change


def with_proposal(proposal: ProposalFacts, *, key: str | None = None) -> Change:
    """A proposal added, or in the place of the one of that key."""
    return lambda quiz: quiz.model_copy(update={"proposals": _with(quiz.proposals, proposal, key)})


def without_proposal(key: str) -> Change:
    """A proposal taken out, and out of what the answers speak for."""

    def change(quiz: QuizFacts) -> QuizFacts:
        _find(quiz.proposals, key)
        questions = tuple(
            question.model_copy(
                update={
                    "choices": tuple(
                        one.model_copy(
                            update={"counts_for": tuple(k for k in one.counts_for if k != key)}
                        )
                        for one in question.choices
                    )
                }
            )
            for question in quiz.questions
        )
        proposals = tuple(one for one in quiz.proposals if one.key != key)
        return quiz.model_copy(update={"proposals": proposals, "questions": questions})

    return change


def _with(items: Sequence[One], item: One, key: str | None) -> tuple[One, ...]:
    if key is None:
        return (*items, item)
    _find(items, key)
    return tuple(item if one.key == key else one for one in items)


def _find(items: Sequence[One], key: str) -> int:
    for place, one in enumerate(items):
        if one.key == key:
            return place
    raise NotYours


def _lock(db: Session, path_id: UUID) -> QuizDraft:
    lock_for_writing(db)
    draft = db.scalar(
        select(QuizDraft)
        .where(QuizDraft.path_id == path_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotYours
    return draft


def _exists() -> Refused:
    return Refused(
        _("Un brouillon de ce questionnaire existe déjà : publiez-le ou abandonnez-le d’abord."),
        code="draft_exists",
        field="file",
    )


def _keep(db: Session, path: Path, quiz: QuizFacts, actor_id: UUID, now: datetime) -> QuizDraft:
    draft = QuizDraft(
        path_id=path.id,
        content=quiz.model_dump(mode="json"),
        updated_at=now,
        updated_by_id=actor_id,
    )
    try:
        with db.begin_nested():
            db.add(draft)
    except IntegrityError:  # somebody, or a second tap, began it at the same instant
        raise _exists() from None
    return draft
