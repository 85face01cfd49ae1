"""What the agenda offers: its part of the demonstration, a person's address, what must hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.agenda.queries import (
    Filter,
    count_sessions,
    find_feed,
    list_collisions,
    list_sessions,
)
from tierslieu.agenda.rules import close_feed, forget_person
from tierslieu.agenda.scenes import play
from tierslieu.clock import to_utc
from tierslieu.house import Finding, Invariant, PersonalData, Scene
from tierslieu.house_accounts import WayIn
from tierslieu.house_joining import Joining
from tierslieu.register import Basis


def join_feeds(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """The secret address of the account that goes was given to others for what that account did:
    it does not open the other's days."""
    feed = find_feed(db, gone)
    if feed is not None:
        db.delete(feed)
        db.flush()


def _export(db: Session, user_id: UUID) -> Any:
    feed = find_feed(db, user_id)
    return {"address_made_at": feed.created_at.isoformat()} if feed else None


def _count(db: Session, user_id: UUID, now: datetime) -> int:
    return int(find_feed(db, user_id) is not None)


def _describe(count: int) -> str:
    return str(
        _("L’adresse de votre calendrier montre où vous serez, sans mot de passe, à qui l’a.")
    )


def _close(db: Session, user_id: UUID, now: datetime) -> int:
    return close_feed(db, user_id)


def _check_times(db: Session) -> Finding:
    sessions = list_sessions(db, Filter())
    wrong = [
        f"session {s.id}: planned hour and instant differ"
        for s in sessions
        if (to_utc(s.starts_local), to_utc(s.ends_local)) != (s.starts_at, s.ends_at)
    ]
    return Finding(len(sessions), wrong)


def _check_rooms(db: Session) -> Finding:
    wrong = [
        f"sessions {first} and {second} are in one room at one time"
        for first, second in list_collisions(db)
    ]
    return Finding(count_sessions(db, Filter()), wrong)


OFFERS = (
    Joining(
        "agenda",
        frozenset({"session_facilitator"}),
        frozenset({"calendar_feed"}),
        join_feeds,
    ),
    # Whoever was in somebody's account has read it, and would follow them where they go.
    WayIn("calendar", count=_count, describe=_describe, close=_close),
    PersonalData(
        name="calendar_address",
        what=_l("L’adresse secrète de votre calendrier, si vous en avez créé une."),
        why=_l("Pour que votre logiciel de calendrier lise vos séances."),
        basis=_l("Votre demande : l’adresse n’existe que si vous la créez."),
        how_long=_l("Jusqu’à ce que vous la remplaciez ou fermiez votre compte."),
        export=_export,
        erase=forget_person,
        treatment="bookings",
        grounds=(Basis.CONTRACT,),
    ),
    Invariant("session_times", "Chaque séance est à l’instant que dit son heure", _check_times),
    Invariant("room_once", "Une salle n’est prise qu’une fois à la fois", _check_rooms),
    Scene("agenda", play),
)
