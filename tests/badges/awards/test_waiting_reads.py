"""What the page of whom a badge waits for asks of the night's list, and whom it weighs for what."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from badges.awards.proposals import find_waiting
from badges.awards.waiting.jobs import make_list
from badges.awards.waiting.queries import count_waiting, list_first
from badges.awards.waiting.rules import find_near
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from tests.support.badges import finish_path, house_here, make_badge, make_path_badge, open_badges
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.nightly import rules as nightly
from tierslieu.people.models import User


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "LIVE", 0)


def test_what_a_page_asks_of_the_list_is_as_short_for_many_badges_as_for_one(
    db: Session, make: Factory, team: User, large: None
) -> None:
    made_at, viewer = clock.now(), team.id

    def asked(badge_ids: list[UUID]) -> list[str]:
        with counted_queries() as sent:
            list_first(db, made_at, badge_ids, viewer, 5)
            count_waiting(db, made_at, badge_ids, viewer)
        return sent

    one = asked([make_badge(db).id])
    assert asked([make_badge(db, name=f"Badge {n}").id for n in range(9)]) == one


def test_who_waits_in_the_list_is_weighed_for_the_badges_they_wait_for_alone(
    db: Session, make: Factory, team: User, large: None
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    often = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=2), name="Souvent là")
    waits = make.user()
    now = clock.now() + timedelta(days=3)  # nothing is of since the list
    finish_path(db, waits, path, team)
    make_list(db, house_here(), now)
    near = find_near(db, now, [badge.id, often.id], team.id, 5)
    assert near.only == {waits.id: {badge.id}}
    (found,) = find_waiting(
        db, [badge], house_here(), now=now, among=[waits.id], only={waits.id: {often.id}}
    )
    assert not found.ready
    (found,) = find_waiting(db, [badge], house_here(), now=now, among=[waits.id], only=near.only)
    assert [one.user_id for one in found.ready] == [waits.id]
