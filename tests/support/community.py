"""Contents, events and pilots as tests need them; each call commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tests.support.sessions import NOW
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.rules import ContentFacts, save_content
from tierslieu.community.entries.queries import Viewer, viewer_of
from tierslieu.community.entries.rules import attach
from tierslieu.community.events.models import Event
from tierslieu.community.events.rules import EventFacts, save_event
from tierslieu.community.pilots.models import Pilot
from tierslieu.community.pilots.rules import invite, save_pilot
from tierslieu.people.models import User
from tierslieu.settings import Settings
from tierslieu.uploads.rules import store_upload


def viewing(db: Session, person: User | None) -> Viewer:
    """What this person may see now."""
    return viewer_of(db, person)


def make_pilot(db: Session, team: User, *emails: str, name: str = "Pilote secret") -> Pilot:
    """A pilot to which these addresses were invited."""
    pilot = save_pilot(db, None, name=name, description="", actor_id=team.id, now=NOW)
    if emails:
        invite(db, pilot.id, ", ".join(emails), actor_id=team.id, now=NOW)
    db.commit()
    return pilot


def share(
    db: Session,
    owner: User,
    subject: str = "Le réseau de ficelle",
    *,
    pilot_id: UUID | None = None,
    is_public: bool = False,
    now: datetime = NOW,
    **values: Any,
) -> Content:
    """A content of this person's; free under CC BY 4.0 unless told otherwise."""
    values.setdefault("rights", Rights.YES)
    values.setdefault("licence", "CC BY 4.0")
    facts = ContentFacts(subject, **values)
    viewer = viewing(db, owner)
    entry = save_content(db, viewer, None, facts, pilot_id=pilot_id, is_public=is_public, now=now)
    db.commit()
    return entry


def announce(
    db: Session,
    owner: User,
    name: str = "Portes ouvertes",
    when: str = "14 décembre 2026",
    *,
    pilot_id: UUID | None = None,
    is_public: bool = False,
    now: datetime = NOW,
    **values: Any,
) -> Event:
    """An event that this person announces."""
    facts = EventFacts(name, date_words=when, **values)
    viewer = viewing(db, owner)
    entry = save_event(db, viewer, None, facts, pilot_id=pilot_id, is_public=is_public, now=now)
    db.commit()
    return entry


def join_file(
    db: Session, settings: Settings, entry: Content | Event, owner: User, name: str = "plan.txt"
) -> UUID:
    """A small text beside an entry; gives the identifier of the file."""
    data = f"Voici {name}.".encode()
    upload = store_upload(db, settings.uploads, owner.id, name, data, now=NOW)
    file = attach(db, type(entry), viewing(db, owner), entry.id, upload, now=NOW)
    db.commit()
    return file.id
