"""Many people who have learnt something, written straight into the tables, to count and time."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from courses.progress.models import RecordState, StepRecord
from tests.support.badges import NOW
from tests.support.courses import steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.base import new_id
from tierslieu.people.models import User
from tierslieu.people.rules import new_uniquifier


def make_crowd(
    db: Session, make: Factory, count: int, paths: list[Path], *, seed: int = 1
) -> list[User]:
    """``count`` people: each follows every path, has done some of its steps, was at some of six
    afternoons."""
    random = Random(seed)
    people = [
        User(
            id=new_id(),
            email=f"crowd{seed}-{number}@example.org",
            name=f"Personne de la foule {number}",
            fs_uniquifier=new_uniquifier(),
            confirmed_at=NOW,
            is_15_or_over=True,
        )
        for number in range(count)
    ]
    db.add_all(people)
    db.commit()
    sessions = [
        make_session(db, starts=datetime(2026, 11, 2 + day, 14, 0), hours=3)  # noqa: DTZ001
        for day in range(6)
    ]
    for path in paths:
        steps = steps_of(db, path)
        for person in people:
            enrolment = Enrolment(
                id=new_id(),
                user_id=person.id,
                path_id=path.id,
                version_id=steps[0].version_id,
                started_at=NOW,
            )
            db.add(enrolment)
            db.add_all(
                StepRecord(
                    enrolment_id=enrolment.id,
                    step_id=step.id,
                    state=RecordState.VALIDATED,
                    evidence_text="Voici.",
                    declared_at=NOW,
                    decided_at=NOW + timedelta(minutes=random.randint(1, 10_000) - 10_000),
                )
                for step in steps
                if random.random() < 0.7
            )
    db.add_all(
        Attendance(
            session_id=session.id,
            day=session.starts_local.date(),
            half=Half.AFTERNOON,
            user_id=person.id,
            mode=SeatMode.ONSITE,
            presence=Presence.PRESENT,
            arrived_at=session.starts_at,
        )
        for session in sessions
        for person in people
        if random.random() < 0.5
    )
    db.commit()
    return people
