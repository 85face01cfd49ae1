"""Every SELECT of the base of contents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.entries.queries import Viewer, Wanted, filtered


@dataclass(frozen=True)
class ContentsWanted(Wanted):
    """What the list may be asked for, and how free the contents are."""

    rights: Rights | None = None


def _asked(query: Select[Any], viewer: Viewer, wanted: ContentsWanted) -> Select[Any]:
    query = filtered(query, Content, viewer, wanted)
    return query if wanted.rights is None else query.where(Content.rights == wanted.rights)


def count_contents(db: Session, viewer: Viewer, wanted: ContentsWanted) -> int:
    """How many there are of those."""
    return db.scalar(_asked(select(func.count(Content.id)), viewer, wanted)) or 0


def list_contents(
    db: Session,
    viewer: Viewer,
    wanted: ContentsWanted,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[Content]:
    """Those contents with their files, the newest first."""
    return list(
        db.scalars(
            _asked(select(Content), viewer, wanted)
            .order_by(Content.created_at.desc(), Content.id.desc())
            .limit(limit)
            .offset(offset)
            .options(selectinload(Content.files))
        )
    )
