"""One mail to each holder whose badge ends soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.renewals.queries import Standing, list_ending, list_of_people, take_ending
from badges.awards.renewals.terms import opens_at
from badges.designs.models import BadgeClass
from badges.designs.queries import list_badges, list_families
from tierslieu.db import lock_for_writing
from tierslieu.house import Job
from tierslieu.mail.rules import Letter, write_mails
from tierslieu.mail.words import in_each
from tierslieu.web.formats import long_day

AT_ONCE = 100


def tell_endings(db: Session, now: datetime) -> int:
    """Tell holders that their badge ends soon and what to do; gives how many mails it wrote.

    A mail is written in the transaction that notes that it was: killed anywhere, no one is told
    twice or forgotten. Whoever holds another version that lasts longer needs no mail.
    """
    due = _find_due(db, now)
    count = 0
    for start in range(0, len(due), AT_ONCE):
        lock_for_writing(db)
        family = list_families(db)
        awarded = {family[badge.id]: badge for badge in list_badges(db)}
        letters = []
        for award in take_ending(db, due[start : start + AT_ONCE], now):
            award.end_told_at = now
            letters.append(_letter(award, awarded.get(family[award.badge_id])))
        write_mails(db, letters, now=now)
        db.commit()
        count += len(letters)
    return count


def _find_due(db: Session, now: datetime) -> list[UUID]:
    family = list_families(db)
    ending = [
        award
        for award in list_ending(db, now)
        if award.valid_until is not None and opens_at(award.awarded_at, award.valid_until) <= now
    ]
    people = sorted({award.user_id for award in ending if award.user_id is not None})
    longest: dict[tuple[UUID, UUID], Standing] = {}
    for user_id, standing in list_of_people(db, list(family), people) if people else ():
        key = (user_id, family[standing.badge_id])
        if key not in longest or standing.outlasts(longest[key]):
            longest[key] = standing
    return [
        award.id
        for award in ending
        if award.user_id is not None
        and longest[award.user_id, family[award.badge_id]].award_id == award.id
    ]


def _letter(award: Award, badge: BadgeClass | None) -> Letter:
    """``badge``: the version that is awarded today; None where none is any more."""
    assert award.user is not None
    until = award.valid_until
    assert until is not None
    context = {
        "name": award.user.name,
        "badge": award.badge.name,
        "until": in_each(lambda: long_day(until)),
        "slug": badge.slug if badge is not None else "",
    }
    return Letter(award.user.email, "awards_ending", context, f"ending:{award.id}")


JOBS = (Job("badges_ending", timedelta(hours=12), tell_endings),)
