"""A small place of which figures are made, of chance or ever larger, and its nights."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.models import Path, Step
from courses.progress.models import RecordState, StepRecord
from tests.support.courses import make_path, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tests.support.surveys import make_study
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.base import new_id
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.evaluation.nightly.jobs import make_due
from tierslieu.people.models import Audience, Gender, Profile, Role, User
from tierslieu.surveys.models import Invitation, ResponseSheet, Wave

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
STARTS = datetime(2026, 11, 10, 14, 0)  # noqa: DTZ001 - wall time


class Town:
    """People who follow a path, come to a session and are asked what they think, by chance."""

    def __init__(self, db: Session, make: Factory, seed: int = 0) -> None:
        self.db, self.chance = db, random.Random(seed)
        self._enrolments: list[Enrolment] = []
        self._others: list[Any] = []
        self.learner = db.query(Role).filter_by(name="learner").one()
        self.paths = [self._path(slug) for slug in ("essai", "autre")]
        self.firsts = [steps_of(db, path)[0] for path in self.paths]
        self.wave = make_study(db).waves[0]
        self.session = make_session(
            db, starts=STARTS, onsite=12, step_id=steps_of(db, self.paths[0])[1].id
        )

    def _path(self, slug: str) -> Path:
        steps = [step_facts("A"), step_facts("B", kind="attendance")]
        return make_path(self.db, slug, steps=steps)

    def grow(self, count: int) -> None:
        """So many people more, each with what they did since the month before."""
        chance = self.chance
        people: list[User] = []
        for _ in range(count):
            number = uuid4().hex
            user = User(
                id=new_id(),
                email=f"{number}@example.org",
                name=f"Personne {number}",
                fs_uniquifier=number,
                confirmed_at=self._once(),
                is_15_or_over=True,
                roles=[self.learner],
            )
            user.profile = Profile(
                audience=chance.choice(list(Audience)),
                gender=chance.choice([Gender.WOMAN, Gender.MAN, None]),
                town="Antibes",
            )
            people.append(user)
            for first in self.firsts:
                if chance.random() < 0.7:
                    self._follow(user, first)
            self._attend(user)
            self._ask(user)
        # Three flushes for all instead of three for each.
        for rows in (people, self._enrolments, self._others):
            self.db.add_all(rows)
            self.db.flush()
            rows.clear()
        self.db.commit()

    def _once(self) -> datetime:
        return NOW - self.chance.randrange(45) * DAY

    def _follow(self, user: User, first: Step) -> None:
        enrolment = Enrolment(
            id=new_id(),
            user_id=user.id,
            path_id=first.version.path_id,
            version_id=first.version_id,
            started_at=self._once(),
        )
        self._enrolments.append(enrolment)
        if self.chance.random() < 0.6:
            self._others.append(
                StepRecord(
                    enrolment_id=enrolment.id,
                    step_id=first.id,
                    state=RecordState.VALIDATED,
                    declared_at=self._once(),
                )
            )

    def _attend(self, user: User) -> None:
        session: LearningSession = self.session
        shared: dict[str, Any] = {"session_id": session.id, "user_id": user.id}
        if self.chance.random() < 0.7:
            status = self.chance.choice([BookingStatus.CANCELLED, BookingStatus.WAITING])
            mode = SeatMode.ONSITE
            self._others.append(
                Booking(**shared, status=status, mode=mode, created_at=self._once())
            )
            presence = self.chance.choice([Presence.PRESENT, Presence.PRESENT, Presence.ABSENT])
            is_there = presence is Presence.PRESENT
            self._others.append(
                Attendance(
                    **shared,
                    day=STARTS.date(),
                    half=Half.AFTERNOON,
                    presence=presence,
                    mode=mode,
                    arrived_at=clock.to_utc(STARTS) if is_there else None,
                )
            )

    def _ask(self, user: User) -> None:
        wave: Wave = self.wave
        at = self._once()
        answered = self.chance.random() < 0.5
        self._others.append(
            Invitation(
                wave_id=wave.id,
                user_id=user.id,
                subject=f"session:{uuid4()}",
                label="Une séance",
                occurred_at=at - DAY,
                code=uuid4().hex,
                invited_at=at,
                closes_at=at + 21 * DAY,
                answered_at=at if answered else None,
            )
        )
        if answered:
            self._others.append(
                ResponseSheet(
                    wave_id=wave.id,
                    instrument_id=wave.instrument_id,
                    sheet_key=uuid4().hex,
                    is_submitted=True,
                )
            )


def pass_night(db: Session, now: datetime = NOW) -> int:
    """What the worker makes of the place as it is ``now``; gives how many figures it made."""
    made = 0
    assert current_app
    while make_due(db, now):
        made += 1
    return made
