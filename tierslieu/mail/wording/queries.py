"""Reading the versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from tierslieu.mail.wording.models import MailWording


def find_current(db: Session, template: str) -> MailWording | None:
    """What is written into this mail now; None where nobody ever changed it."""
    return db.scalar(
        select(MailWording)
        .where(MailWording.template == template)
        .order_by(MailWording.number.desc())
        .limit(1)
    )


def find_version(db: Session, template: str, number: int) -> MailWording | None:
    """One version of it."""
    return db.scalar(
        select(MailWording).where(MailWording.template == template, MailWording.number == number)
    )


def list_versions(db: Session, template: str) -> Sequence[MailWording]:
    """All versions for this mail, the newest first."""
    return db.scalars(
        select(MailWording)
        .where(MailWording.template == template)
        .order_by(MailWording.number.desc())
    ).all()


def list_changed(db: Session) -> Mapping[str, MailWording]:
    """What is in use, by mail, of those that were ever changed."""
    latest = select(MailWording.template, func.max(MailWording.number)).group_by(
        MailWording.template
    )
    found = db.scalars(
        select(MailWording)
        .where(tuple_(MailWording.template, MailWording.number).in_(latest))
        .order_by(MailWording.template)
    )
    return {one.template: one for one in found}
