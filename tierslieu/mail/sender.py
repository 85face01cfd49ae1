"""Sending what is due: lease in one transaction, speak SMTP outside any, note it in another."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.mail.models import LONGEST_WAIT, NEVER, OutboxMessage
from tierslieu.mail.queries import find_due
from tierslieu.mail.rendering import make_email
from tierslieu.settings import Settings

LEASE = timedelta(minutes=5)
BATCH = 20
TIMEOUT_S = 20.0  # for each answer of the server
MAX_ATTEMPTS = 12
# What this process handed over and could not note (the disk was full): noted before another leaves.
_left: dict[UUID, datetime] = {}
Deliver = Callable[[EmailMessage], None]


def wait_before_retry(attempts: int) -> timedelta:
    """One minute after the first failure, doubling, six hours at most."""
    return min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_WAIT)


def smtp_delivery(url: str) -> Deliver:
    """A function that hands one message to the server of ``smtp[s]://user:password@host:port``."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"

    def deliver(email: EmailMessage) -> None:
        client: smtplib.SMTP
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            client = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
        else:
            client = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_S)
        try:
            client.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
            if parts.username:
                client.login(unquote(parts.username), unquote(parts.password or ""))
            client.send_message(email)
        finally:
            # Once the server has taken the mail, a clumsy farewell must not send it again.
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    return deliver


def send_due(db: Session, now: datetime, settings: Settings, deliver: Deliver | None) -> int:
    """Send up to a batch of due mails; returns how many left.

    ``deliver`` None (demonstration): nothing leaves, the mails stay readable on the inbox page
    and count as sent. A failure is tried again later; after the last attempt the mail stays,
    unsent, with the class of its error.
    """
    _note_left(db)
    sent = 0
    for _ in range(BATCH):
        # Leased one by one: a slow server must not let the leases of the others run out.
        instant = max(now, clock.now())
        message_id = _lease_one(db, instant)
        if message_id is None:
            break
        sent += _send_one(db, message_id, instant, settings, deliver)
    return sent


def _note_left(db: Session) -> None:
    """Note those that left when it could not be written. Raises OperationalError while it cannot:
    then no other leaves either, for it would leave again and again."""
    for message_id, at in list(_left.items()):
        lock_for_writing(db)
        message = db.get(OutboxMessage, message_id, populate_existing=True)
        if message is not None and message.sent_at is None:
            _note(message, at, "")
        db.commit()
        _left.pop(message_id, None)


def _lease_one(db: Session, now: datetime) -> UUID | None:
    lock_for_writing(db)
    for message in find_due(db, now, 1):
        message.leased_until = now + LEASE
        message.attempts += 1
        message_id = message.id
        db.commit()
        return message_id
    db.rollback()
    return None


def _attempt(db: Session, message: OutboxMessage, settings: Settings, deliver: Deliver) -> str:
    """Try once; the class of the error, or nothing."""
    try:
        email = make_email(message, settings)
    except Exception as failure:  # one mail that cannot be drawn up keeps no other back
        db.rollback()
        return type(failure).__name__
    db.rollback()  # no transaction is open while a server is slow
    try:
        deliver(email)
    except (OSError, smtplib.SMTPException) as failure:
        return type(failure).__name__
    return ""


def _send_one(
    db: Session, message_id: UUID, now: datetime, settings: Settings, deliver: Deliver | None
) -> int:
    message = db.get(OutboxMessage, message_id)
    if message is None:
        return 0
    error = _attempt(db, message, settings, deliver) if deliver is not None else ""
    if not error and deliver is not None:
        _left[message_id] = now
    lock_for_writing(db)
    _note(db.get_one(OutboxMessage, message_id), now, error)
    db.commit()
    _left.pop(message_id, None)
    return 0 if error else 1


def _note(message: OutboxMessage, now: datetime, error: str) -> None:
    message.leased_until = None
    message.last_error = error
    if not error:
        message.sent_at = now
    elif message.attempts >= MAX_ATTEMPTS:
        message.next_try_at = NEVER
    else:
        message.next_try_at = now + wait_before_retry(message.attempts)
