"""People who want one slot at once, each process with an engine of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.support.forking import START
from tierslieu.errors import Refused
from tierslieu.support.appointments.models import AppointmentMode
from tierslieu.support.appointments.queries import list_to_come
from tierslieu.support.appointments.rules import Asked, book, cancel, move
from tierslieu.support.slots.rules import close_slot


@dataclass(frozen=True)
class SlotRace:
    """Each of ``processes`` books every slot for its share of ``user_ids``, each beginning at
    another slot, so that two want two slots in either order. ``moving``: they move what they have
    to each following slot. ``closing``: the first process closes slots by this facilitator
    meanwhile, and people whose number is odd cancel in the end."""

    database_url: str
    slot_ids: list[UUID]
    user_ids: list[UUID]
    now: datetime
    processes: int
    most: int = 2
    moving: bool = False
    closing: UUID | None = None


@dataclass
class SlotOutcome:
    """Answers counted by kind; what was no answer at all."""

    answers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def run(race: SlotRace) -> SlotOutcome:
    """Run a race to its end."""
    barrier, queue = START.Barrier(race.processes), START.SimpleQueue()
    runners = [
        START.Process(target=_runner, args=(race, place, barrier, queue), daemon=True)
        for place in range(race.processes)
    ]
    for runner in runners:
        runner.start()
    outcome = SlotOutcome()
    for _each in runners:
        answers, errors = queue.get()
        outcome.answers.update(answers)
        outcome.errors += errors
    for runner in runners:
        runner.join(timeout=30)
    return outcome


def _runner(race: SlotRace, place: int, barrier: Any, queue: Any) -> None:
    answers: Counter[str] = Counter()
    errors: list[str] = []
    engine = create_engine(race.database_url)
    asked = Asked(AppointmentMode.ONSITE)
    with Session(engine) as session:
        session.execute(text("SELECT 1"))  # connected before the start
        session.rollback()
        barrier.wait(timeout=90)
        start = place * len(race.slot_ids) // race.processes
        for number, slot_id in enumerate(race.slot_ids[start:] + race.slot_ids[:start]):
            if race.closing is not None and not place and number % 3 == 1:
                act = lambda: close_slot(session, slot_id, race.closing, "x", now=race.now)  # noqa: B023, E731
                answers[_try(session, act, "closed_it", errors)] += 1
            for user_id in race.user_ids[place :: race.processes]:
                act = lambda: _take(session, race, slot_id, user_id, asked)  # noqa: B023, E731
                answers[_try(session, act, "booked", errors)] += 1
        if race.closing is not None:
            for user_id in race.user_ids[place :: race.processes]:
                held = list_to_come(session, user_id, race.now) if user_id.int % 2 else []
                for one in [one.id for one in held]:
                    session.rollback()
                    act = lambda: cancel(session, one, user_id, now=race.now)  # noqa: B023, E731
                    answers[_try(session, act, "cancelled", errors)] += 1
    engine.dispose()
    queue.put((answers, errors))


def _take(session: Session, race: SlotRace, slot_id: UUID, user_id: UUID, asked: Asked) -> None:
    held = list_to_come(session, user_id, race.now) if race.moving else []
    if held:
        own = held[0].id
        session.rollback()
        move(session, own, user_id, slot_id, asked, now=race.now)
    else:
        session.rollback()
        book(session, slot_id, user_id, asked, most=race.most, now=race.now)


def _try(session: Session, act: Any, done: str, errors: list[str]) -> str:
    try:
        act()
        session.commit()
    except Refused as refused:
        session.rollback()
        return refused.code
    except Exception as error:  # a deadlock, a constraint: the test says there is none
        session.rollback()
        errors.append(f"{type(error).__name__}: {error}"[:300])
        return "error"
    return done
