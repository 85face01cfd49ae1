"""Attention in the demonstration: three who fell silent, of whom one was written to and one is put
off; and two contacts with the learner whom a visitor becomes. All invented."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from courses.paths.queries import list_paths
from tierslieu.clock import days, to_local
from tierslieu.house import Stage
from tierslieu.people.models import LEARNER, Audience, ConsentKind, User
from tierslieu.people.rules import create_user, give_consent, save_profile
from tierslieu.support.attention.models import ContactOutcome, ContactWay
from tierslieu.support.attention.rules import Contact, log_contact, pause

# Who, in which town, and how many weeks ago they began a path and were last heard of.
SILENT = (("Lucie Arnoux", "Biot", 9), ("Tarek Bouzid", "Nice", 12), ("Jeanne Kerjean", "Vence", 7))


def play(db: Session, stage: Stage) -> None:
    """What the team did of late."""
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
    _first, second, third = _fall_silent(db, stage, db.get_one(User, shown).password or "")
    written = Contact(ContactWay.MAIL, ContactOutcome.NO_ANSWER, today - timedelta(days=6))
    log_contact(db, second, nadia, written, now=stage.today - days(6))
    until = today + timedelta(days=30)
    pause(db, third, nadia, until, "Prépare un concours, nous l’a dit.", now=stage.today - days(2))


def _fall_silent(db: Session, stage: Stage, password_hash: str) -> list[UUID]:
    """They began, and did not come back."""
    paths = {path.slug: path.id for path in list_paths(db)}
    made = []
    for name, town, weeks in SILENT:
        now = stage.today - timedelta(weeks=weeks)
        address = name.lower().replace(" ", ".") + "@example.org"
        user = create_user(
            db,
            email=address,
            name=name,
            roles=(LEARNER,),
            password_hash=password_hash,
            now=now,
            is_15_or_over=True,
            is_demo=True,
        )
        save_profile(db, user, audience=Audience.TEACHER, town=town, country="FR", now=now)
        give_consent(db, user.id, ConsentKind.NOTICE, now=now)
        enrol(db, user.id, paths["snt"], now=now)
        made.append(user.id)
    return made
