"""Questions published, answers kept and forgotten, what was ticked followed: on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.editing import rules as path_rules
from courses.paths.models import Path
from courses.paths.queries import list_paths
from courses.paths.rules import load_catalogue
from courses.positioning.editing import rules as editing
from courses.positioning.models import ChosenStep, KeptAnswers, QuizVersion
from courses.positioning.problems import find_problems
from courses.positioning.queries import current_quiz, list_current, list_kept, list_shared
from courses.positioning.rules import (
    KEPT_FOR,
    begin_chosen,
    delete_answers,
    keep_answers,
    load_quizzes,
    look_around,
    quiz_in,
    share_answers,
)
from tests.support.at_once import AT_ONCE, at_once
from tests.support.courses import NOW
from tests.support.factories import Factory
from tests.support.positioning import make_paths, make_quiz, quiz_facts
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, Job, PersonalData
from tierslieu.house_paths import PathReferences

pytestmark = pytest.mark.both_databases


@pytest.fixture
def path(db: Session) -> Path:
    return make_paths(db)


def offer(app: Flask, kind: Any, name: str) -> Any:
    house: House = app.extensions["tierslieu.house"]
    return next(one for one in house.all(kind) if one.name == name)


def test_the_shipped_questions_fit_the_shipped_catalogue_and_load_once(
    app: Flask, db: Session
) -> None:
    load_catalogue(db, now=NOW)
    for _run in range(2):
        load_quizzes(db, now=NOW)
        db.commit()
    found = list_current(db)
    assert [one.path.slug for one in found] == ["snt", "nsi", "iai", "elements-of-ai"]
    assert {one.number for one in found} == {1}
    for version in found:
        assert find_problems(quiz_in(version), look_around(db, version.path)) == []


def test_what_was_changed_here_stays_when_an_upgrade_comes(
    db: Session, make: Factory, path: Path
) -> None:
    team = make.user("facilitator").id
    make_quiz(db, path)
    draft = editing.begin_draft(db, path, actor_id=team, now=NOW)
    change = editing.with_sheet(intro="À nous.")
    editing.change_draft(db, path.id, change, revision=draft.revision, actor_id=team, now=NOW)
    with pytest.raises(Refused) as no:
        editing.publish_draft(db, path, revision=1, actor_id=team, now=NOW)
    assert no.value.code == "draft_changed"
    version = editing.publish_draft(db, path, revision=2, actor_id=team, now=NOW)
    db.commit()
    assert version is not None
    assert version.number == 2
    load_quizzes(db, now=NOW, quizzes=[quiz_facts(intro="Une mise à jour.")])
    db.commit()
    now_asked = current_quiz(db, path.id)
    assert now_asked is not None
    assert quiz_in(now_asked).intro == "À nous."
    first = db.scalar(select(QuizVersion).where(QuizVersion.number == 1))
    assert first is not None
    assert quiz_in(first).intro == "Pour essayer."  # frozen


def test_answers_are_kept_replaced_shown_hidden_and_deleted_by_their_owner_alone(
    app: Flask, db: Session, make: Factory, path: Path
) -> None:
    owner, other, quiz = make.user().id, make.user().id, make_quiz(db, path)
    with pytest.raises(Refused) as no:
        keep_answers(db, owner, path.id, quiz.id, {"un": ["strange"]}, now=NOW)
    assert no.value.code == "nothing_said"
    kept = keep_answers(db, owner, path.id, quiz.id, {"un": ["non"]}, now=NOW)
    share_answers(db, owner, kept.id, is_shared=True, now=NOW)
    assert [one.id for one in list_shared(db, owner)] == [kept.id]
    for act in (
        lambda: share_answers(db, other, kept.id, is_shared=True, now=NOW),
        lambda: delete_answers(db, other, kept.id),
        lambda: keep_answers(db, owner, path.id, path.id, {"un": ["non"]}, now=NOW),
    ):
        with pytest.raises(NotYours):
            act()
    exported = offer(app, PersonalData, "positioning").export(db, owner)
    assert exported["kept"][0]["answers"] == [
        {"question": "Question un ?", "answers": ["Réponse non"]}
    ]
    again = keep_answers(db, owner, path.id, quiz.id, {"deux": ["ne-sais-pas"]}, now=NOW)
    assert (again.id, again.answers) == (kept.id, {"deux": ["ne-sais-pas"]})
    assert list_shared(db, owner) == []  # other answers: shown to nobody yet
    delete_answers(db, owner, kept.id)
    assert list_kept(db, owner) == []


def test_kept_answers_end_after_a_year_and_with_the_account(
    app: Flask, db: Session, make: Factory, path: Path
) -> None:
    old, new, quiz = make.user().id, make.user().id, make_quiz(db, path)
    keep_answers(db, old, path.id, quiz.id, {"un": ["non"]}, now=NOW)
    keep_answers(db, new, path.id, quiz.id, {"un": ["non"]}, now=NOW + timedelta(days=1))
    begin_chosen(db, new, path.id, slugs=[], keys=["b"], now=NOW)
    db.commit()
    forget = offer(app, Job, "positioning_forgotten").run
    assert forget(db, NOW + KEPT_FOR) == 0
    assert forget(db, NOW + KEPT_FOR + timedelta(hours=1)) == 1
    assert list_kept(db, old) == []
    assert len(list_kept(db, new)) == 1
    offer(app, PersonalData, "positioning").erase(db, new)
    assert db.scalar(select(func.count(KeptAnswers.id))) == 0
    assert db.scalar(select(func.count(ChosenStep.key))) == 0


def test_what_is_ticked_is_followed_all_or_nothing(db: Session, make: Factory, path: Path) -> None:
    user = make.user().id
    make_quiz(db, path)
    for slugs, keys, code in (
        ([], [], "nothing_ticked"),
        (["facile"], ["gone"], "step_gone"),
        (["nowhere"], [], "not_found"),
    ):
        with pytest.raises(Refused) as no:
            begin_chosen(db, user, path.id, slugs=slugs, keys=keys, now=NOW)
        assert no.value.code == code
        db.rollback()
        assert db.scalar(select(func.count(Enrolment.id))) == 0
    made = begin_chosen(db, user, path.id, slugs=["facile"], keys=["b"], now=NOW)
    assert [one.path.slug for one in made] == ["essai", "facile"]
    again = begin_chosen(db, user, path.id, slugs=["essai"], keys=["a", "c"], now=NOW)
    assert [one.id for one in again] == [made[0].id]
    keys = db.scalars(select(ChosenStep.key).order_by(ChosenStep.key)).all()
    assert keys == ["a", "c"]


def test_of_answers_kept_and_paths_begun_at_once_one_of_each_stands(
    app: Flask, db: Session, make: Factory, path: Path
) -> None:
    user: UUID = make.user().id
    path_id, quiz_id = path.id, make_quiz(db, path).id
    db.commit()

    def act(session: Session, number: int) -> None:
        answers = {"un": ["oui" if number % 2 else "non"]}
        keep_answers(session, user, path_id, quiz_id, answers, now=NOW)
        begin_chosen(session, user, path_id, slugs=[], keys=["a" if number % 2 else "b"], now=NOW)

    assert at_once(app, act) == ["done"] * AT_ONCE
    assert db.scalar(select(func.count(KeptAnswers.id))) == 1
    assert db.scalar(select(func.count(Enrolment.id))) == 1
    assert db.scalar(select(func.count(ChosenStep.key))) == 1


def test_a_draft_is_begun_once_and_given_up(db: Session, make: Factory, path: Path) -> None:
    team = make.user("facilitator").id
    draft = editing.begin_draft(db, path, actor_id=team, now=NOW)
    assert editing.begin_draft(db, path, actor_id=team, now=NOW) is draft
    assert "au moins 3 questions" in " ".join(
        editing.problems_of(db, path, editing.facts_in(draft))
    )
    editing.give_up_draft(db, path.id)
    with pytest.raises(NotYours):
        editing.give_up_draft(db, path.id)


def test_a_path_that_loses_a_step_or_is_retired_says_whose_questions_break(
    app: Flask, db: Session, path: Path
) -> None:
    make_quiz(db, path)
    find = offer(app, PathReferences, "positioning").find_broken
    assert list(find(db, "essai", frozenset("abc"))) == []
    (sentence,) = find(db, "essai", frozenset("ac"))
    assert "« Étape B »" in sentence.replace("\u202f", " ")
    assert "ESSAI" in sentence
    (retired,) = find(db, "facile", None)
    assert "« FACILE »" in retired.replace("\u202f", " ")
    path_rules.retire_path(db, "facile", is_retired=True, now=NOW)
    assert "facile" not in look_around(db, path).paths
    assert "facile" not in {one.slug for one in list_paths(db)}
