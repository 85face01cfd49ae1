"""What is done without anybody at a desk: badges that say so are awarded as soon as their criteria
are met, and what a withdrawn key signed is signed anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards import rotation, rules
from badges.awards.desk import settings
from badges.awards.keys import Signer, load_signer
from badges.awards.proposals import find_waiting
from badges.designs.queries import list_badges
from tierslieu.errors import Refused
from tierslieu.house import House, Job
from tierslieu.nightly.rules import slices
from tierslieu.settings import Settings

SLICE = 20  # awards signed, then written and committed together
SIGNED_AGAIN = "badges_signed_again"


def award_automatic(db: Session, house: House, settings: Settings, *, now: datetime) -> int:
    """Award the automatic badges to whoever meets all they ask; gives how many it awarded.

    What is due is found by a query each time, and an award is written with its mail: a job that
    is killed leaves whole awards, and the next finds the rest. Two jobs at once award nobody
    twice: the database refuses it. Whom a badge was withdrawn from does not get it back this way,
    and what is dated later (the end of a session that is under way) is waited for.
    """
    total = 0
    # A badge may ask for another that this very run awards.
    for _round in range(1 + sum(badge.automatic for badge in list_badges(db))):
        due = _find_due(db, house, now)
        if not due:
            break
        signer = load_signer(db, settings)
        made = sum(_award(db, badge, ids, signer, house, now) for badge, ids in due)
        total += made
        if not made:
            break
    return total


def _find_due(db: Session, house: House, now: datetime) -> list[tuple[UUID, list[UUID]]]:
    badges = [badge for badge in list_badges(db) if badge.automatic]
    if not badges:
        return []
    due: dict[UUID, list[UUID]] = {}
    for among in slices(db):
        for found in find_waiting(db, badges, house, now=now, among=among):
            due.setdefault(found.badge.id, []).extend(
                waiting.user_id
                for waiting in found.ready
                if waiting.withdrawn is None and (waiting.since is None or waiting.since <= now)
            )
    return [(badge_id, ids) for badge_id, ids in due.items() if ids]


def _award(
    db: Session,
    badge_id: UUID,
    user_ids: Sequence[UUID],
    signer: Signer,
    house: House,
    now: datetime,
) -> int:
    made = 0
    for start in range(0, len(user_ids), SLICE):
        try:
            outcome = rules.award_many(
                db,
                badge_id,
                user_ids[start : start + SLICE],
                signer,
                house=house,
                now=now,
                actor_id=None,
                is_automatic=True,
            )
            count = len(outcome.awards)
            db.commit()
        except Refused:
            # Somebody else was at it, or the badge changed meanwhile: the next run looks anew.
            db.rollback()
            continue
        made += count
    return made


def _sign_again(db: Session, now: datetime) -> int:
    count = rotation.sign_again(db, settings(), now=now)
    db.commit()
    return count


# Woken when a key is withdrawn on a page; the hour is for what a command left half done.
JOBS = (Job(SIGNED_AGAIN, timedelta(hours=1), _sign_again, goes_on=True, by_any_clock=True),)
