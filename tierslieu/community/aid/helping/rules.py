"""Saying on which steps one helps; pausing, renewing, taking it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.community.aid.asks.rules import check_may_write
from tierslieu.community.aid.groups.queries import Group, Reader
from tierslieu.community.aid.groups.rules import hold_person
from tierslieu.community.aid.helping.queries import find_offer, list_ended
from tierslieu.community.aid.models import AidOffer, AidOfferStep
from tierslieu.community.aid.private import check_private
from tierslieu.community.entries.rules import check_length, wrong
from tierslieu.errors import NotYours

MAX_WORDS = 300  # characters
MONTHS = (1, 3, 6)  # how long an offer may stand before it is renewed
FORGOTTEN = timedelta(days=90)  # after its end, an offer is erased


@dataclass(frozen=True)
class Help:
    """What somebody offers."""

    step_keys: frozenset[str]
    on_site: bool = False
    online: bool = False
    forum: bool = False
    words: str = ""
    months: int = 3


def end_of(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for back in range(4):
        try:
            return date(year, month, day.day - back)
        except ValueError:
            continue
    raise AssertionError("no month has fewer than 28 days")


def save_offer(
    db: Session,
    reader: Reader,
    group: Group,
    offered: Help,
    *,
    steps: Collection[str],
    now: datetime,
) -> AidOffer:
    """Offer help on some of ``steps`` (keys) of a path one follows, or change one's offer.

    Raises as :func:`check_may_write`; ``steps_missing``, ``way_missing``, ``bad_months``,
    ``too_long``, ``private_email``, ``private_phone``, each with its field.
    """
    hold_person(db, reader.user_id)
    check_may_write(db, reader, now)
    keys = offered.step_keys & set(steps)
    if not keys:
        raise wrong(_("Cochez au moins une étape."), "steps_missing", "steps")
    if not (offered.on_site or offered.online or offered.forum):
        raise wrong(_("Cochez au moins une façon d’aider."), "way_missing", "ways")
    if offered.months not in MONTHS:
        raise wrong(_("Choisissez une durée de la liste."), "bad_months", "months")
    words = check_length(offered.words, MAX_WORDS, "words")
    check_private(words, "words")
    offer = find_offer(db, reader.user_id, group.path.id)
    if offer is None:
        offer = AidOffer(user_id=reader.user_id, path_id=group.path.id, created_at=now)
        db.add(offer)
    offer.on_site, offer.online, offer.forum = offered.on_site, offered.online, offered.forum
    offer.words, offer.is_paused = words, False
    offer.ends_on = end_of(to_local(now).date(), offered.months)
    kept = [step for step in offer.steps if step.step_key in keys]
    new = keys - {step.step_key for step in kept}
    offer.steps = [*kept, *(AidOfferStep(step_key=key) for key in sorted(new))]
    db.flush()
    return offer


def _own(db: Session, reader: Reader, group: Group) -> AidOffer:
    hold_person(db, reader.user_id)
    offer = find_offer(db, reader.user_id, group.path.id)
    if offer is None:
        raise NotYours
    return offer


def pause_offer(db: Session, reader: Reader, group: Group) -> AidOffer:
    """Not for now. Pausing what is paused changes nothing."""
    offer = _own(db, reader, group)
    offer.is_paused = True
    db.flush()
    return offer


def renew_offer(db: Session, reader: Reader, group: Group, *, now: datetime) -> AidOffer:
    """Shown again, for three months from today. Raises as :func:`check_may_write`."""
    offer = _own(db, reader, group)
    check_may_write(db, reader, now)
    offer.is_paused = False
    offer.ends_on = max(offer.ends_on, end_of(to_local(now).date(), 3))
    db.flush()
    return offer


def take_back_offer(db: Session, reader: Reader, group: Group) -> None:
    """No more help on this path."""
    db.delete(_own(db, reader, group))
    db.flush()


def forget_ended(db: Session, now: datetime, *, limit: int = 200) -> int:
    """Erase offers that ended three months ago; gives how many."""
    found = list_ended(db, to_local(now).date() - FORGOTTEN, limit=limit)
    for offer in found:
        db.delete(offer)
    db.flush()
    return len(found)
