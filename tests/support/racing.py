"""Processes that race for seats: started together behind a barrier, each with its own engine.

They are forked from a server that has imported the house and opened nothing, so that they start
quickly and share no connection with the test's own process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.support.forking import START
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import plan_session
from tierslieu.agenda.series.rules import plan_of
from tierslieu.bookings.bundles.queries import list_dates_of
from tierslieu.bookings.changes import change_session
from tierslieu.bookings.groups.rules import take_invitation
from tierslieu.bookings.queries import find_active
from tierslieu.bookings.rules import claim, forget_person, release, switch_mode
from tierslieu.bookings.series.rules import claim_series, list_to_come, release_series
from tierslieu.errors import Refused
from tierslieu.people.models import User


@dataclass(frozen=True)
class Race:
    """Who runs where: each of ``processes`` books for its share of ``user_ids``."""

    database_url: str
    session_id: UUID
    user_ids: list[UUID]
    now: datetime
    processes: int
    # claim; churn (claims and releases for ever); plan (a room for one hour); naive (guard off);
    # dates (each process one date of the session's series); series (every date of the session's
    # series, then all given back by every other person);
    # bundle (the same of a series that is followed as a whole, with one date moved by the team);
    # erase (every other process erases the person, the others switch their mode); take (the seat
    # of an invitation)
    how: str = "claim"
    secret: str = ""  # of the invitation that "take" is about


@dataclass
class Outcome:
    """What came of it: answers counted by kind, seconds of each, and of the whole."""

    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)


def run(race: Race, *, kill_when: Callable[[], bool] | None = None) -> Outcome:
    """Run a race to its end; or kill every process with SIGKILL as soon as ``kill_when()``."""
    barrier = START.Barrier(race.processes + 1)
    queue: Any = START.SimpleQueue() if kill_when is None else None
    shares = [race.user_ids[n :: race.processes] for n in range(race.processes)]
    runners = [
        START.Process(target=_runner, args=(race, share, barrier, queue), daemon=True)
        for share in shares
    ]
    for runner in runners:
        runner.start()
    barrier.wait(timeout=90)
    began = time.perf_counter()
    outcome = Outcome()
    if kill_when is not None:
        while not kill_when():  # asked again and again: work is cut in its midst
            assert time.perf_counter() - began < 60, "nothing began"
        for runner in runners:
            assert runner.pid is not None
            os.kill(runner.pid, signal.SIGKILL)
    else:
        for _each in runners:
            answers, latencies, errors = queue.get()
            outcome.answers.update(answers)
            outcome.latencies += latencies
            outcome.errors += errors
    outcome.seconds = time.perf_counter() - began
    for runner in runners:
        runner.join(timeout=30)
    return outcome


def _runner(race: Race, user_ids: list[UUID], barrier: Any, queue: Any) -> None:
    answers: Counter[str] = Counter()
    latencies: list[float] = []
    errors: list[str] = []
    engine = create_engine(race.database_url)
    act = {
        "claim": _claim,
        "churn": _churn,
        "plan": _plan,
        "naive": _naive,
        "dates": _dates,
        "series": _series,
        "bundle": _bundle,
        "erase": _erase_or_switch,
        "take": _take,
    }[race.how]
    with Session(engine) as session:
        session.execute(text("SELECT 1"))  # connected before the start
        session.rollback()
        barrier.wait(timeout=90)
        while True:
            for user_id in user_ids:
                began = time.perf_counter()
                try:
                    answers[act(session, race, user_id)] += 1
                except Exception as error:
                    session.rollback()
                    errors.append(f"{type(error).__name__}: {error}"[:200])
                latencies.append(time.perf_counter() - began)
            if race.how != "churn":
                break
    engine.dispose()
    queue.put((answers, latencies, errors))


def _claim(session: Session, race: Race, user_id: UUID) -> str:
    booking = claim(session, race.session_id, user_id, SeatMode.ONSITE, now=race.now)
    status = booking.status.value
    session.commit()
    return status


def _churn(session: Session, race: Race, user_id: UUID) -> str:
    held = find_active(session, race.session_id, user_id)
    if held is None:
        return _claim(session, race, user_id)
    release(session, held.id, now=race.now, actor_id=user_id)
    session.commit()
    return "released"


def _dates(session: Session, race: Race, user_id: UUID) -> str:
    """Book the date of the series that is this process's own."""
    chosen = session.get_one(LearningSession, race.session_id)
    dates = list_to_come(session, chosen.series_id, race.now)  # type: ignore[arg-type]
    own = int(multiprocessing.current_process().name.rpartition("-")[2]) % race.processes
    session_id = dates[own].id
    session.rollback()
    return _claim(session, replace(race, session_id=session_id), user_id)


