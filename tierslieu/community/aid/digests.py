"""What is new for a member since they were last told: the SELECTs of the digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tierslieu.community.aid.groups.queries import in_group
from tierslieu.community.aid.models import AidAsk, AidMember, AidMessage, Notices
from tierslieu.people.models import User


def list_due(db: Session, before: datetime, *, limit: int) -> list[tuple[AidMember, User]]:
    """Members who want a digest and were last told before then, the longest ago first."""
    rows = db.execute(
        select(AidMember, User)
        .join(User, User.id == AidMember.user_id)
        .where(AidMember.notices == Notices.DIGEST, AidMember.told_at <= before, User.active)
        .order_by(AidMember.told_at, AidMember.id)
        .limit(limit)
        .with_for_update(of=AidMember, skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]


def list_news(db: Session, member: AidMember, since: datetime) -> list[tuple[AidAsk, bool]]:
    """Asks of others in this member's groups since then, and their own that were answered (True);
    nothing hidden, nothing taken away; the newest first."""
    me = member.user_id
    shown = and_(AidMessage.hidden_at.is_(None), AidMessage.words != "")
    by_others = or_(AidMessage.author_id.is_(None), AidMessage.author_id != me)
    rows = db.execute(
        select(AidAsk, AidMessage.is_first, AidMessage.created_at)
        .join(AidMessage, AidMessage.ask_id == AidAsk.id)
        .where(
            in_group(me),
            AidMessage.created_at > since,
            shown,
            by_others,
            AidAsk.title != "",
            or_(AidMessage.is_first.is_(True), AidAsk.author_id == me),
        )
        .order_by(AidMessage.created_at.desc(), AidMessage.id.desc())
    )
    found: dict[object, tuple[AidAsk, bool]] = {}
    for ask, is_first, _at in rows:
        found.setdefault(ask.id, (ask, not is_first))
    return list(found.values())
