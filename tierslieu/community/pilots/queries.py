"""Every SELECT of the pilots and their members."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu.community.pilots.models import Pilot, PilotMember
from tierslieu.people.models import User
from tierslieu.people.queries import proved_addresses


def list_pilots(db: Session) -> list[Pilot]:
    """All pilots, by name."""
    return list(db.scalars(select(Pilot).order_by(Pilot.name, Pilot.id)))


def list_pilots_of(db: Session, user_id: UUID) -> list[Pilot]:
    """The pilots to which an address was invited that this person proved to be theirs, by name."""
    proved = proved_addresses()
    mine = (
        select(PilotMember.pilot_id)
        .join(proved, proved.c.email == PilotMember.email)
        .where(proved.c.user_id == user_id)
    )
    return list(db.scalars(select(Pilot).where(Pilot.id.in_(mine)).order_by(Pilot.name, Pilot.id)))


def find_pilot(db: Session, pilot_id: UUID) -> Pilot | None:
    """One pilot as it is now."""
    return db.get(Pilot, pilot_id)


def find_named(db: Session, name: str) -> Pilot | None:
    """The pilot of exactly this name."""
    return db.scalar(select(Pilot).where(Pilot.name == name))


def list_members(
    db: Session, pilot_id: UUID, *, limit: int, offset: int = 0
) -> list[tuple[PilotMember, str | None]]:
    """The addresses invited to a pilot, each with the name of who proved it (None: nobody yet)."""
    proved = proved_addresses(select(PilotMember.email).where(PilotMember.pilot_id == pilot_id))
    rows = db.execute(
        select(PilotMember, User.name)
        .outerjoin(proved, proved.c.email == PilotMember.email)
        .outerjoin(User, User.id == proved.c.user_id)
        .where(PilotMember.pilot_id == pilot_id)
        .order_by(PilotMember.email, User.id)
        .limit(limit)
        .offset(offset)
    )
    return [(row[0], row[1]) for row in rows]


def count_members(db: Session, pilot_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many addresses were invited to each of these pilots."""
    rows = db.execute(
        select(PilotMember.pilot_id, func.count(PilotMember.id))
        .where(PilotMember.pilot_id.in_(pilot_ids))
        .group_by(PilotMember.pilot_id)
        .order_by(PilotMember.pilot_id)
    )
    return {row[0]: row[1] for row in rows}


def find_member(db: Session, pilot_id: UUID, member_id: UUID) -> PilotMember | None:
    """One invitation of this pilot."""
    return db.scalar(
        select(PilotMember).where(PilotMember.id == member_id, PilotMember.pilot_id == pilot_id)
    )


def list_invited(db: Session, pilot_id: UUID) -> set[str]:
    """The addresses that this pilot invited."""
    query = select(PilotMember.email).where(PilotMember.pilot_id == pilot_id)
    return set(db.scalars(query.order_by(PilotMember.email)))


def list_memberships(db: Session, emails: Sequence[str]) -> list[tuple[PilotMember, Pilot]]:
    """Where these addresses were invited, the oldest first."""
    rows = db.execute(
        select(PilotMember, Pilot)
        .join(Pilot, Pilot.id == PilotMember.pilot_id)
        .where(PilotMember.email.in_(emails))
        .order_by(PilotMember.invited_at, PilotMember.id)
    )
    return [(row[0], row[1]) for row in rows]
