"""The team's pages of badges do not take longer because more happened in the place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from badges.awards import candidate_queries
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from courses.enrolments.models import Enrolment
from tests.support.badges import make_badge, make_path_badge
from tests.support.client import LookingClient
from tests.support.counting import cost_of
from tests.support.courses import steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_room
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.base import new_id
from tierslieu.people.models import User

GROWS = 1.2  # times the work, at most, when a place has twice as much in it


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


def hold_sessions(db: Session, people: list[User], count: int, *, before: int) -> None:
    """So many sessions, every hour in the past from ``before`` hours ago, at which all were."""
    room = make_room(db)
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    for number in range(count):
        starts = start - timedelta(hours=before + number)
        ends = starts + timedelta(hours=1)
        session = LearningSession(
            id=new_id(),
            title="Atelier",
            starts_at=starts,
            ends_at=ends,
            starts_local=clock.to_local(starts).replace(tzinfo=None),
            ends_local=clock.to_local(ends).replace(tzinfo=None),
            room_id=room.id,
        )
        db.add(session)
        db.flush()
        db.add_all(
            Attendance(
                session_id=session.id,
                day=session.starts_local.date(),
                half=Half.AFTERNOON,
                user_id=person.id,
                mode=SeatMode.ONSITE,
                presence=Presence.PRESENT,
                arrived_at=starts,
            )
            for person in people
        )
    db.commit()


@pytest.mark.parametrize("page", ["attribuer", "attribuer/fichier"])
def test_where_to_award_from_does_not_look_through_every_roll(
    db: Session, make: Factory, client: LookingClient, team: User, page: str
) -> None:
    badge = make_badge(db, Condition(CriterionKind.SESSION_ATTENDED))
    people = [make.user() for _ in range(8)]
    hold_sessions(db, people, 60, before=2)
    client.sign_in(team)
    before = cost_of(client, f"/badges/{badge.slug}/{page}")
    hold_sessions(db, people, 120, before=100)
    after = cost_of(client, f"/badges/{badge.slug}/{page}")
    assert after[0] == before[0]
    assert after[1] <= before[1] * GROWS


def test_the_twelve_latest_sessions_are_there_with_how_many_came(
    db: Session, make: Factory, client: LookingClient, team: User
) -> None:
    badge = make_badge(db, Condition(CriterionKind.SESSION_ATTENDED))
    hold_sessions(db, [make.user(), make.user()], 13, before=2)
    client.sign_in(team)
    page = client.get(f"/badges/{badge.slug}/attribuer").text
    assert page.count("seance=") == 12
    assert page.count("2 personnes présentes") == 12


def test_who_follows_a_path_is_counted_as_far_as_it_says_something(
    db: Session,
    make: Factory,
    client: LookingClient,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge, path = make_path_badge(db)

    def follow(count: int) -> None:
        for _ in range(count):
            enrolment = Enrolment(
                user_id=make.user().id, path_id=path.id, version_id=steps_of(db, path)[0].version_id
            )
            db.add(enrolment)
        db.commit()

    monkeypatch.setattr(candidate_queries, "COUNTED", 4)
    client.sign_in(team)
    url = f"/badges/{badge.slug}/attribuer"
    follow(3)
    assert "3 personnes inscrites" in client.get(url).text
    follow(7)
    assert "4 personnes inscrites ou plus" in client.get(url).text
    before = cost_of(client, url)
    follow(20)
    after = cost_of(client, url)
    assert after[0] == before[0]
    assert after[1] <= before[1] * GROWS
