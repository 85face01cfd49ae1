"""Reading what stands for whom, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from badges.awards.models import Award
from badges.awards.renewals.terms import WINDOW, opens_at
from tierslieu.among import is_among
from tierslieu.people.models import User

#: Neither withdrawn nor renewed: what the two partial unique indexes hold once for each.
CURRENT = (Award.revoked_at.is_(None), Award.renewed_at.is_(None))

#: The columns that :func:`read_standing` reads.
FACTS = (
    Award.id,
    Award.badge_id,
    Award.awarded_at,
    Award.valid_until,
    Award.suspended_at,
    Award.recipient_email,
)


@dataclass(frozen=True)
class Standing:
    """An award that is current, valid or over. ``waits``: for who has no account yet."""

    award_id: UUID
    badge_id: UUID
    awarded_at: datetime
    valid_until: datetime | None
    is_suspended: bool
    waits: bool

    @property
    def renewable_from(self) -> datetime | None:
        """None for one that has no end, and while it is suspended."""
        if self.valid_until is None or self.is_suspended:
            return None
        return opens_at(self.awarded_at, self.valid_until)

    def may_be_renewed(self, now: datetime) -> bool:
        """Whether it ends soon or is over."""
        return self.renewable_from is not None and self.renewable_from <= now

    def outlasts(self, other: Standing) -> bool:
        """Whether it is valid longer than ``other``."""
        if other.valid_until is None:
            return False
        return self.valid_until is None or self.valid_until > other.valid_until


def read_standing(row: Sequence[Any]) -> Standing:
    """What :data:`FACTS` say of one award."""
    award_id, badge_id, awarded_at, valid_until, suspended_at, email = row
    return Standing(
        award_id, badge_id, awarded_at, valid_until, suspended_at is not None, email is not None
    )


def standing_of(award: Award) -> Standing:
    """The same of an award that was read whole."""
    return read_standing([getattr(award, column.key) for column in FACTS])


def list_of_people(
    db: Session, badge_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[tuple[UUID, Standing]]:
    """What of those badges stands for those people: theirs, or waiting at their address."""
    where = (Award.badge_id.in_(badge_ids), *CURRENT)
    own = select(Award.user_id, *FACTS).where(*where, is_among(Award.user_id, user_ids))
    waiting = (
        select(User.id, *FACTS)
        .join(Award, Award.recipient_email == User.email)
        .where(*where, is_among(User.id, user_ids))
    )
    return [
        (user_id, read_standing(facts))
        for query in (own, waiting)
        for user_id, *facts in db.execute(query.order_by(Award.awarded_at, Award.id))
        if user_id is not None
    ]


def list_at_addresses(
    db: Session, badge_ids: Sequence[UUID], emails: Sequence[str]
) -> list[tuple[str, Standing]]:
    """What of those badges stands at those addresses: waiting there, or held by the account."""
    where = (Award.badge_id.in_(badge_ids), *CURRENT)
    waiting = select(Award.recipient_email, *FACTS).where(*where, Award.recipient_email.in_(emails))
    held = (
        select(User.email, *FACTS)
        .join(Award, Award.user_id == User.id)
        .where(*where, User.email.in_(emails))
    )
    return [
        (email, read_standing(facts))
        for query in (waiting, held)
        for email, *facts in db.execute(query.order_by(Award.awarded_at, Award.id))
        if email is not None
    ]


def lock_awards(db: Session, award_ids: Iterable[UUID]) -> Sequence[Award]:
    """Those awards, read again and locked, in one order."""
    return db.scalars(
        select(Award)
        .where(Award.id.in_(sorted(award_ids)))
        .order_by(Award.id)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    ).all()


def find_renewal(db: Session, award_id: UUID) -> Award | None:
    """The award that renewed this one, unless its holder is forgotten."""
    return db.scalar(select(Award).where(Award.renews_id == award_id, Award.credential != ""))


def list_renewed_pairs(db: Session) -> Sequence[tuple[Award, Award]]:
    """Every renewal with what it renewed: (newer, older)."""
    older = aliased(Award)
    rows = db.execute(
        select(Award, older).join(older, older.id == Award.renews_id).order_by(Award.id)
    )
    return [(newer, old) for newer, old in rows]


def count_renewals(db: Session, since: datetime, until: datetime) -> int:
    """Awards made in [since, until) that renew another."""
    older = aliased(Award)
    # Two awards that met when two accounts became one are no renewal: nobody renewed anything.
    made = (
        select(func.count())
        .select_from(Award)
        .join(older, older.id == Award.renews_id)
        .where(older.renewed_at <= Award.awarded_at)
    )
    return db.scalar(made.where(Award.awarded_at >= since, Award.awarded_at < until)) or 0


def _ending(now: datetime) -> Select[Award]:
    return (
        select(Award)
        .join(User, User.id == Award.user_id)
        .where(
            *CURRENT,
            Award.suspended_at.is_(None),
            Award.end_told_at.is_(None),
            Award.valid_until > now,
            Award.valid_until <= now + WINDOW,
            User.active.is_(True),
        )
    )


def list_ending(db: Session, now: datetime) -> Sequence[Award]:
    """Awards of open accounts that end within sixty days and whose holders were not told, the
    first to end first."""
    return db.scalars(
        _ending(now).options(joinedload(Award.badge)).order_by(Award.valid_until, Award.id)
    ).all()


def take_ending(db: Session, award_ids: Sequence[UUID], now: datetime) -> Sequence[Award]:
    """Those of them of which that is still so, locked; what another worker is at is left to it."""
    return db.scalars(
        _ending(now)
        .where(is_among(Award.id, award_ids))
        .order_by(Award.id)
        .with_for_update(of=Award, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