def _series(session: Session, race: Race, user_id: UUID) -> str:
    series_id = session.get_one(LearningSession, race.session_id).series_id
    session.rollback()
    assert series_id is not None
    claim_series(session, series_id, user_id, SeatMode.ONSITE, now=race.now)
    session.commit()
    if user_id.int % 2:
        release_series(session, series_id, user_id, now=race.now)
        session.commit()
        return "left"
    return "stayed"


def _bundle(session: Session, race: Race, user_id: UUID) -> str:
    """Book all dates by any of them, give all back by any other; every eighth changes a date."""
    series_id = session.get_one(LearningSession, race.session_id).series_id
    dates = list_dates_of(session, [series_id])[series_id]  # type: ignore[index,list-item]
    ids = [one.id for one in dates]
    session.rollback()
    chosen = user_id.int % len(ids)
    claim(session, ids[chosen], user_id, SeatMode.ONSITE, now=race.now)
    session.commit()
    if user_id.int % 8 == 1:
        one = session.get_one(LearningSession, ids[chosen])
        change_session(session, one.id, plan_of(one), now=race.now)
        session.commit()
    if user_id.int % 2:
        held = find_active(session, ids[chosen - 1], user_id)
        assert held is not None
        release(session, held.id, now=race.now, actor_id=user_id)
        session.commit()
        return "left"
    return "stayed"


def _erase_or_switch(session: Session, race: Race, user_id: UUID) -> str:
    if int(multiprocessing.current_process().name.rpartition("-")[2]) % 2:
        forget_person(session, user_id, race.now)
        session.commit()
        return "erased"
    for _try in range(4):
        held = find_active(session, race.session_id, user_id)
        if held is None:
            break
        mode = SeatMode.ONLINE if held.mode is SeatMode.ONSITE else SeatMode.ONSITE
        try:
            switch_mode(session, held.id, mode, now=race.now, actor_id=user_id)
            session.commit()
        except Refused:  # the booking is gone, or the other way is full
            session.rollback()
    return "switched"


def _take(session: Session, race: Race, user_id: UUID) -> str:
    take_invitation(session, race.secret, session.get_one(User, user_id), now=race.now)
    session.commit()
    return "taken"


def _plan(session: Session, race: Race, user_id: UUID) -> str:
    """Plan a session in the room and at the hour of the race's session, a day later."""
    model = session.get_one(LearningSession, race.session_id)
    plan = Plan(
        "Même salle, même heure",
        model.starts_local + timedelta(days=1),
        model.ends_local + timedelta(days=1),
        room_id=model.room_id,
        onsite=1,
        facilitator_ids=(user_id,),
    )
    plan_session(session, plan, now=race.now, actor_id=user_id)
    session.commit()
    return "planned"


def _naive(session: Session, race: Race, user_id: UUID) -> str:
    """The guard off: count, then insert, as one would write it without thinking of others.

    On tables of its own, without the CHECK, and on SQLite with the driver's own transactions.
    """
    if session.get_bind().dialect.name == "sqlite":
        raw: Any = session.connection().connection.driver_connection
        raw.rollback()
        raw.isolation_level = "DEFERRED"  # Python's default: no transaction before a SELECT
        (taken,) = raw.execute("SELECT count(*) FROM naive_seat").fetchone()
        (capacity,) = raw.execute("SELECT capacity FROM naive_pool").fetchone()
        _write_a_mail()
        if taken < capacity:
            raw.execute("INSERT INTO naive_seat (who) VALUES (?)", (str(user_id),))
        raw.commit()
        return "confirmed" if taken < capacity else "waiting"
    taken = session.scalar(text("SELECT count(*) FROM naive_seat")) or 0
    capacity = session.scalar(text("SELECT capacity FROM naive_pool")) or 0
    _write_a_mail()
    if taken < capacity:
        session.execute(text("INSERT INTO naive_seat (who) VALUES (:who)"), {"who": str(user_id)})
    session.commit()
    return "confirmed" if taken < capacity else "waiting"


def _write_a_mail() -> int:
    """What a real booking does between looking and taking: a millisecond or two of work."""
    return sum(n * n for n in range(20_000))
