"""Planning: rooms, sessions, and what keeps two of them from being in one place at one time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Step
from tierslieu.agenda.models import CalendarFeed, LearningSession, Room, SeatMode, SeatPool
from tierslieu.agenda.queries import find_in_room, find_largest_use, find_led_by, list_rooms
from tierslieu.clock import NoSuchLocalTime, to_local, to_utc
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, User
from tierslieu.web.formats import day, hour, span

LONGEST = timedelta(days=1)
FARTHEST = timedelta(days=5 * 366)  # beyond, it is the year that was mistyped


@dataclass(frozen=True)
class Plan:
    """What a facilitator plans. Times are what the clock on the wall shows (naive, Paris).

    ``onsite``/``online``: seats in each mode, None for a mode the session isn't held in.
    """

    title: str
    starts_local: datetime
    ends_local: datetime
    description: str = ""
    bring: str = ""
    room_id: UUID | None = None
    onsite: int | None = None
    online_link: str = ""
    online: int | None = None
    facilitator_ids: tuple[UUID, ...] = ()
    step_id: UUID | None = None


def plan_session(db: Session, plan: Plan, *, now: datetime, actor_id: UUID) -> LearningSession:
    """A new session, its seats all free. Raises :class:`Refused` with the field it is about."""
    lock_for_writing(db)
    session = LearningSession(created_by_id=actor_id, created_at=now)
    _apply(db, session, plan, now, is_moved=True)
    db.add(session)
    db.flush()
    return session


def edit_session(db: Session, session_id: UUID, plan: Plan, *, now: datetime) -> LearningSession:
    """Change a session to come; its calendar's SEQUENCE rises.

    Whoever calls must tell those booked and give new seats to the line: bookings do both.
    Raises :class:`Refused` with the field it is about, ``closed`` once it began.
    """
    session = _lock_to_come(db, session_id, now)
    is_moved = (session.starts_local, session.ends_local) != (plan.starts_local, plan.ends_local)
    _apply(db, session, plan, now, is_moved=is_moved)
    session.sequence += 1
    db.flush()
    return session


def cancel_session(db: Session, session_id: UUID, reason: str, *, now: datetime) -> LearningSession:
    """Call a session off, with the reason people will read. Bookings stand, as history."""
    session = _lock_to_come(db, session_id, now)
    session.cancelled_at = now
    session.cancel_reason = reason
    session.sequence += 1
    db.flush()
    return session


def save_room(
    db: Session,
    room_id: UUID | None,
    *,
    name: str,
    places: int,
    address: str,
    access: str,
    equipment: str,
    now: datetime,
) -> Room:
    """A new room (``room_id`` None), or a change of one. Raises :class:`Refused` by field."""
    lock_for_writing(db)
    room = Room() if room_id is None else db.get(Room, room_id, with_for_update=True)
    if room is None:
        raise NotYours
    if any(r.id != room.id and r.name.casefold() == name.casefold() for r in list_rooms(db)):
        raise Refused(_("Une autre salle porte déjà ce nom."), field="name")
    if room_id is not None and (use := find_largest_use(db, room_id, now)) and use[1] > places:
        raise Refused(
            _(
                "La séance « %(title)s », %(day)s, y offre déjà %(count)s places : "
                "réduisez-la d’abord.",
                title=use[0].title,
                day=day(use[0].starts_local),
                count=use[1],
            ),
            field="places",
        )
    room.name, room.places, room.address = name, places, address
    room.access, room.equipment = access, equipment
    db.add(room)
    db.flush()
    return room


def renew_feed(db: Session, user_id: UUID, *, now: datetime) -> CalendarFeed:
    """A new secret address for a person's calendar; the old one answers no more."""
    lock_for_writing(db)
    feed = db.get(CalendarFeed, user_id, with_for_update=True)
    if feed is None:
        feed = CalendarFeed(user_id=user_id)
        db.add(feed)
    feed.secret = secrets.token_urlsafe(24)
    feed.created_at = now
    db.flush()
    return feed


