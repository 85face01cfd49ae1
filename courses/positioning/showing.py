"""The page of a result: what is proposed, why, and the sessions at which one can still book."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template

from courses.enrolments.queries import find_living_enrolment
from courses.paths.models import Path
from courses.paths.queries import current_version, find_path
from courses.positioning import words
from courses.positioning.desk import the_house
from courses.positioning.models import KeptAnswers, QuizVersion
from courses.positioning.reading import Result, read_answers, tidy_answers
from courses.positioning.rules import look_around, quiz_in
from tierslieu import clock
from tierslieu.db import db
from tierslieu.house_paths import OpenSession, OpenSessions
from tierslieu.web.access import current_person_or_none

SHOWN = 3  # sessions of a path or of a step


def sessions_of(path_id: UUID, user_id: UUID | None, now: datetime) -> list[OpenSession]:
    """The sessions about that path at which this person can still take a seat, the next first."""
    found = [
        one
        for offer in the_house().all(OpenSessions)
        for one in offer.find(db.session(), path_id, user_id, now)
    ]
    return sorted(found, key=lambda one: (one.starts, one.url))


def _sessions(
    path: Path, result: Result, user_id: UUID | None, now: datetime
) -> Mapping[str, Sequence[OpenSession]]:
    """By key of a step, by slug of a path: those to show beside each proposal."""
    own = sessions_of(path.id, user_id, now)
    keys = [one.step.key for one in result.first if one.step]
    shown = {f"step:{key}": [one for one in own if one.step_key == key][:SHOWN] for key in keys}
    shown[path.slug] = [one for one in own if one.step_key not in keys][:SHOWN]
    for proposal in result.others:
        other = find_path(db.session(), proposal.path or "")
        shown[proposal.path or ""] = sessions_of(other.id, user_id, now)[:SHOWN] if other else []
    return shown


def result_page(
    path: Path,
    version: QuizVersion,
    answers: Mapping[str, Sequence[str]],
    *,
    kept: KeptAnswers | None = None,
    error: str = "",
    ticked: Collection[str] = (),
) -> str:
    """What these answers propose now. ``kept``: they are the reader's own, kept; ``error``: why
    what was ticked could not be followed."""
    session, now, person = db.session(), clock.now(), current_person_or_none()
    quiz = quiz_in(version)
    said = tidy_answers(quiz, answers)
    result = read_answers(quiz, said, look_around(session, path))
    person_id = person.id if person else None
    return render_template(
        "positioning/result.html",
        path=path,
        version=version,
        quiz=quiz,
        answers=said,
        result=result,
        sessions=_sessions(path, result, person_id, now),
        kept=kept,
        error=error,
        ticked=ticked,
        is_visitor=person is None,
        words=words,
        **_own(path, person_id),
    )


def _own(path: Path, user_id: UUID | None) -> dict[str, Any]:
    """The reader's own enrolment, and the steps of the version they follow by key: there a waiver
    can be asked for."""
    session = db.session()
    enrolment = find_living_enrolment(session, user_id, path.id) if user_id else None
    version = current_version(session, path.id) if enrolment else None
    is_newest = version is not None and enrolment is not None and enrolment.version_id == version.id
    steps = version.steps if version is not None and is_newest else []
    return {"enrolment": enrolment, "own_steps": {step.key: step.id for step in steps}}
