"""A badge that ends soon, or is over, may be awarded again to the same person: it is renewed.

Nothing is withdrawn: the older file stays as it was signed, valid to its end and then verifiable
as expired. The database holds one current award for each badge and holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.forgetting import forget_holder
from badges.awards.models import Award
from badges.awards.renewals.queries import (
    Standing,
    list_at_addresses,
    list_of_people,
    lock_awards,
)
from badges.designs.queries import list_families

K = TypeVar("K")


@dataclass(frozen=True)
class Holders(Generic[K]):
    """Of one badge, by person or address. ``held``: not to be awarded again yet; ``renewable``:
    what a new award would renew, in whatever version, that which ends last first."""

    held: dict[K, Standing] = field(default_factory=dict)
    renewable: dict[K, list[Standing]] = field(default_factory=dict)

    def hinders(self, key: K, *, is_automatic: bool) -> bool:
        """Whether this one may not receive it. Nothing renews itself: an award made by nobody
        renews none."""
        return key in self.held or (is_automatic and key in self.renewable)


def find_holders(
    db: Session, badge_id: UUID, user_ids: Sequence[UUID], now: datetime, *, claimed: bool = False
) -> Holders[UUID]:
    """Who of those holds this badge, an award that waits at their address included; not so with
    ``claimed``."""
    rows = list_of_people(db, _versions(db, badge_id), user_ids) if user_ids else []
    if claimed:
        rows = [row for row in rows if not row[1].waits]
    return _sort_out(badge_id, rows, now)


def find_addresses(
    db: Session, badge_id: UUID, emails: Sequence[str], now: datetime
) -> Holders[str]:
    """At which of those addresses this badge stands: waiting there, or held by its account."""
    if not emails:
        return Holders()
    return _sort_out(badge_id, list_at_addresses(db, _versions(db, badge_id), emails), now)


def _versions(db: Session, badge_id: UUID) -> list[UUID]:
    family = list_families(db)
    return sorted(other for other, own in family.items() if own == family[badge_id])


def _sort_out(badge_id: UUID, rows: Iterable[tuple[K, Standing]], now: datetime) -> Holders[K]:
    found: Holders[K] = Holders()
    for key, standing in rows:
        if standing.may_be_renewed(now):
            found.renewable.setdefault(key, []).append(standing)
        elif standing.badge_id == badge_id:  # who holds an earlier version may receive this one
            found.held[key] = standing
    for one in found.renewable.values():
        one.sort(key=lambda s: (s.valid_until is None, s.valid_until, s.award_id), reverse=True)
    return found


def renew(db: Session, pairs: Sequence[tuple[Award, Sequence[Standing]]], *, now: datetime) -> bool:
    """Mark what each new award renews, before the new one is written; within the write lock.

    What waited at an address, a file that nobody ever had, is forgotten instead. False when one
    of them was suspended or withdrawn since it was looked at: nothing is to be kept then.
    """
    older = {one.award_id for _new, standing in pairs for one in standing}
    rows = {row.id: row for row in lock_awards(db, older)} if older else {}
    if any(row.revoked_at or row.suspended_at or row.renewed_at for row in rows.values()):
        return False
    for new, standing in pairs:
        for one in standing:
            row = rows[one.award_id]
            row.renewed_at = now
            if row.user_id is None:
                forget_holder(row)
            else:
                new.renews_id = new.renews_id or row.id
    db.flush()
    return True
