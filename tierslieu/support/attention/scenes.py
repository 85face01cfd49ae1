"""Attention in the demonstration: somebody was called, somebody is put off. All invented."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days, to_local
from tierslieu.house import Stage
from tierslieu.support.attention.models import ContactOutcome, ContactWay
from tierslieu.support.attention.rules import Contact, log_contact, pause
from tierslieu.support.attention.speaking import listen


def play(db: Session, stage: Stage) -> None:
    """Two contacts with the learner whom a visitor becomes; one with who fell silent first, and
    another who is put off."""
    nadia: UUID = stage.props["people"]["facilitator@example.org"]
    shown: UUID = stage.props["people"]["learner@example.org"]
    today = to_local(stage.today).date()
    earlier = Contact(
        ContactWay.PHONE, ContactOutcome.NO_ANSWER, today - timedelta(days=20), "Message laissé."
    )
    log_contact(db, shown, nadia, earlier, now=stage.today - days(20))
    told = Contact(
        ContactWay.IN_PERSON,
        ContactOutcome.GOES_ON,
        today - timedelta(days=18),
        "Semaines chargées au lycée. Reprend le module sur les données.",
    )
    log_contact(db, shown, nadia, told, now=stage.today - days(18))
    spoken = sorted(listen(db, stage.house, stage.today).values(), key=lambda one: one.since)
    others = [one.user_id for one in spoken if one.user_id not in (nadia, shown)]
    if others:
        left = Contact(ContactWay.MAIL, ContactOutcome.NO_ANSWER, today - timedelta(days=6))
        log_contact(db, others[0], nadia, left, now=stage.today - days(6))
    if len(others) > 3:
        until = today + timedelta(days=30)
        pause(db, others[-1], nadia, until, "Prépare un concours en décembre.", now=stage.today)
