"""The mails of mutual aid: that there is something to read, never what it says.

A mail names the ask's title and leads to it. Neither words nor names travel: a mailbox is read over
shoulders and kept for years, and what is hidden or taken away here would live on there. None leaves
in the quiet hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.bookings.holding import next_waking
from tierslieu.clock import days, to_local
from tierslieu.community.aid.asks.queries import is_reader, list_helpers
from tierslieu.community.aid.digests import list_due, list_news
from tierslieu.community.aid.groups.queries import find_member
from tierslieu.community.aid.models import AidAsk, AidMember, AidMessage, Notices
from tierslieu.community.aid.moderation.queries import suspended_until
from tierslieu.mail.queries import list_mails_due
from tierslieu.mail.rules import take_back_mails, write_mail
from tierslieu.people.models import User

MOST_LISTED = 10  # titles in a digest


def _context(member: AidMember, **more: object) -> dict[str, object]:
    return {"name": member.shown_name, "stop": f"/entraide/arreter/{member.stop_key}", **more}


def tell_reply(db: Session, ask: AidAsk, message: AidMessage, now: datetime) -> None:
    """Tell who asked that somebody answered, if they want each."""
    if ask.author_id is None or ask.author_id == message.author_id:
        return
    member, person = find_member(db, ask.author_id), db.get(User, ask.author_id)
    if member is None or person is None or member.notices is not Notices.EACH:
        return
    if not is_reader(db, ask.id, ask.author_id):
        return
    write_mail(
        db,
        person.email,
        "community_aid_reply",
        _context(member, title=ask.title, path=f"/entraide/demandes/{ask.id}"),
        now=now,
        leaves_at=next_waking(now),
        due_key=_reply_key(message.id),
    )


def tell_ask(db: Session, ask: AidAsk, now: datetime) -> None:
    """Tell who helps on the step of an ask, if they want each and may answer."""
    for member, person in list_helpers(db, ask, to_local(now).date()):
        if member.notices is Notices.EACH and suspended_until(db, person.id, now) is None:
            write_mail(
                db,
                person.email,
                "community_aid_asked",
                _context(member, title=ask.title, path=f"/entraide/demandes/{ask.id}"),
                now=now,
                leaves_at=next_waking(now),
                due_key=f"{_ask_key(ask.id)}:{member.id}",
            )


def _reply_key(message_id: UUID) -> str:
    return f"aid-reply:{message_id}"


def _ask_key(ask_id: UUID) -> str:
    return f"aid-ask:{ask_id}"


def take_back_notices(db: Session, message: AidMessage, now: datetime) -> None:
    """A message that is hidden or taken away is not told of any more, where the mail waits for the
    morning."""
    keys = [_reply_key(message.id)]
    if message.is_first:  # of whoever helped then, also if they no longer do
        keys = [one.due_key or "" for one in list_mails_due(db, f"{_ask_key(message.ask_id)}:")]
    take_back_mails(db, keys, now=now)


def write_digests(db: Session, now: datetime, *, limit: int = 50) -> int:
    """Write to members who want a digest and had none for a day, if there is something new; in
    the quiet hours nobody. Gives how many members were looked at."""
    if next_waking(now) != now:
        return 0
    due = list_due(db, now - days(1), limit=limit)
    for member, person in due:
        news = list_news(db, member, member.told_at)
        if news:
            write_mail(
                db,
                person.email,
                "community_aid_digest",
                _context(member, lines=_lines(news), more=max(0, len(news) - MOST_LISTED)),
                now=now,
                due_key=f"aid-digest:{member.id}:{to_local(now).date().isoformat()}",
            )
        member.told_at = now
    db.flush()
    return len(due)


def _lines(news: Sequence[tuple[AidAsk, bool]]) -> list[dict[str, object]]:
    return [
        {"title": ask.title, "path": f"/entraide/demandes/{ask.id}", "is_answer": is_answer}
        for ask, is_answer in news[:MOST_LISTED]
    ]
