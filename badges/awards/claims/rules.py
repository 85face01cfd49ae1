"""An award that waits becomes its person's, is refused by them, or is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.claims.queries import (
    find_by_token,
    list_unclaimed_since,
    list_waiting_for,
)
from badges.awards.forgetting import forget_holder
from badges.awards.models import Award
from badges.awards.renewals.queries import Standing
from badges.awards.renewals.rules import find_holders, renew
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours
from tierslieu.people.models import User

KEPT_FOR = timedelta(days=365)  # an award nobody claims; the mail and the notice say so
AT_ONCE = 200


@dataclass(frozen=True)
class Claimed:
    """What came of it: awards that are theirs now, and those they held already (let go)."""

    awards: list[Award]
    doubles: int


def claim_awards(db: Session, user_id: UUID, *, now: datetime | None = None) -> Claimed:
    """Give this person what waits at the addresses they proved; private, like any award.

    A badge this account holds already is held once: the second award, whose file nobody ever had,
    is forgotten and keeps its bit alone; unless what the account has ends soon or is over: then
    it is renewed by the other.
    """
    lock_for_writing(db)
    # The person first, as when a badge is awarded: whoever else gives them one waits here.
    person = db.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if person is None:
        return Claimed([], 0)
    waiting = list_waiting_for(db, user_id, lock=True)
    awards, doubles = [], 0
    now = now or clock.now()
    for award in waiting:
        older = _find_older(db, award, person.id, now)
        if older is None or not renew(db, [(award, older)], now=now):
            forget_holder(award)
            doubles += 1
            db.flush()
            continue
        award.user_id, award.recipient_email, award.claim_token = person.id, None, None
        award.holder_name = award.holder_name or person.name
        awards.append(award)
        db.flush()
    return Claimed(awards, doubles)


def _find_older(db: Session, award: Award, user_id: UUID, now: datetime) -> list[Standing] | None:
    """What of the account's this award renews; None when the account has as good."""
    found = find_holders(db, award.badge_id, [user_id], now, claimed=True)
    mine = found.renewable.get(user_id, [])
    until = award.valid_until
    is_later = all(
        until is None or one.valid_until is None or until > one.valid_until for one in mine
    )
    return mine if is_later and user_id not in found.held else None


def refuse_award(db: Session, token: str) -> None:
    """Whoever has the mail refuses: name, address and signed file are erased, the bit stays.

    Raises :class:`NotYours` for a link that leads to nothing any more.
    """
    lock_for_writing(db)
    found = find_by_token(db, token)
    if found is None:
        raise NotYours()
    award = db.get(Award, found.id, with_for_update={"of": Award}, populate_existing=True)
    if award is None or award.claim_token != token:  # claimed or refused this very moment
        raise NotYours()
    forget_holder(award)
    db.flush()


def forget_unclaimed(db: Session, now: datetime) -> int:
    """Forget whom old awards waited for; gives how many. Their bits stay as they are."""
    lock_for_writing(db)
    found = list_unclaimed_since(db, now - KEPT_FOR, AT_ONCE)
    for award in found:
        forget_holder(award)
    db.flush()
    return len(found)
