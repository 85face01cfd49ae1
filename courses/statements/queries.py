"""Every SELECT about statements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func as sql
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from courses.paths.models import Path
from courses.statements.models import (
    ActivityState,
    StatementState,
    XapiActivity,
    XapiHomePage,
    XapiSource,
    XapiStatement,
)
from tierslieu.people.queries import proved_addresses
from tierslieu.tokens.models import AccessToken


def find_source(db: Session, token_id: UUID) -> XapiSource | None:
    """What this key sent, locked: one receipt at a time for each key."""
    return db.scalar(
        select(XapiSource)
        .where(XapiSource.token_id == token_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def list_sources(db: Session) -> list[XapiSource]:
    """Every key that sent something, the latest first, with whose it is."""
    return list(
        db.scalars(
            select(XapiSource)
            .options(joinedload(XapiSource.token).joinedload(AccessToken.user))
            .order_by(XapiSource.last_at.desc(), XapiSource.id)
        )
    )


def find_statements(db: Session, ids: Sequence[UUID]) -> dict[UUID, XapiStatement]:
    """Those of these that were received before, by their id."""
    found = db.scalars(
        select(XapiStatement)
        .where(XapiStatement.statement_id.in_(ids))
        .order_by(XapiStatement.statement_id)
        .execution_options(populate_existing=True)
    )
    return {one.statement_id: one for one in found}


def list_voided(db: Session, source_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these that this key took back before."""
    found = db.scalars(
        select(XapiStatement.voids)
        .where(XapiStatement.source_id == source_id, XapiStatement.voids.in_(ids))
        .order_by(XapiStatement.voids)
    )
    return [one for one in found if one is not None]


def find_activities(db: Session, iris: Sequence[str]) -> dict[str, XapiActivity]:
    """The activities met before, by IRI."""
    found = db.scalars(
        select(XapiActivity).where(XapiActivity.iri.in_(iris)).order_by(XapiActivity.iri)
    )
    return {one.iri: one for one in found}


def find_home_pages(db: Session, addresses: Sequence[str]) -> dict[str, XapiHomePage]:
    """The sites met before, by address."""
    found = db.scalars(
        select(XapiHomePage)
        .where(XapiHomePage.address.in_(addresses))
        .order_by(XapiHomePage.address)
    )
    return {one.address: one for one in found}


def match_hashes(db: Session, sums: Sequence[str]) -> dict[str, UUID]:
    """Whose proved address has this SHA-1 of its ``mailto:`` (lower case, in hex)."""
    if not sums:
        return {}
    wanted, proved, found = set(sums), proved_addresses(), {}
    rows = db.execute(
        select(proved.c.email, proved.c.user_id).order_by(proved.c.email, proved.c.user_id)
    )
    for email, user_id in rows:
        # The standard's own way to say an address, not a safeguard.
        digest = hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()
        if digest in wanted:
            found[digest] = user_id
    return found


def list_ready(
    db: Session, *, ids: Sequence[UUID] | None = None, activity_id: UUID | None = None
) -> list[XapiStatement]:
    """Statements that wait though their step is known: these, or of that activity, or all."""
    query = (
        select(XapiStatement)
        .join(XapiActivity, XapiActivity.id == XapiStatement.activity_id)
        .where(
            XapiStatement.state == StatementState.WAITING,
            XapiActivity.state == ActivityState.COUNTED,
        )
    )
    if ids is not None:
        query = query.where(XapiStatement.id.in_(ids))
    if activity_id is not None:
        query = query.where(XapiStatement.activity_id == activity_id)
    return list(
        db.scalars(
            query.options(
                joinedload(XapiStatement.activity),
                joinedload(XapiStatement.source).joinedload(XapiSource.token),
            )
            .order_by(XapiStatement.id)
            .with_for_update(of=XapiStatement)
            .execution_options(populate_existing=True)
        )
    )


def list_waiting_of(db: Session, user_id: UUID) -> list[XapiStatement]:
    """What waits and says something of this person."""
    return list(
        db.scalars(
            select(XapiStatement)
            .where(XapiStatement.user_id == user_id)
            .options(joinedload(XapiStatement.activity))
            .order_by(XapiStatement.received_at, XapiStatement.id)
        )
    )


def list_activities(db: Session, *, offset: int, limit: int) -> list[tuple[XapiActivity, int]]:
    """Activities with how many statements wait for them: the new ones first, then by age."""
    waiting = (
        select(sql.count())
        .select_from(XapiStatement)
        .where(
            XapiStatement.activity_id == XapiActivity.id,
            XapiStatement.state == StatementState.WAITING,
        )
        .correlate(XapiActivity)
        .scalar_subquery()
    )
    rows = db.execute(
        select(XapiActivity, waiting)
        .options(joinedload(XapiActivity.path))
        .order_by((XapiActivity.state != ActivityState.NEW), XapiActivity.first_at, XapiActivity.id)
        .offset(offset)
        .limit(limit)
    )
    return [(activity, count) for activity, count in rows]


def count_activities(db: Session, *, state: ActivityState | None = None) -> int:
    """How many activities were met, in that state or in any."""
    query = select(sql.count()).select_from(XapiActivity)
    if state is not None:
        query = query.where(XapiActivity.state == state)
    return db.scalar(query) or 0


def find_activity(db: Session, activity_id: UUID) -> XapiActivity | None:
    """One of them."""
    return db.get(XapiActivity, activity_id)


def list_home_pages(db: Session) -> list[XapiHomePage]:
    """The sites whose accounts were named."""
    return list(db.scalars(select(XapiHomePage).order_by(XapiHomePage.address)))


def find_home_page(db: Session, home_page_id: UUID) -> XapiHomePage | None:
    """One of them."""
    return db.get(XapiHomePage, home_page_id)


def list_paths_with_versions(db: Session) -> list[Path]:
    """The paths somebody may follow, by their title."""
    return list(db.scalars(select(Path).order_by(Path.short_title, Path.id)))


def list_old(db: Session, before: datetime, limit: int) -> list[UUID]:
    """Statements received before then, the oldest first."""
    return list(
        db.scalars(
            select(XapiStatement.id)
            .where(XapiStatement.received_at < before)
            .order_by(XapiStatement.received_at, XapiStatement.id)
            .limit(limit)
        )
    )
