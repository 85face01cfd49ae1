"""Sending what is due: lease in one transaction, speak SMTP outside any, note it in another."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.queries import find_due
from tierslieu.mail.rendering import make_email
from tierslieu.settings import Settings

LEASE = timedelta(minutes=5)
BATCH = 20
MAX_ATTEMPTS = 12
Deliver = Callable[[EmailMessage], None]


def wait_before_retry(attempts: int) -> timedelta:
    """One minute after the first failure, doubling, six hours at most."""
    return min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=6))


def smtp_delivery(url: str) -> Deliver:
    """A function that hands one message to the server of ``smtp[s]://user:password@host:port``."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"

    def deliver(email: EmailMessage) -> None:
        client: smtplib.SMTP
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            client = smtplib.SMTP_SSL(host, parts.port or 465, timeout=20, context=context)
        else:
            client = smtplib.SMTP(host, parts.port or 25, timeout=20)
        with client:
            if parts.scheme == "smtp" and client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
            if parts.username:
                client.login(unquote(parts.username), unquote(parts.password or ""))
            client.send_message(email)

    return deliver


def send_due(db: Session, now: datetime, settings: Settings, deliver: Deliver | None) -> int:
    """Send up to a batch of due mails; returns how many left.

    ``deliver`` None (demonstration): nothing leaves, the mails stay readable on the inbox page
    and count as sent. A failure is tried again later; after the last attempt the mail stays,
    unsent, with the class of its error.
    """
    lock_for_writing(db)
    messages = find_due(db, now, BATCH)
    ids = [message.id for message in messages]
    for message in messages:
        message.leased_until = now + LEASE
        message.attempts += 1
    db.commit()
    return sum(_send_one(db, message_id, now, settings, deliver) for message_id in ids)


def _send_one(
    db: Session, message_id: UUID, now: datetime, settings: Settings, deliver: Deliver | None
) -> int:
    message = db.get(OutboxMessage, message_id)
    if message is None:
        return 0
    error = ""
    if deliver is not None:
        email = make_email(message, settings)
        db.rollback()  # no transaction is open while a server is slow
        try:
            deliver(email)
        except (OSError, smtplib.SMTPException) as failure:
            error = type(failure).__name__
    lock_for_writing(db)
    message = db.get_one(OutboxMessage, message_id)
    message.leased_until = None
    message.last_error = error
    if not error:
        message.sent_at = now
    elif message.attempts >= MAX_ATTEMPTS:
        message.next_try_at = datetime.max.replace(tzinfo=now.tzinfo) - timedelta(days=2)
    else:
        message.next_try_at = now + wait_before_retry(message.attempts)
    db.commit()
    return 0 if error else 1
