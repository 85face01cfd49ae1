"""Putting badges together under a title, and showing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.backpack.models import KeptBadge
from badges.backpack.queries import list_kept
from badges.collections.models import Collection, CollectionMember
from badges.collections.queries import count_collections, find_own, list_choosable
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

MOST_MEMBERS = 12
MOST_COLLECTIONS = 30


def save_collection(
    db: Session,
    user_id: UUID,
    collection_id: UUID | None,
    title: str,
    chosen: Sequence[UUID],
    *,
    now: datetime,
) -> Collection:
    """A new collection, or one changed: its title and its badges, in this order.

    ``chosen``: awards and kept badges of this person's own, by id; what is not theirs is refused
    like what does not exist. Raises :class:`NotYours`; :class:`Refused` ``empty``, ``too_many``.
    """
    chosen = list(dict.fromkeys(chosen))
    if not chosen:
        raise Refused(_("Choisissez au moins un badge."), code="empty", field="badges", status=422)
    if len(chosen) > MOST_MEMBERS:
        raise Refused(
            _(
                "Une collection réunit %(count)d badges au plus : décochez-en, ou faites-en deux.",
                count=MOST_MEMBERS,
            ),
            code="too_many",
            field="badges",
            status=422,
        )
    lock_for_writing(db)
    db.scalar(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    awards = {award.id: award for award in list_choosable(db, user_id)}
    kept = {badge.id: badge for badge in list_kept(db, user_id) if badge.outcome != "invalid"}
    if any(one not in awards and one not in kept for one in chosen):
        raise NotYours()
    if collection_id is None:
        if count_collections(db, user_id) >= MOST_COLLECTIONS:
            raise Refused(_("Vous avez déjà %(count)d collections.", count=MOST_COLLECTIONS))
        collection = Collection(user_id=user_id, title=title, created_at=now, changed_at=now)
        db.add(collection)
    else:
        found = find_own(db, user_id, collection_id)
        if found is None:
            raise NotYours()
        collection = found
        collection.title, collection.changed_at = title, now
        collection.members = []
    db.flush()
    collection.members = [
        _member(place, awards.get(one), kept.get(one)) for place, one in enumerate(chosen)
    ]
    db.flush()
    return collection


def _member(place: int, award: Award | None, kept: KeptBadge | None) -> CollectionMember:
    return CollectionMember(position=place, award=award, kept=None if award else kept)


def share_collection(
    db: Session, user_id: UUID, collection_id: UUID, *, is_shared: bool
) -> Collection:
    """Open its page to whoever has the address, or close it. Raises :class:`NotYours`."""
    lock_for_writing(db)
    found = find_own(db, user_id, collection_id)
    if found is None:
        raise NotYours()
    found.is_shared = is_shared
    db.flush()
    return found


def drop_collection(db: Session, user_id: UUID, collection_id: UUID) -> None:
    """Undo a collection; the badges stay. Raises :class:`NotYours`."""
    lock_for_writing(db)
    found = find_own(db, user_id, collection_id)
    if found is None:
        raise NotYours()
    db.delete(found)
    db.flush()


def erase(db: Session, user_id: UUID) -> None:
    """Forget this person's collections."""
    own = select(Collection.id).where(Collection.user_id == user_id)
    db.execute(delete(CollectionMember).where(CollectionMember.collection_id.in_(own)))
    db.execute(delete(Collection).where(Collection.user_id == user_id))
