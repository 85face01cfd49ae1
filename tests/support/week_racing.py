"""Facilitators who answer applications at once, each process with an engine of its own."""

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
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.rules import decide, withdraw
from tierslieu.weeks.calling_off import call_off_week


@dataclass(frozen=True)
class WeekRace:
    """Each of ``processes`` accepts its share of ``application_ids``; ``leaving``: and takes the
    first that it accepted back again, then accepts once more what was blocked. The first process to
    its third calls off ``called_off``, if there is such a week."""

    database_url: str
    application_ids: list[UUID]
    actor_id: UUID
    now: datetime
    processes: int
    leaving: bool = False
    called_off: UUID | None = None


@dataclass
class WeekOutcome:
    """Answers counted by kind; what was no answer at all."""

    answers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def run(race: WeekRace) -> WeekOutcome:
    """Run a race to its end."""
    barrier, queue = START.Barrier(race.processes), START.SimpleQueue()
    shares = [race.application_ids[n :: race.processes] for n in range(race.processes)]
    runners = [
        START.Process(target=_runner, args=(race, share, barrier, queue), daemon=True)
        for share in shares
    ]
    for runner in runners:
        runner.start()
    outcome = WeekOutcome()
    for _each in runners:
        answers, errors = queue.get()
        outcome.answers.update(answers)
        outcome.errors += errors
    for runner in runners:
        runner.join(timeout=30)
    return outcome


def _runner(race: WeekRace, share: list[UUID], barrier: Any, queue: Any) -> None:
    answers: Counter[str] = Counter()
    errors: list[str] = []
    engine = create_engine(race.database_url)
    with Session(engine) as session:
        session.execute(text("SELECT 1"))  # connected before the start
        session.rollback()
        barrier.wait(timeout=90)
        blocked, stays = [], not race.leaving
        for place, application_id in enumerate(share):
            if race.called_off is not None and place == 2:
                answers[_call_off(session, race, race.called_off, errors)] += 1
            said = _accept(session, race, application_id, errors)
            answers[said] += 1
            if said == "blocked":
                blocked.append(application_id)
            elif said == "accepted" and not stays:
                stays = True
                withdraw(session, application_id, now=race.now, actor_id=race.actor_id, word="x")
                session.commit()
                answers["left"] += 1
        if race.leaving:
            for application_id in blocked:
                answers[_accept(session, race, application_id, errors)] += 1
    engine.dispose()
    queue.put((answers, errors))


def _call_off(session: Session, race: WeekRace, week_id: UUID, errors: list[str]) -> str:
    try:
        call_off_week(session, week_id, "Inondation.", now=race.now, actor_id=race.actor_id)
        session.commit()
    except Refused as refused:
        session.rollback()
        return refused.code
    except Exception as error:
        session.rollback()
        errors.append(f"{type(error).__name__}: {error}"[:300])
        return "error"
    return "called_off"


def _accept(session: Session, race: WeekRace, application_id: UUID, errors: list[str]) -> str:
    try:
        decide(
            session,
            application_id,
            ApplicationState.ACCEPTED,
            word="",
            now=race.now,
            actor_id=race.actor_id,
        )
        session.commit()
    except Refused as refused:
        session.rollback()
        return refused.code
    except Exception as error:  # a deadlock, a constraint: the test says there is none
        session.rollback()
        errors.append(f"{type(error).__name__}: {error}"[:300])
        return "error"
    return "accepted"
