"""Reporting on a course and following a report to its end."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.feedback.offers import erase, export, research_rows, timeline
from courses.feedback.queries import (
    Filter,
    count_by_step,
    count_received,
    count_reports,
    list_reports,
    list_reports_of,
)
from courses.feedback.rules import MOVES, change_state, report
from courses.paths.models import Step
from tests.support.courses import NOW, make_path, steps_of
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases

BODY = "La réponse attendue au quiz est fausse."
NEW, CONFIRMED, SENT = FeedbackState.NEW, FeedbackState.CONFIRMED, FeedbackState.SENT
FIXED, REFUSED = FeedbackState.FIXED, FeedbackState.REFUSED


@pytest.fixture
def step(db: Session) -> Step:
    return steps_of(db, make_path(db))[0]


def made(
    db: Session,
    author: User,
    step: Step,
    *,
    body: str = BODY,
    kind: FeedbackKind = FeedbackKind.ERROR,
    unit: str = "",
    location: str = "",
    days: float = 0,
) -> CourseFeedback:
    found = report(
        db,
        author.id,
        step.id,
        kind=kind,
        body=body,
        unit=unit,
        location=location,
        now=NOW + timedelta(days=days),
    )
    db.commit()
    return found


def test_a_report_is_located_to_the_unit_of_the_step(
    db: Session, make: Factory, step: Step
) -> None:
    found = made(db, make.user(), step, unit="Unité 2", location=" quiz, question 4 ")
    assert (found.step_id, found.unit, found.location) == (step.id, "Unité 2", "quiz, question 4")
    assert found.state is NEW


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"body": "court"}, "body_too_short", "body"),
        ({"body": "    court    "}, "body_too_short", "body"),
        ({"body": ""}, "body_too_short", "body"),
        ({"body": "x" * 4001}, "body_too_long", "body"),
        ({"unit": "Unité 9"}, "unknown_unit", "unit"),
        ({"location": "x" * 501}, "location_too_long", "location"),
    ],
)
def test_a_bad_report_is_refused_with_a_sentence_and_nothing_is_kept(
    db: Session, make: Factory, step: Step, values: dict[str, str], code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        made(db, make.user(), step, **values)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == (code, field)
    db.rollback()
    assert db.scalar(select(func.count(CourseFeedback.id))) == 0


@pytest.mark.parametrize("length", [10, 4000])
def test_ten_to_four_thousand_characters_are_possible(
    db: Session, make: Factory, step: Step, length: int
) -> None:
    assert len(made(db, make.user(), step, body="x" * length).body) == length


def test_a_step_that_does_not_exist_can_not_be_reported_on(db: Session, make: Factory) -> None:
    with pytest.raises(NotYours):
        report(db, make.user().id, uuid4(), kind=FeedbackKind.ERROR, body=BODY, now=NOW)


def test_a_second_click_makes_no_second_report(db: Session, make: Factory, step: Step) -> None:
    author = make.user()
    made(db, author, step)
    with pytest.raises(Refused) as refused:
        made(db, author, step)
    assert refused.value.code == "already_reported"
    db.rollback()
    made(db, make.user(), step)  # another person may see the same thing
    assert db.scalar(select(func.count(CourseFeedback.id))) == 2


def test_a_report_goes_forward_with_its_history_and_its_words(
    db: Session, make: Factory, step: Step
) -> None:
    author, facilitator = make.user(), make.user("facilitator")
    found = made(db, author, step)
    for day, (state, word) in enumerate([(CONFIRMED, "Vu."), (SENT, ""), (FIXED, "Merci.")], 1):
        at = NOW + timedelta(days=day)
        change_state(
            db, found.id, state, actor_id=facilitator.id, now=at, word=word, seen=found.state
        )
        db.commit()
    assert found.state is FIXED
    assert [(e.to_state, e.word) for e in found.events] == [
        (CONFIRMED, "Vu."),
        (SENT, ""),
        (FIXED, "Merci."),
    ]
    recipients = list(db.scalars(select(OutboxMessage.recipient)))
    assert recipients == [author.email] * 3


@pytest.mark.parametrize("here", list(FeedbackState))
@pytest.mark.parametrize("there", list(FeedbackState))
def test_only_the_steps_of_the_way_are_possible(
    db: Session, make: Factory, step: Step, here: FeedbackState, there: FeedbackState
) -> None:
    found = made(db, make.user(), step)
    found.state = here
    db.commit()
    actor = make.user("facilitator").id
    if there in MOVES[here]:
        change_state(db, found.id, there, actor_id=actor, now=NOW, word="Un mot.")
        assert found.state is there
    else:
        with pytest.raises(Refused, match="déjà"):
            change_state(db, found.id, there, actor_id=actor, now=NOW, word="Un mot.")
        assert found.state is here


def test_nothing_goes_back_to_new() -> None:
    assert all(NEW not in there for there in MOVES.values())
    assert set(MOVES) == set(FeedbackState)


def test_not_keeping_a_report_needs_a_reason(db: Session, make: Factory, step: Step) -> None:
    found = made(db, make.user(), step)
    actor = make.user("facilitator").id
    with pytest.raises(Refused, match="Dites pourquoi") as refused:
        change_state(db, found.id, REFUSED, actor_id=actor, now=NOW)
    assert (refused.value.code, refused.value.field) == ("word_missing", "word")
    with pytest.raises(Refused, match="trop long"):
        change_state(db, found.id, REFUSED, actor_id=actor, now=NOW, word="x" * 2001)


def test_two_facilitators_do_not_overwrite_each_other(
    db: Session, make: Factory, step: Step
) -> None:
    found = made(db, make.user(), step)
    first = make.user("facilitator", name="Nadia Benali")
    change_state(db, found.id, SENT, actor_id=first.id, now=NOW, seen=NEW)
    db.commit()
    with pytest.raises(Refused, match="Nadia Benali") as refused:
        change_state(
            db,
            found.id,
            REFUSED,
            actor_id=make.user("facilitator").id,
            now=NOW,
            word="Non.",
            seen=NEW,
        )
    assert refused.value.code == "state_changed"
    assert found.state is SENT


def test_filters_join_and_counts_agree_with_lists(db: Session, make: Factory) -> None:
    one, two = make_path(db, "un"), make_path(db, "deux")
    author = make.user()
    step, other = steps_of(db, one)[0], steps_of(db, two)[0]
    made(db, author, step, body="Premier retour", days=1)
    made(db, author, step, body="Deuxième retour", kind=FeedbackKind.MISSING, days=2)
    done = made(db, author, other, body="Troisième retour", days=3)
    change_state(db, done.id, CONFIRMED, actor_id=make.user("facilitator").id, now=NOW)
    db.commit()
    wanted = [
        (Filter(), ["Troisième retour", "Deuxième retour", "Premier retour"]),
        (Filter(path="un"), ["Deuxième retour", "Premier retour"]),
        (Filter(kind=FeedbackKind.ERROR), ["Troisième retour", "Premier retour"]),
        (Filter(state=CONFIRMED), ["Troisième retour"]),
        (Filter(path="un", kind=FeedbackKind.MISSING, state=NEW), ["Deuxième retour"]),
        (Filter(path="deux", state=NEW), []),
    ]
    for asked, bodies in wanted:
        assert [r.body for r in list_reports(db, asked)] == bodies
        assert count_reports(db, asked) == len(bodies)
    assert [r.body for r in list_reports(db, Filter(), limit=1, offset=1)] == ["Deuxième retour"]
    by_step = [(path.slug, count) for path, _step, count in count_by_step(db, Filter())]
    assert by_step == [("un", 2), ("deux", 1)]


def test_the_figure_of_the_month_counts_what_was_handled_of_what_came(
    db: Session, make: Factory, step: Step
) -> None:
    author, actor = make.user(), make.user("facilitator").id
    made(db, author, step, body="Hors de la période", days=-40)
    made(db, author, step, body="Toujours nouveau", days=1)
    handled = made(db, author, step, body="Confirmé depuis", days=2)
    change_state(db, handled.id, CONFIRMED, actor_id=actor, now=NOW + timedelta(days=60))
    db.commit()
    assert count_received(db, NOW, NOW + timedelta(days=30)) == (1, 2)


def test_research_never_sees_the_words(db: Session, make: Factory, step: Step) -> None:
    author = make.user()
    made(db, author, step, body="Moi, Samira Haddad, je note une erreur.", unit="Unité 1")
    rows = list(research_rows(db, [author.id]))
    assert len(rows) == 1
    assert "Samira" not in str(rows)
    assert "Unité" not in str(rows)
    assert rows[0][2][3:7] == (True, False, "error", "new")
    assert rows[0][2][7] % 100 == 0, "a report is not to be found by its exact length"


def test_erasing_a_person_keeps_what_the_course_should_mend(
    db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    found = made(db, author, step)
    assert export(db, author.id)[0]["body"] == BODY
    assert [event.title for event in timeline(db, author.id, NOW)] == ["Signalement envoyé"]
    erase(db, author.id)
    db.commit()
    assert list_reports_of(db, [author.id]) == []
    assert count_reports(db, Filter()) == 1
    # Its answer has nobody to be told to.
    change_state(db, found.id, CONFIRMED, actor_id=make.user("facilitator").id, now=NOW)
    assert db.scalar(select(func.count(OutboxMessage.id))) == 0


def test_a_persons_time_line_tells_what_became_of_a_report(
    db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    found = made(db, author, step)
    change_state(db, found.id, SENT, actor_id=make.user("facilitator").id, now=NOW)
    db.commit()
    titles = [event.title for event in timeline(db, author.id, NOW)]
    assert titles == ["Signalement envoyé", "Signalement\u00a0: transmis"]


def test_a_state_of_nothing_is_not_found(db: Session, make: Factory) -> None:
    with pytest.raises(NotYours):
        change_state(db, uuid4(), SENT, actor_id=make.user().id, now=NOW)
