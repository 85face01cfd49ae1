"""Weeks per second: a place, five half-days, three nights and a lunch taken together or not at all.

8 facilitators answer 240 applications for 200 places, on both databases, each in a process of its
own; beside it the bare SQL of the same ten things (an UPDATE that decides and an INSERT for each,
one commit). ``oversold`` counts seats, beds and meals beyond those there are.

    python -m benchmarks.weeks [--clients 8]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from benchmarks.booking_clients import Told, Way, by_bare_sql
from benchmarks.booking_place import Database, Place
from benchmarks.bookings import FORKS, machine
from tests.support.sessions import NOW
from tests.support.weeks import MONDAY, make_week, stay
from tierslieu import clock
from tierslieu.agenda.models import SeatPool
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR, Role, User
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.rules import Wanted, apply, decide
from tierslieu.weeks.models import Meal, RoomNight, WeekMeal

SEATS, ATTEMPTS = 200, 240
HALF_DAYS, THINGS = 5, 10


def answer(url: str, actor_id: UUID, share: Sequence[UUID], barrier: Any, queue: Any) -> None:
    """One facilitator: says yes to each application of the share."""
    engine, told = create_engine(url), Told()
    with clock.fixed_at(NOW), Session(engine) as session:
        session.execute(text("SELECT 1"))
        session.rollback()
        barrier.wait(timeout=180)
        for application_id in share:
            began = time.perf_counter()
            try:
                decide(
                    session,
                    application_id,
                    ApplicationState.ACCEPTED,
                    word="",
                    now=NOW,
                    actor_id=actor_id,
                )
                session.commit()
                told.confirmed.append(application_id)
            except Refused as refused:
                session.rollback()
                if refused.code != "blocked":
                    told.errors.append(refused.code)
            except Exception as error:
                session.rollback()
                told.errors.append(f"{type(error).__name__}: {error}"[:160])
            told.latencies.append(time.perf_counter() - began)
            session.expunge_all()
    engine.dispose()
    queue.put(told)


def bare(way: Way, share: Sequence[Any], barrier: Any, queue: Any) -> None:
    """One client of the floor."""
    act, close = by_bare_sql(way)
    told = Told()
    barrier.wait(timeout=180)
    for person in share:
        began = time.perf_counter()
        act(person)
        told.latencies.append(time.perf_counter() - began)
    close()
    queue.put(told)


def race(target: Any, first: Sequence[Any], shares: Sequence[Any]) -> tuple[float, list[Told]]:
    """All together behind a barrier; how long it took, and what each saw."""
    barrier, queue = FORKS.Barrier(len(shares) + 1), FORKS.SimpleQueue()
    running = [
        FORKS.Process(target=target, args=(*first, share, barrier, queue), daemon=True)
        for share in shares
    ]
    for one in running:
        one.start()
    barrier.wait(timeout=180)
    began = time.perf_counter()
    told = [queue.get() for _each in running]
    elapsed = time.perf_counter() - began
    for one in running:
        one.join()
    return elapsed, told


def prepare(place: Place) -> tuple[UUID, list[UUID]]:
    """A published week, and an application of everybody but the one who answers."""
    with place.app.app_context(), clock.fixed_at(NOW):
        session = db.session()
        team = session.get_one(User, place.people[0].user_id)
        team.roles = [session.scalars(select(Role).where(Role.name == FACILITATOR)).one()]
        session.commit()
        team_id = team.id
        week = make_week(
            session,
            team,
            beds=(4,) * (SEATS // 4),
            seats=SEATS,
            half_days=HALF_DAYS,
            places=SEATS,
            last_day=MONDAY.replace(day=MONDAY.day + HALF_DAYS - 1),
            meals={Meal.LUNCH: SEATS},
        )
        wanted = Wanted("J’aimerais enseigner Python.", None, stay())
        ids = [
            apply(session, week.id, person.user_id, wanted, now=NOW).id
            for person in place.people[1:]
        ]
        session.commit()
        db.engine.dispose()
    return team_id, ids


def oversold(place: Place) -> int:
    """Seats, beds and meals beyond those there are."""
    with place.app.app_context():
        beyond = 0
        for taken, there in (
            (SeatPool.taken, SeatPool.capacity),
            (RoomNight.taken, RoomNight.beds),
            (WeekMeal.taken, WeekMeal.capacity),
        ):
            over = select(func.coalesce(func.sum(taken - there), 0)).where(taken > there)
            beyond += db.session.scalar(over) or 0
        db.session.rollback()
        db.engine.dispose()
    return beyond


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    count = parser.parse_args().clients
    print(f"{SEATS} places, {ATTEMPTS} applications, {count} facilitators; {machine()}")
    heads = ("database", "way", "weeks/s", "of bare", "p50 ms", "p99 ms", "accepted", "oversold")
    print("  ".join(f"{word:>10}" for word in heads))
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for kind in ("sqlite", "postgresql"):
            with Database(kind, Path(folder)) as url:
                place = Place(url, Path(folder) / kind, ATTEMPTS + 1)
                session_ids, _series = place.open(SEATS, THINGS)
                way = Way("bare SQL", url, session_ids, 60.0)
                shares = [place.people[1:][n::count] for n in range(count)]
                elapsed, told = race(bare, (way,), shares)
                floor = show(kind, "bare SQL", elapsed, told, None, 0)
                team_id, ids = prepare(place)
                elapsed, told = race(answer, (url, team_id), [ids[n::count] for n in range(count)])
                show(kind, "acceptance", elapsed, told, floor, oversold(place))


def show(
    kind: str, way: str, elapsed: float, told: list[Told], floor: float | None, beyond: int
) -> float:
    """One line; gives what was done a second."""
    took = sorted(one for each in told for one in each.latencies)
    rate = len(took) / elapsed
    words = (kind, way, f"{rate:.0f}", f"{rate / (floor or rate):.2f}")
    words += (f"{1000 * took[len(took) // 2]:.0f}", f"{1000 * took[len(took) * 99 // 100]:.0f}")
    words += (str(sum(len(each.confirmed) for each in told) if floor else ""), str(beyond))
    print("  ".join(f"{word:>10}" for word in words))
    for wrong in [one for each in told for one in each.errors][:3]:
        print(f"  {wrong}")
    return rate


if __name__ == "__main__":
    main()
