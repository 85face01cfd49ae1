"""How far people come, counted by hand on a small house."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus
from courses.progress.models import RecordState
from courses.progress.rules import decide
from tests.support.badges import house_here, make_award, open_badges
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.evaluation.dashboard.columns import Followed, Slice
from tierslieu.evaluation.dashboard.funnel import find_reached, place_people, show_funnel
from tierslieu.evaluation.dashboard.periods import SchoolYear, school_year_of
from tierslieu.house_reach import STAGES
from tierslieu.people.models import User

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
YEAR = SchoolYear(2026)
pytestmark = pytest.mark.both_databases


def was_there(db: Session, user: User, session_id: UUID) -> None:
    db.add(
        Attendance(
            session_id=session_id, day=NOW.date(), half=Half.AFTERNOON, user_id=user.id,
            mode=SeatMode.ONSITE, presence=Presence.PRESENT, arrived_at=NOW,
        )
    )  # fmt: skip
    db.commit()


def test_each_stage_counts_whoever_reached_it_on_that_path(db: Session, make: Factory) -> None:
    path = make_path(db)
    first, second, meeting = steps_of(db, path)
    team = make.user("facilitator")
    idle, begun, there, far, last = (make.user() for _n in range(5))
    enrolments = {user: make_enrolment(db, user, path, now=NOW) for user in (idle, begun, far)}
    enrolments |= {user: make_enrolment(db, user, path, now=NOW) for user in (there, last)}
    for user, steps in ((begun, [first]), (far, [first, second]), (last, [first, second])):
        for step in steps:
            record = make_record(db, enrolments[user], step)
            decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
    make_record(db, enrolments[idle], first)  # declared alone: not validated
    about, elsewhere = make_session(db, step=meeting), make_session(db)
    was_there(db, there, about.id)
    was_there(db, last, about.id)
    was_there(db, idle, elsewhere.id)  # not about this path
    enrolments[there].status = EnrolmentStatus.STOPPED  # still came
    db.commit()

    reached = find_reached(db, house_here(), YEAR)

    def of(*users: User) -> set[Followed]:
        return {(user.id, path.id) for user in users}

    everybody = of(idle, begun, there, far, last)
    assert [reached[stage] for stage in STAGES] == [
        everybody, of(begun, there, far, last), of(there, last), of(far, last), set(),
    ]  # fmt: skip
    assert place_people(reached) == [of(idle), of(begun), of(far), of(there), of(last), set()]
    assert find_reached(db, house_here(), SchoolYear(2025))["enrolled"] == set()


def test_a_badge_counts_for_the_path_it_asks_until_it_is_withdrawn(
    db: Session, make: Factory
) -> None:
    team, user = make.user("facilitator"), make.user()
    award = make_award(db, user, team, open_badges(db))
    make_enrolment(db, user, make_path(db, "autre"))
    [held] = find_reached(db, house_here(), YEAR)["awarded"]
    assert held[0] == user.id
    award.revoked_at = NOW
    db.commit()
    assert not find_reached(db, house_here(), YEAR)["awarded"]


def test_two_enrolments_of_a_person_on_a_path_are_one(db: Session, make: Factory) -> None:
    path, user = make_path(db), make.user()
    make_enrolment(db, user, path).status = EnrolmentStatus.STOPPED
    db.commit()
    make_enrolment(db, user, path)
    assert find_reached(db, house_here(), YEAR)["enrolled"] == {(user.id, path.id)}


def placed(*counts: int) -> list[set[Followed]]:
    return [{(uuid4(), None) for _one in range(number)} for number in counts]


def test_stages_are_the_sums_of_the_rows_beyond() -> None:
    shown = show_funnel(Slice((10, 20, 5, 8, 7, 6), 56))
    assert list(shown.stages.values()) == [56, 46, 21, 13, 6]
    assert list(shown.stages) == list(STAGES)


def test_a_stage_says_nothing_that_its_rows_hide() -> None:
    """Two hidden rows on either side of a stage: the stage would tell them apart."""
    shown = show_funnel(Slice((10, 20, 5, None, 9, None), 56))
    assert list(shown.stages.values()) == [56, 46, 21, None, None]
    shown = show_funnel(Slice((None, None, 5, 8, 7, 6), 56))
    assert list(shown.stages.values()) == [56, None, 21, 13, 6]
    assert list(show_funnel(Slice((None,) * 6, None)).stages.values()) == [None] * 5


@pytest.mark.parametrize(
    ("instant", "first"),
    [
        (datetime(2026, 8, 31, 21, 59, tzinfo=UTC), 2025),  # 23:59 in Paris
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), 2026),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), 2026),
    ],
)
def test_a_school_year_goes_from_september_to_august_in_paris(
    instant: datetime, first: int
) -> None:
    year = school_year_of(instant)
    assert year == SchoolYear(first)
    assert year.since <= instant < year.until
    assert year.name == f"{first}-{first + 1}"
