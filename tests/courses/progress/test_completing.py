"""Who came to the end of a path is found among those who did something then, and nobody is
forgotten for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.designs.models import BadgeClass
from courses.enrolments.models import Enrolment
from courses.enrolments.queries import get_enrolments, list_enrolment_ids
from courses.paths.models import Path, Step, StepKind
from courses.progress import completing
from courses.progress.completing import find_completed
from courses.progress.models import RecordState, StepRecord
from courses.progress.offers import count_completed
from courses.progress.rules import compute_progress
from tests.support.badges import house_here
from tests.support.courses import NOW, counted_queries, make_path, step_facts, steps_of
from tests.support.factories import Factory
from tierslieu.house import Evidence, EvidenceItem, House
from tierslieu.opening import play_demo
from tierslieu.people.models import User

DAY = timedelta(days=1)


def slowly(
    db: Session, house: House, since: datetime, until: datetime
) -> set[tuple[UUID, datetime]]:
    """Who came to the end, found by weighing everybody."""
    enrolments = get_enrolments(db, list_enrolment_ids(db, before=until))
    progress = compute_progress(db, enrolments, house)
    return {
        (one.enrolment_id, one.completed_at)
        for one in progress.values()
        if one.completed_at is not None and since <= one.completed_at < until
    }


def quickly(
    db: Session, house: House, since: datetime, until: datetime
) -> set[tuple[UUID, datetime]]:
    found = [(e.id, p.completed_at) for e, p in find_completed(db, house, since, until)]
    assert len(found) == len(set(found))
    return {(one, at) for one, at in found if at is not None}


def enrol(db: Session, user: User, path: Path, at: datetime) -> Enrolment:
    version = steps_of(db, path)[0].version_id
    one = Enrolment(user_id=user.id, path_id=path.id, version_id=version, started_at=at)
    db.add(one)
    db.flush()
    return one


def validate(db: Session, enrolment: Enrolment, step: Step, at: datetime, *, told: bool) -> None:
    """Validated at that instant; of a step that another system reports, on the day it says."""
    db.add(
        StepRecord(
            enrolment_id=enrolment.id,
            step_id=step.id,
            state=RecordState.VALIDATED,
            declared_at=at - DAY if told else at,
            decided_at=at if told else None,
        )
    )


def held_by(items: Sequence[EvidenceItem]) -> House:
    """A house of one feature that holds these."""

    def find(_db: Session, users: Sequence[UUID], steps: Sequence[UUID]) -> list[EvidenceItem]:
        return [one for one in items if one.user_id in users and one.step_id in steps]

    def dated(_db: Session, since: datetime, until: datetime) -> set[UUID]:
        return {one.user_id for one in items if since <= one.at < until}

    return House((Evidence("badges", find, dated),))


def make_random_place(db: Session, make: Factory, chance: random.Random) -> House:
    """Two paths, one of them a part of the other, and a few people here and there on them."""
    part = make_path(db, "partie", steps=[step_facts("A"), step_facts("B", is_required=False)])
    whole = make_path(
        db, "tout", steps=[step_facts("I", kind="subpath", subpath="partie"), step_facts("II")]
    )
    items = []
    for user in [make.user() for _ in range(8)]:
        for path in (part, whole):
            if chance.random() < 0.2:
                continue
            enrolment = enrol(db, user, path, NOW - chance.randrange(12) * DAY)
            for step in steps_of(db, path):
                at = NOW - chance.randrange(12) * DAY
                if chance.random() < 0.5:
                    validate(db, enrolment, step, at, told=chance.random() < 0.5)
                elif chance.random() < 0.5:
                    items.append(EvidenceItem(user.id, step.id, at, "badge", "Un badge"))
    db.commit()
    return held_by(items)


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", range(6))
def test_those_who_did_something_are_all_who_came_to_the_end(
    db: Session, make: Factory, seed: int
) -> None:
    chance = random.Random(seed)
    house = make_random_place(db, make, chance)
    everybody = slowly(db, house, NOW - 99 * DAY, NOW + DAY)
    assert everybody  # the place has some, or nothing is shown
    for back in range(13):
        span = (NOW - back * DAY, NOW - (back - chance.randrange(1, 4)) * DAY)
        assert quickly(db, house, *span) == slowly(db, house, *span), span
    assert quickly(db, house, NOW - 99 * DAY, NOW + DAY) == everybody


def ask_for_a_badge(db: Session) -> None:
    """An online step of the path that most follow asks for the badge that most hold from now on."""
    most = select(Award.badge_id).group_by(Award.badge_id).order_by(func.count().desc()).limit(1)
    badge = db.get_one(BadgeClass, db.scalars(most).one())
    version = (
        select(Enrolment.version_id)
        .group_by(Enrolment.version_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    online = Step.version_id == db.scalars(version).one(), Step.kind == StepKind.ONLINE
    step = db.scalars(select(Step).where(*online).order_by(Step.position)).first()
    assert step is not None
    step.kind, step.badge = StepKind.BADGE, badge.slug
    db.commit()


def test_every_feature_knows_of_whom_it_holds_something_of_a_month(app: Flask, db: Session) -> None:
    """In the demonstration place, with the evidence there really is."""
    play_demo(app)
    ask_for_a_badge(db)
    house, people = house_here(), list(db.scalars(select(User.id)))
    steps, ends = list(db.scalars(select(Step.id))), 0
    held = {e.name: list(e.find(db, people, steps)) for e in house.all(Evidence)}
    assert all(held.values()), "nothing is shown of a feature that holds nothing"
    latest = max(item.at for items in held.values() for item in items)
    for back in range(1, 12):
        since, until = latest - back * 30 * DAY, latest - (back - 1) * 30 * DAY
        for evidence in house.all(Evidence):
            dated = {one.user_id for one in held[evidence.name] if since <= one.at < until}
            assert dated <= set(evidence.dated(db, since, until)), evidence.name
        found = quickly(db, house, since, until)
        assert found == slowly(db, house, since, until)
        ends += len(found)
    assert ends


@pytest.mark.both_databases
def test_ends_of_path_of_a_month_ask_about_nobody_who_did_nothing_in_it(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completing, "SLICE", 4)
    path = make_path(db)

    def grow(count: int) -> None:
        for _ in range(count):
            enrolment = enrol(db, make.user(), path, NOW - 90 * DAY)
            for step in steps_of(db, path):
                validate(db, enrolment, step, NOW - 60 * DAY, told=True)
        db.commit()

    def count() -> tuple[int, int, int]:
        db.expire_all()
        with counted_queries(db) as sent:
            figure = count_completed(db, NOW - 30 * DAY, NOW + DAY)
        assert figure.denominator is not None
        return figure.numerator, figure.denominator, len(sent)

    grow(3)
    assert count() == (0, 3, (few := count())[2])
    grow(9)  # more than are computed at once
    assert count() == (0, 12, few[2])
    first = steps_of(db, path)[0]
    [one, *_others] = db.scalars(select(StepRecord).where(StepRecord.step_id == first.id))
    one.decided_at = NOW
    db.commit()
    assert count()[:2] == (1, 12)
