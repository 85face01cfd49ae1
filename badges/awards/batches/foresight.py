"""What will happen to each line of a batch if it is confirmed: the dry run's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.batches.csv_lines import CsvLine
from badges.awards.batches.queries import list_accounts
from badges.awards.candidate_queries import list_people
from badges.awards.criteria import Assessment, assess
from badges.awards.models import Outlook
from badges.awards.renewals.rules import Holders, find_addresses, find_holders
from badges.awards.renewals.words import say_renewal
from badges.designs.models import BadgeClass
from tierslieu.house import House
from tierslieu.people.models import User

AT_ONCE = 500  # people whose criteria are looked at with a few queries


@dataclass(frozen=True)
class Foreseen:
    """The answer for one line; ``words`` is the reason where there is one to give."""

    outlook: Outlook
    words: str = ""
    user_id: UUID | None = None
    met: tuple[str, ...] = ()  # the criteria found met, in words


def foresee_lines(
    db: Session,
    badge: BadgeClass,
    lines: Sequence[CsvLine],
    house: House,
    *,
    actor_id: UUID | None,
    session_id: UUID | None,
    now: datetime,
) -> list[Foreseen]:
    """The answer for each line of a file, in its order. An account counts once its address is
    confirmed: before, whoever opened it may not be the person who has the address."""
    found: list[Foreseen] = []
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        emails = [line.email for line in part if line.email is not None]
        accounts = list_accounts(db, emails)
        known = [a for a in accounts.values() if a.active and a.confirmed_at is not None]
        answers = _foresee(
            db, badge, known, house, actor_id=actor_id, session_id=session_id, now=now
        )
        standing = find_addresses(db, badge.id, emails, now).held
        for line in part:
            account = accounts.get(line.email or "")
            if line.email is None:
                found.append(Foreseen(Outlook.INVALID, line.fault))
            elif account is not None and account.id in answers:
                found.append(answers[account.id])
            elif account is not None and not account.active:
                found.append(Foreseen(Outlook.CLOSED, str(_("ce compte est fermé"))))
            elif line.email in standing:
                found.append(Foreseen(Outlook.HELD))
            else:
                found.append(Foreseen(Outlook.ADDRESS))
    return found


def foresee_people(
    db: Session,
    badge: BadgeClass,
    user_ids: Sequence[UUID],
    house: House,
    *,
    actor_id: UUID | None,
    session_id: UUID | None,
    now: datetime,
) -> dict[UUID, Foreseen]:
    """The answer for people ticked on a page; who has no account any more is left out."""
    found: dict[UUID, Foreseen] = {}
    for start in range(0, len(user_ids), AT_ONCE):
        people = list_people(db, user_ids[start : start + AT_ONCE])
        found |= _foresee(
            db, badge, people, house, actor_id=actor_id, session_id=session_id, now=now
        )
    return found


def _foresee(
    db: Session,
    badge: BadgeClass,
    people: Sequence[User],
    house: House,
    *,
    actor_id: UUID | None,
    session_id: UUID | None,
    now: datetime,
) -> dict[UUID, Foreseen]:
    ids = [person.id for person in people]
    if not ids:
        return {}
    holders = find_holders(db, badge.id, ids, now)
    looked = assess(db, badge, ids, house, session_id=session_id, now=now)
    return {
        person.id: _answer(person, looked[person.id], holders, now, actor_id=actor_id)
        for person in people
    }


def _answer(
    person: User,
    looked: Assessment,
    holders: Holders[UUID],
    now: datetime,
    *,
    actor_id: UUID | None,
) -> Foreseen:
    if not person.active:
        return Foreseen(Outlook.CLOSED, str(_("ce compte est fermé")), person.id)
    if person.id == actor_id:
        words = _("on ne s’attribue pas un badge à soi-même")
        return Foreseen(Outlook.OWN, str(words), person.id)
    if person.id in holders.held:
        return Foreseen(Outlook.HELD, user_id=person.id)
    if not looked.qualifies:
        return Foreseen(Outlook.UNMET, " ; ".join(looked.missing), person.id)
    renewed = holders.renewable.get(person.id, [])
    words = say_renewal(renewed[0], now) if renewed else ""
    return Foreseen(Outlook.ACCOUNT, words, person.id, looked.met)
