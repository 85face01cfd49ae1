"""The demonstration's answers: by the rules, plausible, alike each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import make_study, settings
from tierslieu import clock
from tierslieu.evaluation.rules import wave_rates
from tierslieu.house import Happening, House, Occasion, Stage
from tierslieu.mail.models import OutboxMessage
from tierslieu.surveys.models import Answer, Invitation, ResponseSheet
from tierslieu.surveys.queries import list_waiting
from tierslieu.surveys.scenes import play

TODAY = datetime.fromisoformat("2026-11-20T09:00:00+00:00")


def stage_with(learners: list[UUID]) -> Stage:
    """Everybody was at two sessions, nine and four days ago."""
    happenings = [
        Happening(user_id, TODAY - timedelta(days=ago), f"session:{ago}", f"Séance {ago}")
        for user_id in learners
        for ago in (9, 4)
    ]
    house = House((Occasion("after_session", "…", lambda db, since, until: happenings),))
    stage = Stage(TODAY, 7, settings(), house)
    stage.props.update(learners=learners, people={"learner@example.org": learners[0]})
    return stage


def fates(db: Session, learners: list[UUID]) -> list[tuple[int, str, bool, bool]]:
    return sorted(
        (
            learners.index(i.user_id),
            i.subject,
            i.answered_at is not None,
            i.declined_at is not None,
        )
        for i in db.scalars(select(Invitation))
    )


def test_most_answer_some_decline_some_keep_silent_and_one_waits_on_the_first_page(
    db: Session, make: Factory
) -> None:
    wave = make_study(db).waves[0]
    learners = [make.user().id for _ in range(45)]
    play(db, stage_with(learners))
    db.commit()
    first = fates(db, learners)
    answered = sum(one[2] for one in first)
    assert len(first) == 90
    assert 0.45 <= answered / len(first) <= 0.8
    assert sum(one[3] for one in first) >= 3
    assert wave_rates(db, wave).answered.percent is not None
    with clock.fixed_at(TODAY):
        [waiting] = list_waiting(db, learners[0], TODAY)
    assert waiting.subject == "session:4"
    assert all(i.answered_at < TODAY for i in db.scalars(select(Invitation)) if i.answered_at)

    values = sorted((a.item, a.value) for a in db.scalars(select(Answer)))
    for table in (Answer, ResponseSheet, Invitation, OutboxMessage):
        db.execute(delete(table))
    db.commit()
    play(db, stage_with(learners))
    assert fates(db, learners) == first
    assert sorted((a.item, a.value) for a in db.scalars(select(Answer))) == values
