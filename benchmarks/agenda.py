"""Pages of the agenda with 20,000 sessions and 200,000 bookings, beside 200 and 2,000.

Both places are served at once and asked in turn, page by page, so that a slow moment of the machine
slows both; the ratio of the medians is the figure to read. Sessions lie as close in both, ten a
week, and as many are to come: a place that has run for years has its many behind it.

    python -m benchmarks.agenda [--times 30] [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.booking_place import Database, Place
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode, SeatPool
from tierslieu.base import new_id
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.db import db

FEW, MANY, TO_COME = 200, 20_000, 60
BOOKED, PEOPLE, SLICE = 10, 600, 2_000
HOURS = (9, 14)  # two a day, Monday to Friday


def fill(place: Place, count: int) -> UUID:
    """So many sessions, all but the last of them past, each with ten people; gives one to come."""
    now, room_id = clock.now(), new_id()
    today = clock.to_local(now).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=(count - TO_COME) // (5 * len(HOURS)))
    shown = new_id()
    with place.app.app_context():
        db.session.execute(insert(Room).values(id=room_id, name="salle mesurée", places=30))
        for start in range(0, count, SLICE):
            sessions, pools, bookings = [], [], []
            for number in range(start, min(start + SLICE, count)):
                one = _session(number, first, room_id, now)
                if number == count - TO_COME + 20:
                    one["id"] = shown
                sessions.append(one)
                pools.append(
                    {"id": new_id(), "session_id": one["id"], "mode": SeatMode.ONSITE,
                     "capacity": 30, "taken": BOOKED, "kept": 0, "kept_taken": 0}
                )  # fmt: skip
                bookings += [
                    {"id": new_id(), "session_id": one["id"], "user_id": person.user_id,
                     "mode": SeatMode.ONSITE, "status": BookingStatus.CONFIRMED,
                     "created_at": now, "confirmed_at": now}
                    for person in _booked(place, number, count)
                ]  # fmt: skip
            db.session.execute(insert(LearningSession), sessions)
            db.session.execute(insert(SeatPool), pools)
            db.session.execute(insert(Booking), bookings)
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE"))  # as its daemon does within a minute
        db.session.commit()
        db.engine.dispose()
    return shown


def _session(number: int, first: datetime, room_id: UUID, now: datetime) -> dict[str, Any]:
    day, place = divmod(number, len(HOURS))
    week, weekday = divmod(day, 5)
    starts = first + timedelta(weeks=week, days=weekday, hours=HOURS[place])
    ends = starts + timedelta(hours=2)
    return {
        "id": new_id(), "title": f"Séance {number}", "room_id": room_id, "created_at": now,
        "starts_local": starts, "ends_local": ends,
        "starts_at": clock.to_utc(starts), "ends_at": clock.to_utc(ends),
    }  # fmt: skip


def _booked(place: Place, number: int, count: int) -> list[Any]:
    """Ten people. Of few sessions that are past, fewer people shared them: so that somebody's own
    list has more than a page in both places."""
    among = 20 if count == FEW and number < count - TO_COME else len(place.people)
    return [place.people[(number * BOOKED + n) % among] for n in range(BOOKED)]


def pages(shown: UUID) -> list[tuple[str, str]]:
    """What is asked for, by name."""
    today = clock.to_local(clock.now())
    year, week, _day = today.isocalendar()
    return [
        ("list", "/agenda"),
        ("list, a later page", "/agenda?page=3"),
        ("week", f"/agenda/semaine/{year}-W{week:02d}"),
        ("month", f"/agenda/mois/{today:%Y-%m}"),
        ("day", f"/agenda/jour/{today:%Y-%m-%d}"),
        ("one session", f"/agenda/{shown}"),
        ("own bookings", "/mes-reservations"),
        ("own bookings, page 2", "/mes-reservations?page=2"),
        ("calendar", "/agenda.ics"),
        ("API, sessions", "/api/v1/sessions"),
        ("API, bookings", "/api/v1/bookings"),
    ]


def ask(line: http.client.HTTPConnection, place: Place, path: str) -> float:
    """How many ms until the whole answer is there, as the first person."""
    person = place.people[0]
    is_call = path.startswith("/api")
    asked = {"Authorization": f"Bearer {person.key}"} if is_call else {}
    headers = asked or {"Cookie": f"session={person.cookie}"}
    began = time.perf_counter()
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    answer.read()
    line.close()  # the server hangs up on who says nothing for two seconds
    assert answer.status == 200, (path, answer.status)
    return 1000 * (time.perf_counter() - began)


def measure(times: int) -> list[dict[str, Any]]:
    """One row for each database and page: the medians with few and with many, and their ratio."""
    found = []
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="bench") as name:
            found += _measure_kind(kind, Path(name), times)
    return found


def _measure_kind(kind: str, folder: Path, times: int) -> list[dict[str, Any]]:
    for name in ("few", "many"):
        (folder / name).mkdir()
    with Database(kind, folder / "few") as few_url, Database(kind, folder / "many") as many_url:
        few = Place(few_url, folder / "few" / "instance", PEOPLE)
        many = Place(many_url, folder / "many" / "instance", PEOPLE)
        shown = fill(few, FEW), fill(many, MANY)
        with few.served() as one, many.served() as other:
            lines = [
                http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                for server in (one, other)
            ]
            rows = []
            for (name, path), (_name, far) in zip(pages(shown[0]), pages(shown[1]), strict=True):
                took: tuple[list[float], list[float]] = [], []
                for turn in range(times + 5):
                    pair = ask(lines[0], few, path), ask(lines[1], many, far)
                    if turn >= 5:  # the first find every worker cold
                        took[0].append(pair[0])
                        took[1].append(pair[1])
                a, b = (statistics.median(each) for each in took)
                row = {"database": kind, "page": name, "few_ms": a, "many_ms": b, "ratio": b / a}
                rows.append(row)
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=30, help="how often each page is asked for")
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = measure(wanted.times)
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{'database':>10}  {'page':20}  {FEW:>7} ms  {MANY:>7} ms  ratio")
    for row in found:
        print(
            f"{row['database']:>10}  {row['page']:20}  {row['few_ms']:10.1f}"
            f"  {row['many_ms']:10.1f}  {row['ratio']:5.2f}"
        )


if __name__ == "__main__":
    main()