def forget_person(db: Session, user_id: UUID) -> None:
    """The person's calendar answers no more."""
    lock_for_writing(db)
    feed = db.get(CalendarFeed, user_id)
    if feed is not None:
        db.delete(feed)
        db.flush()


def _lock_to_come(db: Session, session_id: UUID, now: datetime) -> LearningSession:
    lock_for_writing(db)
    session = db.get(LearningSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None:
        raise Refused(_("Cette séance est déjà annulée."), code="closed")
    if session.starts_at <= now:
        raise Refused(_("Cette séance a commencé : elle ne se change plus."), code="closed")
    return session


def _apply(
    db: Session, session: LearningSession, plan: Plan, now: datetime, *, is_moved: bool
) -> None:
    """Check a plan and write it. Locks in one order: room, then facilitators, then seats."""
    if is_moved:
        _check_year(plan, now)
    starts_at, ends_at = _instants(plan)
    if is_moved and starts_at <= now:
        raise _past()
    _check_room(db, session, plan, starts_at, ends_at)
    facilitators = _check_facilitators(db, session, plan, starts_at, ends_at)
    if plan.step_id is not None and db.get(Step, plan.step_id) is None:
        raise Refused(_("Cette étape n’existe plus : choisissez-en une autre."), field="step")
    session.title, session.description = plan.title, plan.description
    session.bring, session.online_link = plan.bring, plan.online_link
    session.starts_local, session.ends_local = plan.starts_local, plan.ends_local
    session.starts_at, session.ends_at = starts_at, ends_at
    session.room_id, session.step_id = plan.room_id, plan.step_id
    session.facilitators = facilitators
    _set_seats(db, session, SeatMode.ONSITE, plan.onsite, "onsite")
    _set_seats(db, session, SeatMode.ONLINE, plan.online, "online")


def _past() -> Refused:
    return Refused(_("Ce moment est déjà passé : choisissez une date à venir."), field="day")


def _check_year(plan: Plan, now: datetime) -> None:
    # Before anything is computed: the first and last years of all have no instant in every zone.
    away = plan.starts_local - to_local(now)
    if away < -LONGEST:
        raise _past()
    if away > FARTHEST:
        raise Refused(
            _("C’est dans plus de cinq ans : vérifiez l’année."), code="too_far", field="day"
        )


def _instants(plan: Plan) -> tuple[datetime, datetime]:
    if plan.ends_local == plan.starts_local:
        raise Refused(
            _(
                "La séance finit à l’heure où elle commence, %(start)s : "
                "corrigez l’une des deux heures.",
                start=hour(plan.starts_local),
            ),
            field="ends",
        )
    if plan.ends_local < plan.starts_local:
        raise Refused(
            _(
                "La séance finit à %(end)s, avant de commencer à %(start)s : "
                "corrigez l’une des deux heures.",
                start=hour(plan.starts_local),
                end=hour(plan.ends_local),
            ),
            field="ends",
        )
    instants = []
    for field, local in (("starts", plan.starts_local), ("ends", plan.ends_local)):
        try:
            instants.append(to_utc(local))
        except NoSuchLocalTime as error:
            raise _no_such_time(error, field) from None
    starts_at, ends_at = instants
    if plan.ends_local - plan.starts_local > LONGEST:
        raise Refused(_("Une séance dure un jour au plus : faites-en une par jour."), field="ends")
    return starts_at, ends_at


def _no_such_time(error: NoSuchLocalTime, field: str) -> Refused:
    if error.skipped:
        message = _(
            "%(hour)s n’existe pas %(day)s : cette nuit-là, on passe à l’heure d’été et 2 h "
            "devient 3 h. Choisissez une autre heure.",
            hour=hour(error.local),
            day=_the(error.local),
        )
    else:
        message = _(
            "%(hour)s arrive deux fois %(day)s : cette nuit-là, on passe à l’heure d’hiver et "
            "3 h redevient 2 h. Choisissez une autre heure.",
            hour=hour(error.local),
            day=_the(error.local),
        )
    return Refused(message, code="no_such_time", field=field)


def _the(local: datetime) -> str:
    return str(_("le %(day)s", day=day(local, year=True)))


def _check_room(
    db: Session, session: LearningSession, plan: Plan, starts_at: datetime, ends_at: datetime
) -> None:
    if plan.onsite is None and plan.online is None and plan.room_id is None:
        raise Refused(
            _("Indiquez au moins une façon de participer : dans une salle, en ligne, ou les deux."),
            field="onsite",
        )
    if plan.online is not None and not plan.online_link:
        raise Refused(
            _("Indiquez le lien : il n’est montré qu’aux personnes inscrites en ligne."),
            field="online_link",
        )
    if plan.online is None and plan.online_link:
        raise Refused(
            _("Combien de places en ligne ? Indiquez-le, ou ôtez le lien."), field="online"
        )
    if plan.room_id is None:
        if plan.onsite is not None:
            raise Refused(
                _("Choisissez la salle, ou laissez vides les places sur place."), field="room"
            )
        return
    # The row is held until the commit: two who want this room come one after the other.
    room = db.get(Room, plan.room_id, with_for_update={"key_share": True}, populate_existing=True)
    if room is None:
        raise Refused(_("Cette salle n’existe plus : choisissez-en une autre."), field="room")
    if plan.onsite is None:
        raise Refused(
            _("Combien de places dans la salle ? Elle en compte %(count)s.", count=room.places),
            field="onsite",
        )
    if plan.onsite > room.places:
        raise Refused(
            _(
                "%(room)s n’a que %(count)s places : réduisez, ou changez de salle.",
                room=_upper_first(room.name),
                count=room.places,
            ),
            field="onsite",
        )
    other = find_in_room(db, room.id, starts_at, ends_at, session.id)
    if other is not None:
        raise Refused(
            _(
                "%(room)s est prise par « %(title)s », %(hours)s : changez d’heure ou de salle.",
                room=_upper_first(room.name),
                title=other.title,
                hours=span(other.starts_local, other.ends_local),
            ),
            code="room_taken",
            field="room",
        )


def _check_facilitators(
    db: Session, session: LearningSession, plan: Plan, starts_at: datetime, ends_at: datetime
) -> list[User]:
    people = list(
        db.scalars(
            select(User)
            .where(User.id.in_(plan.facilitator_ids))
            .order_by(User.id)
            .with_for_update(key_share=True)
        )
    )
    if len(people) < len(set(plan.facilitator_ids)) or not all(
        person.holds(FACILITATOR) for person in people
    ):
        raise Refused(
            _("Une des personnes choisies n’anime plus ici : vérifiez la liste."),
            field="facilitators",
        )
    for person in people:
        other = find_led_by(db, person.id, starts_at, ends_at, session.id)
        if other is not None:
            raise Refused(
                _(
                    "%(name)s anime déjà « %(title)s », %(hours)s.",
                    name=person.name,
                    title=other.title,
                    hours=span(other.starts_local, other.ends_local),
                ),
                code="facilitator_taken",
                field="facilitators",
            )
    return people


def _set_seats(
    db: Session, session: LearningSession, mode: SeatMode, capacity: int | None, field: str
) -> None:
    pool = session.pool(mode)
    if pool is None:
        if capacity is not None:
            session.pools.append(SeatPool(mode=mode, capacity=capacity, taken=0))
        return
    if session.id is not None:
        db.refresh(pool, with_for_update=True)
    if (capacity or 0) < pool.taken:
        raise Refused(
            ngettext(
                "%(num)s personne a déjà sa place : gardez-en au moins autant, "
                "ou libérez d’abord cette place avec elle.",
                "%(num)s personnes ont déjà leur place : gardez-en au moins autant, "
                "ou libérez d’abord des places avec elles.",
                pool.taken,
            ),
            code="seats_taken",
            field=field,
        )
    if capacity is None:
        session.pools.remove(pool)
    else:
        pool.capacity = capacity


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
