"""Writing a mail: a row in the outbox, in the same transaction as what it tells of."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tierslieu.mail.models import HELD, NEVER, OutboxMessage
from tierslieu.web.languages import current

# Rules do not know the place's addresses. A calendar in the outbox carries these (RFC 2606: they
# belong to nobody), and the sender puts the real ones in their stead.
PLACE_URL = "https://place.invalid"
PLACE_ADDRESS = "desk@place.invalid"
TRIAL = "is_trial"  # in a context: an administrator tries this mail on themselves


@dataclass(frozen=True)
class Attachment:
    """A file beside the mail. ``params`` go into its Content-Type (``{"method": "REQUEST"}``)."""

    filename: str
    media_type: str
    content: bytes
    params: dict[str, str] = field(default_factory=dict)


def forget_mails(db: Session, messages: Iterable[OutboxMessage]) -> int:
    """Keep nothing of these mails but the key that says they were written; gives how many."""
    count = 0
    for message in messages:
        message.recipient, message.context, message.attachments = "", {}, []
        message.sent_at = message.sent_at or message.created_at  # what did not leave never will
        count += 1
    db.flush()
    return count


@dataclass(frozen=True)
class Letter:
    """One mail of many that are written together; the members of :func:`write_mail`."""

    recipient: str
    template: str
    context: dict[str, Any]
    due_key: str
    language: str = field(default_factory=current)


def write_mails(db: Session, letters: Sequence[Letter], *, now: datetime) -> None:
    """Put many mails into the outbox with one look and one write; those written before are left."""
    keys = [letter.due_key for letter in letters]
    known = set(
        db.scalars(
            select(OutboxMessage.due_key)
            .where(OutboxMessage.due_key.in_(keys))
            .order_by(OutboxMessage.due_key)
        )
    )
    db.add_all(
        OutboxMessage(
            recipient=letter.recipient,
            template=letter.template,
            context=letter.context,
            language=letter.language,
            due_key=letter.due_key,
            created_at=now,
            next_try_at=now,
            attachments=[],
        )
        for letter in letters
        if letter.due_key not in known
    )
    db.flush()


def write_mail(
    db: Session,
    recipient: str,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    due_key: str | None = None,
    leaves_at: datetime | None = None,
    attachments: Sequence[Attachment] = (),
) -> OutboxMessage | None:
    """Put a mail into the outbox; it leaves after the commit.

    ``template`` names ``templates/mail/<template>.txt`` (first line: the subject) and ``.html``.
    ``context`` holds JSON values only: texts, numbers, ISO instants, paths of our own addresses
    (``/agenda/…``; the template makes them absolute with ``absolute(path)``).
    Words that depend on the language come from :func:`tierslieu.mail.words.in_each`.
    ``due_key`` makes the mail unique: returns None, and writes nothing, if it was written before.
    ``leaves_at``: not before then; until then :func:`take_back_mails` can undo it.
    """
    if due_key is not None and db.scalar(
        select(OutboxMessage.id).where(OutboxMessage.due_key == due_key)
    ):
        return None
    message = OutboxMessage(
        recipient=recipient,
        template=template,
        context=context,
        language=current(),
        due_key=due_key,
        created_at=now,
        next_try_at=max(now, leaves_at) if leaves_at is not None else now,
        attachments=[
            {
                "filename": a.filename,
                "media_type": a.media_type,
                "params": a.params,
                "content": base64.b64encode(a.content).decode("ascii"),
            }
            for a in attachments
        ],
    )
    db.add(message)
    db.flush()
    return message


def take_back_mails(db: Session, due_keys: Sequence[str], *, now: datetime) -> bool:
    """Undo mails that are to leave later than now; False if there is none."""
    gone = db.execute(
        delete(OutboxMessage)
        .where(
            OutboxMessage.due_key.in_(due_keys),
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.attempts == 0,
            OutboxMessage.next_try_at > now,
        )
        .execution_options(synchronize_session="fetch")
    )
    found: bool = gone.rowcount > 0  # type: ignore[attr-defined]
    return found


def hold_mails(db: Session) -> int:
    """Keep back every mail that waits; how many. After a restore nobody can know which of them
    left since the copy was made."""
    held = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.next_try_at < NEVER)
        .values(next_try_at=NEVER, leased_until=None, last_error=HELD)
        .execution_options(synchronize_session=False)
    )
    return int(held.rowcount)  # type: ignore[attr-defined]


def release_held(db: Session, *, now: datetime) -> int:
    """Let the mails that were held back leave; how many."""
    freed = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.last_error == HELD)
        .values(next_try_at=now, attempts=0, last_error="")
        .execution_options(synchronize_session=False)
    )
    return int(freed.rowcount)  # type: ignore[attr-defined]
