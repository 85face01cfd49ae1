"""How long rolls, sheets and signatures say names: then only what is counted stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session, selectinload

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import NOBODY, Attendance, AttendanceRecord
from tierslieu.attendance.signing.forgetting import forget
from tierslieu.attendance.signing.models import Signature, SigningChain, SigningMiss
from tierslieu.db import lock_for_writing

MISSES_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Old:
    """What is past its time: how many sessions, and what they hold that names somebody."""

    sessions: int
    lines: int
    records: int
    signatures: int


def horizon(now: datetime, years: int) -> datetime:
    """Sessions that ended before this instant have kept their names for long enough."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February
        return now.replace(year=now.year - years, day=28)


def count_old(db: Session, before: datetime) -> Old:
    """What :func:`forget_old` would do, without doing it."""
    old = select(LearningSession.id).where(LearningSession.ends_at < before)
    named = select(func.count()).select_from(Attendance).where(_is_named())
    records = select(func.count()).select_from(AttendanceRecord)
    signatures = select(func.count()).select_from(Signature).join(Signature.chain)
    return Old(
        sessions=db.scalars(
            select(func.count()).select_from(_old_sessions(before).subquery())
        ).one(),
        lines=db.scalars(named.where(Attendance.session_id.in_(old))).one(),
        records=db.scalars(records.where(AttendanceRecord.session_id.in_(old))).one(),
        signatures=db.scalars(signatures.where(SigningChain.session_id.in_(old), _says())).one(),
    )


def forget_old(db: Session, before: datetime, *, most: int = 50) -> int:
    """Take the names off the oldest sessions, ``most`` at once; returns how many those were.

    The lines stay, of nobody, for the place's counts: one nobody for each person of a session.
    Signatures stay in their chains, which remain whole. Records of programs go.
    """
    lock_for_writing(db)
    sessions = db.scalars(_old_sessions(before).limit(most)).all()
    for session_id in sessions:
        _forget_lines(db, session_id)
        _forget_signatures(db, session_id)
        db.execute(delete(AttendanceRecord).where(AttendanceRecord.session_id == session_id))
    db.flush()
    return len(sessions)


def forget_misses(db: Session, now: datetime) -> int:
    """Codes that were wrong are counted for some minutes, and kept no longer than a day; how many
    were forgotten."""
    done = db.execute(delete(SigningMiss).where(SigningMiss.at < now - MISSES_KEPT))
    return int(getattr(done, "rowcount", 0))


def _is_named() -> ColumnElement[bool]:
    return Attendance.user_id.is_not(None) | Attendance.guest_email.not_like(f"%{NOBODY}")


def _says() -> ColumnElement[bool]:
    return (Signature.salt != "") | Signature.by_id.is_not(None)


def _old_sessions(before: datetime) -> Select[UUID]:
    line = select(Attendance.id).where(Attendance.session_id == LearningSession.id, _is_named())
    record = select(AttendanceRecord.nonce).where(AttendanceRecord.session_id == LearningSession.id)
    signature = (
        select(Signature.id)
        .join(Signature.chain)
        .where(SigningChain.session_id == LearningSession.id, _says())
    )
    return (
        select(LearningSession.id)
        .where(
            LearningSession.ends_at < before,
            line.exists() | record.exists() | signature.exists(),
        )
        .order_by(LearningSession.ends_at, LearningSession.id)
    )


def _forget_lines(db: Session, session_id: UUID) -> None:
    lines: Sequence[Attendance] = db.scalars(
        select(Attendance)
        .where(Attendance.session_id == session_id)
        .options(selectinload(Attendance.changes))
        .order_by(Attendance.id)
    ).all()
    nobodies: dict[UUID | str, str] = {}
    for line in lines:
        who = line.user_id or line.guest_email
        nobody = nobodies.setdefault(who, f"{uuid4().hex}{NOBODY}")
        line.user_id, line.guest_name, line.guest_email = None, str(_("Personne effacée")), nobody
        line.noted_by_id = line.declined_by_id = None
        for change in line.changes:
            change.by_id, change.why = None, ""


def _forget_signatures(db: Session, session_id: UUID) -> None:
    for one in db.scalars(
        select(Signature)
        .join(Signature.chain)
        .where(SigningChain.session_id == session_id)
        .order_by(Signature.chain_id, Signature.number)
    ):
        forget(one)
        one.by_id = None
