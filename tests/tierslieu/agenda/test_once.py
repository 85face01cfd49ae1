"""A room and a facilitator are in one place at a time: refused by the database itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session
from tierslieu.agenda.models import LearningSession, session_facilitators
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import cancel_session, edit_session, plan_session
from tierslieu.errors import Refused

STARTS = datetime(2026, 12, 3, 14, 0)  # noqa: DTZ001 - wall time


def is_postgresql(db: Session) -> bool:
    return db.get_bind().dialect.name == "postgresql"


def move(db: Session, session: LearningSession, hours: float) -> None:
    """Past every rule, straight into the table."""
    shift = timedelta(hours=hours)
    db.execute(
        update(LearningSession)
        .where(LearningSession.id == session.id)
        .values(starts_at=session.starts_at + shift, ends_at=session.ends_at + shift)
        .execution_options(synchronize_session=False)
    )


@pytest.mark.both_databases
def test_one_room_is_never_taken_twice_at_one_time_and_may_be_taken_back_to_back(
    db: Session,
) -> None:
    if not is_postgresql(db):
        return  # SQLite has no such constraint: the rule looks again under the lock (test_race)
    room = make_room(db)
    make_session(db, starts=STARTS, room=room)
    after = make_session(db, starts=STARTS + timedelta(hours=3), room=room)
    elsewhere = make_session(db, starts=STARTS)
    with pytest.raises(IntegrityError, match="room_once"):
        move(db, after, -0.5)
    db.rollback()
    move(db, elsewhere, -0.5)
    db.commit()
    cancel_session(db, after.id, "Panne.", now=NOW)
    move(db, after, -0.5)
    db.commit()


@pytest.mark.both_databases
def test_one_facilitator_never_leads_two_at_one_time(db: Session, make: Factory) -> None:
    leader = make.user("facilitator")
    plans = [
        Plan(
            f"Séance {n}",
            STARTS + timedelta(hours=n * 3),
            STARTS + timedelta(hours=n * 3 + 3),
            room_id=make_room(db).id,
            onsite=4,
            facilitator_ids=(leader.id,),
        )
        for n in range(2)
    ]
    first, second = (plan_session(db, plan, now=NOW, actor_id=leader.id) for plan in plans)
    db.commit()

    def times() -> set[tuple[object, object, object]]:
        rows = db.execute(select(session_facilitators)).all()
        return {(row.session_id, row.starts_at, row.ends_at) for row in rows}

    assert times() == {(s.id, s.starts_at, s.ends_at) for s in (first, second)}
    earlier = Plan(
        **{
            **plans[1].__dict__,
            "starts_local": STARTS - timedelta(hours=3),
            "ends_local": STARTS,
        }
    )
    edit_session(db, second.id, earlier, now=NOW)
    db.commit()
    assert times() == {(s.id, s.starts_at, s.ends_at) for s in (first, second)}
    if is_postgresql(db):
        with pytest.raises(IntegrityError, match="leads_once"):
            db.execute(
                text(
                    "UPDATE session_facilitator SET starts_at = starts_at + interval '1 hour', "
                    "ends_at = ends_at + interval '1 hour' WHERE session_id = :it"
                ),
                {"it": second.id},
            )
        db.rollback()
    with pytest.raises(Refused) as refused:
        edit_session(db, second.id, plans[0], now=NOW)
    assert refused.value.code in ("facilitator_taken", "room_taken")
    db.rollback()
    cancel_session(db, first.id, "Panne.", now=NOW)
    db.commit()
    assert times() == {(first.id, None, None), (second.id, second.starts_at, second.ends_at)}
    edit_session(db, second.id, Plan(**{**plans[0].__dict__, "title": "À sa place"}), now=NOW)
    db.commit()
