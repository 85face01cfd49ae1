"""The rolls of the demonstration's past sessions: who came, who didn't, who walked in."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.rules import RollEntry, list_half_days, note_presence
from tierslieu.attendance.signing import scenes as signing
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import list_active
from tierslieu.house import Stage

GUESTS = (
    ("Maëlle Le Goff", "maelle.legoff@example.org"),
    ("Théo Arnaud", "theo.arnaud@example.org"),
    ("Odile Raimbault", "odile.raimbault@example.org"),
    ("Kofi Mensah", "kofi.mensah@example.org"),
)


def play(db: Session, stage: Stage) -> None:
    """Call the roll of every session that has ended, have one signed, and correct one."""
    chance = Random(f"{stage.seed}:attendance")  # noqa: S311 - a demonstration
    shown: UUID = stage.props["people"]["learner@example.org"]
    for session_id in stage.props["sessions"]:
        session = db.get_one(LearningSession, session_id)
        if session.ends_at > stage.today or session.cancelled_at is not None:
            continue
        booked = [b for b in list_active(db, session_id) if b.status is BookingStatus.CONFIRMED]
        entries = [
            entry for b in booked for entry in _entries(session, b, b.user_id == shown, chance)
        ]
        entries += _walk_ins(session, booked, stage, chance)
        actor = session.facilitators[0].id
        now = session.starts_at + timedelta(minutes=10)
        note_presence(db, session_id, entries, now=now, actor_id=actor)
    signing.play(db, stage)
    _correct_one(db, stage)


def _correct_one(db: Session, stage: Stage) -> None:
    """On the morning after the last session somebody missed, the paper sheet says they came."""
    line = db.scalar(
        select(Attendance)
        .join(Attendance.session)
        .where(
            Attendance.presence == Presence.ABSENT,
            Attendance.user_id.is_not(None),
            LearningSession.ends_at < stage.today - timedelta(days=1),
        )
        .order_by(LearningSession.starts_at.desc(), Attendance.day, Attendance.half, Attendance.id)
        .limit(1)
    )
    if line is None or line.noted_by_id is None:
        return
    entry = RollEntry(Presence.PRESENT, line.user_id, half_days=((line.day, line.half),))
    now = line.session.ends_at + timedelta(days=1)
    why = "Arrivée en retard : la feuille signée le dit."
    note_presence(db, line.session_id, [entry], now=now, actor_id=line.noted_by_id, why=why)


def _entries(
    session: LearningSession, booking: Booking, is_shown: bool, chance: Random
) -> list[RollEntry]:
    kinds = (Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED)
    presence = chance.choices(kinds, (84, 10, 6))[0]
    if is_shown:
        presence = Presence.PRESENT
    half_days = list_half_days(session)
    if len(half_days) > 1 and presence is Presence.PRESENT and chance.random() < 0.15:
        return [  # left at noon
            RollEntry(Presence.PRESENT, booking.user_id, half_days=tuple(half_days[:-1])),
            RollEntry(Presence.ABSENT, booking.user_id, half_days=(half_days[-1],)),
        ]
    return [RollEntry(presence, booking.user_id)]


def _walk_ins(
    session: LearningSession, booked: list[Booking], stage: Stage, chance: Random
) -> list[RollEntry]:
    """Somebody with an account now and then, somebody without one sometimes."""
    entries = []
    if session.room_id and chance.random() < 0.3:
        here = {b.user_id for b in booked}
        others = [u for u in stage.props["learners"][2:] if u not in here]
        entries.append(RollEntry(Presence.PRESENT, chance.choice(others), mode=SeatMode.ONSITE))
    if session.room_id and chance.random() < 0.2:
        name, email = chance.choice(GUESTS)
        entries.append(RollEntry(Presence.PRESENT, guest_name=name, guest_email=email))
    return entries
