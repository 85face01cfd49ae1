"""What the mail room offers: it is emptied every minute, and says when it can't be."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.house import Check, Job
from tierslieu.house_kept import Retention
from tierslieu.mail.models import HELD, OutboxMessage
from tierslieu.mail.queries import list_sent_before
from tierslieu.mail.rules import forget_mails
from tierslieu.mail.sender import send_due, smtp_delivery
from tierslieu.settings import Settings

KEPT_FOR = timedelta(days=30)  # a sent mail; the notice says so
FORGOTTEN_AT_ONCE = 500


def _send(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    deliver = smtp_delivery(settings.smtp_url) if settings.smtp_url else None
    if deliver is None and not settings.demo:
        return 0  # nowhere to send: the mails wait, and the check below says so
    return send_due(db, now, settings, deliver)


def _forget(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.demo:
        return 0  # its mails are there to be read
    lock_for_writing(db)
    return forget_mails(db, list_sent_before(db, now - KEPT_FOR, FORGOTTEN_AT_ONCE))


def _late(db: Session, now: datetime) -> str | None:
    waiting = db.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.created_at < now - timedelta(minutes=30),
            OutboxMessage.last_error != HELD,  # kept back on purpose, and said elsewhere
        )
    )
    return f"{waiting} mails have waited for over 30 minutes" if waiting else None


OFFERS = (
    Retention(
        "mails",
        label=_("Mails envoyés"),
        term=_("trente jours"),
        sweep=_forget,
        job="forget_sent_mails",
    ),
    Job("forget_sent_mails", timedelta(hours=1), _forget),
    # It goes on: ten thousand may be written.
    Job("send_mail", timedelta(minutes=1), _send, goes_on=True, by_any_clock=True),
    Check("mail", _late, is_vital=False),
)
