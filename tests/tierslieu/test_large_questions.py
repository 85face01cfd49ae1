"""What pages of the team ask the database costs the same when the place is larger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from badges.awards import queries as awards
from badges.awards.models import Award
from badges.awards.papers.queries import count_printable
from courses.enrolments.models import Enrolment
from courses.progress.answering import queries as answering
from courses.progress.models import RecordState, StepRecord
from tests.support.counting import counted_queries, counted_work
from tests.support.courses import make_path, step_facts, steps_of
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.base import new_id
from tierslieu.bookings.limits.queries import list_limits
from tierslieu.bookings.models import BookingLimit
from tierslieu.community.pilots.models import Pilot, PilotMember
from tierslieu.community.pilots.queries import list_members
from tierslieu.db import db as database
from tierslieu.people.models import User, user_roles
from tierslieu.people.queries import list_holders, list_team
from tierslieu.people.rights.words import MOST, tell


def add_learners(db: Session, like: User, count: int) -> None:
    """So many people more, who learn as this one does."""
    ids = [new_id() for _ in range(count)]
    rows = [
        {"id": one, "email": f"{one}@example.org", "name": "Une", "fs_uniquifier": one.hex,
         "confirmed_at": clock.now()}
        for one in ids
    ]  # fmt: skip
    db.execute(insert(User), rows)
    role_id = like.roles[0].id
    db.execute(insert(user_roles), [{"user_id": one, "role_id": role_id} for one in ids])
    db.commit()


def work_of(db: Session, ask: Callable[[], object]) -> int:
    ask()
    db.rollback()
    with counted_work() as work:
        ask()
    db.rollback()
    return sum(work)


@pytest.mark.parametrize("ask", [list_team, list_holders])
def test_finding_a_team_does_not_go_through_those_who_learn(
    db: Session, make: Factory, ask: Callable[[Session, str], object]
) -> None:
    learner, _team = make.user(), make.user("facilitator")
    add_learners(db, learner, 200)
    before = work_of(db, lambda: ask(db, "facilitator"))
    add_learners(db, learner, 800)
    assert work_of(db, lambda: ask(db, "facilitator")) <= before + 20


def test_the_people_of_a_pilot_are_found_by_their_addresses_alone(
    db: Session, make: Factory
) -> None:
    learner = make.user()
    pilot = Pilot(name="Essai")
    db.add(pilot)
    db.flush()
    db.add(PilotMember(pilot_id=pilot.id, email=learner.email, invited_at=clock.now()))
    db.commit()
    pilot_id: UUID = pilot.id

    def ask() -> list[Any]:
        return [name for _member, name in list_members(db, pilot_id, limit=10)]

    assert ask() == [learner.name]
    add_learners(db, learner, 200)
    before = work_of(db, ask)
    add_learners(db, learner, 800)
    assert work_of(db, ask) <= before + 20


def test_the_usual_words_of_who_decided_for_years_are_their_latest(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "RETURNED", 20)
    facts = [step_facts(f"E{number}") for number in range(26)]
    step, *others = steps_of(db, make_path(db, "essai", steps=facts))
    learner, team = make.user(), make.user("facilitator")
    enrolment = Enrolment(
        user_id=learner.id, path_id=step.version.path_id, version_id=step.version_id
    )
    db.add(enrolment)
    db.flush()
    now = clock.now()

    def decide(count: int, word: str, *, before: int) -> None:
        db.execute(
            insert(StepRecord),
            [
                {"enrolment_id": enrolment.id, "step_id": step.id, "state": RecordState.RETURNED,
                 "decided_by_id": team.id, "decided_at": now - timedelta(hours=before + n),
                 "word": word}
                for n in range(count)
            ],
        )  # fmt: skip
        db.commit()

    decide(15, "Presque", before=0)
    decide(5, "Ancien", before=100)
    team_id = team.id

    def ask() -> list[str]:
        return answering.list_recent_words(db, team_id, 5)

    assert ask() == ["Presque", "Ancien"]
    # Validated since: what they wrote before is still theirs.
    db.execute(
        insert(StepRecord),
        [
            {"enrolment_id": enrolment.id, "step_id": other.id, "state": RecordState.VALIDATED,
             "decided_by_id": team.id, "decided_at": now}
            for other in others
        ],
    )  # fmt: skip
    db.commit()
    assert ask() == ["Presque", "Ancien"]
    decide(300, "Très ancien", before=200)
    before = work_of(db, ask)
    decide(1000, "Plus ancien encore", before=2000)
    assert ask() == ["Presque", "Ancien"]
    assert work_of(db, ask) <= before + 20


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (awards.count_withdrawn, "ix_award_withdrawn"),
        (count_printable, "ix_award_printable"),
        (
            lambda db, badge_id: awards.list_holders(db, badge_id, 0, 25),
            "ix_award_badge_id_awarded",
        ),
    ],
)
def test_the_awards_of_a_badge_are_counted_and_put_in_order_by_an_index(
    db: Session, ask: Callable[[Session, UUID], object], index: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        ask(db, new_id())
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    statement, values = next(one for one in asked if Award.__tablename__ in one[0])
    rows = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert any(index in row[3] for row in rows), rows


def test_awards_are_counted_by_an_index_without_fetching_their_credentials(db: Session) -> None:
    with counted_queries() as sent:
        awards.count_holders(db, new_id())
    (statement,) = sent
    values = (9,) * statement.count("?")
    plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    reads = [row[3] for row in plan if "award" in row[3]]
    assert reads
    assert all("COVERING INDEX" in one for one in reads), reads


def test_a_page_of_ones_data_says_how_many_lines_more_are_in_the_file() -> None:
    told = tell([f"ligne {number}" for number in range(MOST + 7)])
    assert (len(told.items), told.left_out) == (MOST, 7)
    assert tell(["une", ""]).left_out == 0
    told = tell([None] * MOST + ["une"])  # said to be there, though none of the first says anything
    assert (told.is_empty, told.left_out) == (False, 1)


def test_who_is_limited_is_listed_by_name_from_the_limits_whatever_sqlite_believes(
    db: Session, make: Factory
) -> None:
    now = clock.now()
    for name in ("Zoé", "Ana"):
        limit = BookingLimit(user_id=make.user(name=name).id, since=now, most=1)
        limit.until = now + timedelta(days=9)
        db.add(limit)
    db.commit()
    with counted_queries() as sent:
        assert [one.user.name for one in list_limits(db, now, 0, 25)] == ["Ana", "Zoé"]
    (statement,) = sent
    # What is joined from the left is read first: SQLite may not begin with everybody's names.
    assert "FROM booking_limit LEFT OUTER JOIN user_account" in " ".join(statement.split())
