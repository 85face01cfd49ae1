"""What paths, progress and feedback give to the pages that gather."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.offers import OFFERS as ENROLMENT_OFFERS
from courses.feedback.offers import OFFERS as FEEDBACK_OFFERS
from courses.paths.models import Path
from courses.paths.offers import OFFERS as PATH_OFFERS
from courses.progress.models import RecordState, StepRecord
from courses.progress.offers import (
    OFFERS,
    check_progress,
    check_standing,
    count_completed,
    ends_of_path,
    erase,
    export,
    research_rows,
    timeline,
)
from courses.progress.rules import decide
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tierslieu.house import House, PersonalData, ResearchTable
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.uploads.offers import OFFERS as UPLOAD_OFFERS

pytestmark = pytest.mark.both_databases


def finish(db: Session, make: Factory, user: User, path: Path, at: datetime) -> Enrolment:
    """All required steps validated, the last one at that instant."""
    enrolment = make_enrolment(db, user, path, now=at - timedelta(days=9))
    actor = make.user("facilitator").id
    for step in steps_of(db, path)[:2]:
        record = make_record(db, enrolment, step, now=at - timedelta(days=1))
        decide(db, record.id, RecordState.VALIDATED, actor_id=actor, now=at)
        db.commit()
    return enrolment


def test_the_end_of_a_path_happens_once_at_its_last_step(
    app: Flask, db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    enrolment = finish(db, make, user, path, NOW)
    make_enrolment(db, make.user(), path)
    second = timedelta(seconds=1)
    found = list(ends_of_path(db, NOW, NOW + second))
    assert [(h.user_id, h.at, h.subject, h.label) for h in found] == [
        (user.id, NOW, f"path:{enrolment.path_id}", "Parcours essai")
    ]
    assert list(ends_of_path(db, NOW - timedelta(days=30), NOW)) == []  # half-open
    assert list(ends_of_path(db, NOW + second, NOW + timedelta(days=30))) == []


def test_the_figure_of_completed_paths_has_its_denominator(
    app: Flask, db: Session, make: Factory
) -> None:
    path = make_path(db)
    finish(db, make, make.user(), path, NOW)
    make_enrolment(db, make.user(), path)
    make_enrolment(db, make.user(), path, now=NOW + timedelta(days=90))
    figure = count_completed(db, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert (figure.numerator, figure.denominator) == (1, 2)


def test_a_persons_time_line_tells_what_was_declared_and_answered(
    db: Session, make: Factory
) -> None:
    user = make.user()
    finish(db, make, user, make_path(db), NOW)
    events = list(timeline(db, user.id, NOW))
    assert [event.title for event in events] == ["Étape déclarée", "Étape validée"] * 2
    assert all(event.url and event.url.startswith("/mes-parcours/") for event in events)


def test_research_sees_that_something_was_shown_and_never_what(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    evidence = {"text": "Moi, Samira", "url": "https://example.org/samira"}
    record = make_record(db, enrolment, steps_of(db, path)[0], **evidence)
    actor, later = make.user("facilitator").id, NOW + timedelta(hours=36)
    decide(db, record.id, RecordState.VALIDATED, actor_id=actor, now=later, word="Samira, bravo.")
    db.commit()
    rows = list(research_rows(db, [user.id]))
    assert [values for _user, _at, values in rows] == [
        ("essai", 1, 1, "validated", "declared", True, True, False, 1)
    ], "whole days: staff know the hour, and must not find the row by it"
    assert "amira" not in str(rows)


@pytest.mark.parametrize("offers", [ENROLMENT_OFFERS, OFFERS, FEEDBACK_OFFERS])
def test_every_research_table_has_as_many_values_as_columns_and_no_free_text(
    db: Session, make: Factory, offers: Sequence[object]
) -> None:
    tables = [offer for offer in offers if isinstance(offer, ResearchTable)]
    assert tables
    user = make.user()
    finish(db, make, user, make_path(db), NOW)
    for table in tables:
        assert not {"text", "body", "reason", "word", "url"} & {c.name for c in table.columns}
        for _user_id, _at, values in table.rows(db, [user.id]):
            assert len(values) == len(table.columns)
            for column, value in zip(table.columns, values, strict=True):
                assert value is None or column.categories is None or value in column.categories


def test_a_persons_data_are_exported_and_erased_in_the_order_of_the_floors(
    db: Session, make: Factory
) -> None:
    user, other, path = make.user(), make.user(), make_path(db)
    finish(db, make, user, path, NOW)
    finish(db, make, other, path, NOW)
    assert [row["answer"] for row in export(db, user.id)] == ["", ""]
    house = House((*UPLOAD_OFFERS, *PATH_OFFERS, *ENROLMENT_OFFERS, *OFFERS, *FEEDBACK_OFFERS))
    for data in house.all(PersonalData):
        data.erase(db, user.id)
    db.commit()
    left = set(db.scalars(select(Enrolment.user_id)))
    assert left == {other.id}
    assert len(export(db, other.id)) == 2


def test_erasing_declared_steps_alone_leaves_the_enrolment(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    finish(db, make, user, path, NOW)
    erase(db, user.id)
    db.commit()
    assert db.scalars(select(StepRecord)).all() == []
    assert len(db.scalars(select(Enrolment)).all()) == 1


def test_the_audit_finds_a_step_of_another_path(app: Flask, db: Session, make: Factory) -> None:
    path, other = make_path(db, "un"), make_path(db, "deux")
    enrolment = make_enrolment(db, make.user(), path)
    make_record(db, enrolment, steps_of(db, path)[0])
    assert check_standing(db).broken == []
    assert (check_progress(db).checked, list(check_progress(db).broken)) == (1, [])
    stray: UUID = steps_of(db, other)[0].id
    db.execute(insert(StepRecord).values(enrolment_id=enrolment.id, step_id=stray))
    found = check_standing(db)
    assert found.checked == 2
    assert len(found.broken) == 1
    assert "another path" in found.broken[0]


@pytest.mark.parametrize(
    ("state", "word", "subject"),
    [
        (RecordState.VALIDATED, "", "Étape validée"),
        (RecordState.RETURNED, "Un exemple <b>svp</b>.", "Étape à reprendre"),
    ],
)
def test_the_mail_of_an_answer_says_what_and_leads_to_the_path(
    app: Flask, db: Session, make: Factory, state: RecordState, word: str, subject: str
) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(name="Samira"), path)
    record = make_record(db, enrolment, steps_of(db, path)[0])
    decide(db, record.id, state, actor_id=make.user("facilitator").id, now=NOW, word=word)
    db.commit()
    message = db.scalars(select(OutboxMessage)).one()
    with app.test_request_context():
        mail = render_mail(message, app.config["TIERSLIEU"])
    assert mail.subject.startswith(subject)
    assert f"http://localhost/mes-parcours/{enrolment.id}" in mail.text
    assert f"http://localhost/mes-parcours/{enrolment.id}" in mail.html
    assert word in mail.text
    assert "<b>svp" not in mail.html
