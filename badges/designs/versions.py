"""A badge that was awarded does not change: what changes is its next version.

A version is begun as a draft that facilitators alone see. Published, or awarded for the first
time, it takes the place of the one before, which is archived: its holders keep it, and may
receive the new one too.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.designs.models import BadgeClass, BadgePicture
from badges.designs.queries import find_successor, get_badge
from badges.designs.rules import free_slug, publish
from tierslieu.base import Base
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note

_Row = TypeVar("_Row", bound=Base)
# What a version does not take from the one before.
_ITS_OWN = {
    "id", "slug", "version", "previous_id", "created_at", "created_by_id", "published_at",
    "archived_at", "frozen_at",
}  # fmt: skip


def begin_version(
    db: Session, badge_id: UUID, *, now: datetime, actor_id: UUID | None
) -> BadgeClass:
    """The next version of this badge, as a draft that says the same; the one already begun if any.

    Raises :class:`Refused` ``not_awarded`` for a badge that may still be changed itself.
    """
    lock_for_writing(db)
    badge = get_badge(db, badge_id, locked=True)
    if badge is None:
        raise NotYours()
    begun = find_successor(db, badge.id)
    if begun is not None:
        return begun
    if badge.frozen_at is None:
        raise Refused(
            _("Personne n’a encore reçu ce badge : modifiez-le directement."), code="not_awarded"
        )
    number = badge.version + 1
    stem = re.sub(rf"-v{badge.version}(-\d+)?$", "", badge.slug) if number > 2 else badge.slug
    draft = _copy(
        badge,
        slug=free_slug(db, f"{stem}-v{number}"),
        version=number,
        previous_id=badge.id,
        created_at=now,
        created_by_id=actor_id,
    )
    draft.skills = [_copy(skill) for skill in badge.skills]
    draft.groups = [
        _copy(group, conditions=[_copy(condition) for condition in group.conditions])
        for group in badge.groups
    ]
    own = badge.own_picture
    draft.own_picture = BadgePicture(svg=own.svg, png=own.png) if own else None
    try:
        with db.begin_nested():
            db.add(draft)
    except IntegrityError:
        # Begun by somebody else since we looked: theirs is the one.
        begun = find_successor(db, badge_id)
        if begun is None:
            raise
        return begun
    return draft


def publish_version(db: Session, badge_id: UUID, *, now: datetime) -> BadgeClass:
    """From now on this version is the one awarded; the one before is archived."""
    lock_for_writing(db)
    badge = get_badge(db, badge_id, locked=True)
    if badge is None:
        raise NotYours()
    if badge.published_at is None:
        publish(badge, now=now)
        db.flush()
        about = {"badge": str(badge.id), "title": badge.name}
        note(db, Act.BADGE_PUBLISHED, now=now, about=about)
    return badge


def drop_draft(db: Session, badge_id: UUID) -> None:
    """Give up a version being prepared: nobody outside the team ever saw it.

    Raises :class:`Refused` ``published``.
    """
    lock_for_writing(db)
    badge = get_badge(db, badge_id, locked=True)
    if badge is None:
        raise NotYours()
    if badge.published_at is not None:
        raise Refused(
            _("Cette version est publiée : elle s’archive, elle ne s’efface pas."),
            code="published",
        )
    db.delete(badge)
    db.flush()


def _copy(row: _Row, **changes: Any) -> _Row:
    """A new row with the same values in every column that is not its own identity."""
    kind = type(row)
    values = {
        attribute.key: getattr(row, attribute.key)
        for attribute in inspect(kind).column_attrs
        if attribute.key not in _ITS_OWN and attribute.key not in ("badge_id", "group_id")
    }
    return kind(**{**values, **changes})
