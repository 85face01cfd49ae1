"""What positioning offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from courses.enrolments.queries import find_own_enrolment
from courses.paths import words as path_words
from courses.paths.models import Path
from courses.paths.queries import find_path, list_every_step, list_steps
from courses.positioning import words
from courses.positioning.jobs import JOBS, RULES
from courses.positioning.models import KeptAnswers
from courses.positioning.queries import (
    current_quiz,
    find_draft,
    find_kept_of_path,
    list_chosen,
    list_chosen_of,
    list_current,
    list_kept,
    list_shared,
)
from courses.positioning.reading import Reason, read_answers
from courses.positioning.rules import (
    answers_in,
    forget_person,
    load_quizzes,
    look_around,
    quiz_in,
)
from courses.positioning.scenes import play
from tierslieu import clock
from tierslieu.house import (
    Card,
    PathPanel,
    PersonalData,
    Scene,
    Setup,
)
from tierslieu.house_joining import Joining
from tierslieu.house_paths import EnrolmentPanel, PathReferences, PersonPanel
from tierslieu.people.models import FACILITATOR, User
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.web.formats import quoted


def set_up(db: Session, settings: Settings) -> None:
    """Load the questions shipped with the house."""
    load_quizzes(db, now=clock.now())


def panel(db: Session, path_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """The way to the questions; for the team, the way to write them."""
    path, version = db.get_one(Path, path_id), current_quiz(db, path_id)
    person = db.get(User, user_id) if user_id else None
    is_of_the_team = person is not None and person.holds(FACILITATOR)
    is_asked = version is not None and path.retired_at is None
    if is_asked or is_of_the_team:
        context = {
            "path": path,
            "quiz": quiz_in(version) if version is not None and is_asked else None,
            "kept": find_kept_of_path(db, user_id, path_id) if user_id else None,
            "is_of_the_team": is_of_the_team,
            "has_draft": is_of_the_team and find_draft(db, path_id) is not None,
        }
        yield Card("positioning/_panel.html", context, urgency=5, span=12)


def enrolment_panel(
    db: Session, enrolment_id: UUID, user_id: UUID, now: datetime
) -> Iterable[Card]:
    """The steps that one chose to begin with, while they are in the version one follows."""
    enrolment = find_own_enrolment(db, user_id, enrolment_id)
    keys = set(list_chosen(db, enrolment_id))
    if enrolment is None or not keys:
        return
    steps = [step for step in list_steps(db, [enrolment.version_id]) if step.key in keys]
    if steps:
        context = {"enrolment": enrolment, "steps": steps, "path_words": path_words}
        yield Card("positioning/_chosen.html", context, urgency=10, span=12)


def person_panel(db: Session, user_id: UUID, reader_id: UUID, now: datetime) -> Iterable[Card]:
    """What a person answered, as far as they show it."""
    shared = list_shared(db, user_id)
    if shared:
        told = [
            {
                "path": kept.path,
                "at": kept.kept_at,
                "verdict": words.verdict_words(kept.path.short_title)[
                    read_answers(
                        quiz_in(kept.version), answers_in(kept), look_around(db, kept.path)
                    ).verdict
                ],
                "answers": said_words(kept),
            }
            for kept in shared
        ]
        yield Card("positioning/_shared.html", {"told": told}, urgency=20, span=12)


def said_words(kept: KeptAnswers) -> list[Reason]:
    """Each question with what was answered, «I do not know» too."""
    answers = answers_in(kept)
    return [
        Reason(
            question.text,
            tuple(one.text for one in question.choices if one.key in answers[question.key])
            or (str(_("Je ne sais pas")),),
        )
        for question in quiz_in(kept.version).questions
        if question.key in answers
    ]


def find_broken(db: Session, slug: str, keys: frozenset[str] | None) -> Iterable[str]:
    """Questions asked now that would propose what is gone: steps that are not among ``keys``, or
    this path, once it is no longer proposed."""
    for version in list_current(db):
        quiz = quiz_in(version)
        if keys is None and any(one.path == slug for one in quiz.proposals):
            path = find_path(db, slug)
            gone = {path.short_title if path else slug}
        elif keys is not None and version.path.slug == slug:
            named = {step.key: step.title for step in list_every_step(db, version.path_id)}
            gone = {
                named.get(one.step, one.step)
                for one in quiz.proposals
                if one.step is not None and one.step not in keys
            }
        else:
            continue
        if gone:
            yield str(
                _(
                    "Le questionnaire de « %(path)s » parle de %(gone)s : il ne le proposera "
                    "plus. Modifiez-le.",
                    path=version.path.short_title,
                    gone=", ".join(quoted(one) for one in sorted(gone)),
                )
            )


def _export(db: Session, user_id: UUID) -> Any:
    return {
        "kept": [
            {
                "path": kept.path.slug,
                "version": kept.version.number,
                "kept_at": kept.kept_at.isoformat(),
                "shown_to_the_team_since": kept.shared_at.isoformat() if kept.shared_at else None,
                "answers": [
                    {"question": one.question, "answers": list(one.answers)}
                    for one in said_words(kept)
                ],
            }
            for kept in list_kept(db, user_id)
        ],
        "steps_to_begin_with": [
            {
                "path": chosen.enrolment.path.slug,
                "step": chosen.key,
                "chosen_at": chosen.chosen_at.isoformat(),
            }
            for chosen in list_chosen_of(db, user_id)
        ],
    }


OFFERS = (
    Joining("positioning", frozenset({"kept_answers"})),
    Setup("positioning", set_up),
    PathPanel("positioning", panel),
    EnrolmentPanel("positioning", enrolment_panel),
    PersonPanel("positioning", person_panel),
    PathReferences("positioning", find_broken),
    PersonalData(
        "positioning",
        _l(
            "Vos réponses aux questions « par où commencer », si vous avez choisi de les garder, "
            "et les étapes par lesquelles vous avez choisi de commencer."
        ),
        _l("Pour que vous les retrouviez, et que l’équipe les lise si vous les lui montrez."),
        _l("Votre demande : rien n’est gardé sans elle."),
        _l(
            "Les réponses : un an après avoir été gardées, ou dès que vous les effacez. Les "
            "étapes choisies : tant que votre compte existe."
        ),
        _export,
        forget_person,
        treatment="learning",
        grounds=(Basis.CONSENT,),
        swept_by=("positioning_forgotten",),
    ),
    Scene("positioning", play),
    *JOBS,
    *RULES,
)
