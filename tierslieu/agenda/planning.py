"""What a facilitator plans: checked against rooms, people and clocks, then written.

Locks in one order: room, then facilitators, then seats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Step
from tierslieu.agenda.models import (
    Admission,
    LearningSession,
    Level,
    Room,
    SeatMode,
    SeatPool,
    session_facilitators,
)
from tierslieu.agenda.queries import find_in_room, find_led_by, read_settings
from tierslieu.agenda.warnings import say_class, say_closed, say_place_closed
from tierslieu.clock import NoSuchLocalTime, to_local, to_utc
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR, Audience, User
from tierslieu.web.formats import day, hour, span

LONGEST = timedelta(days=1)
FARTHEST = timedelta(days=5 * 366)  # beyond, it is the year that was mistyped


@dataclass(frozen=True)
class Keep:
    """Seats kept for a public until then (wall time): of the room, or online if there is none."""

    places: int
    audience: Audience
    until_local: datetime


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
    prerequisites: str = ""
    level: Level | None = None
    audience: Audience | None = None
    admission: Admission = Admission.OPEN
    invitation_code: str = ""
    bookable_from: datetime | None = None
    bookable_until: datetime | None = None
    keep: Keep | None = None
    anyway: bool = False  # though the place or the room is closed then, or it is an hour of class


def apply(
    db: Session, session: LearningSession, plan: Plan, now: datetime, *, is_moved: bool
) -> None:
    """Check a plan and write it into ``session``, new or known, and flush.

    Raises :class:`Refused` with the field it is about.
    """
    if is_moved:
        _check_year(plan, now)
    starts_at, ends_at = _instants(plan)
    if is_moved and starts_at <= now:
        raise _past()
    _check_room(db, session, plan, starts_at, ends_at)
    if is_moved or (session.room_id, session.audience) != (plan.room_id, plan.audience):
        _check_unusual(db, plan)
    facilitators = _check_facilitators(db, session, plan, starts_at, ends_at)
    if plan.step_id is not None and db.get(Step, plan.step_id) is None:
        raise Refused(_("Cette étape n’existe plus : choisissez-en une autre."), field="step")
    if session.id is not None:  # read anew before anything is written, and held
        for mode in SeatMode:
            if (pool := session.pool(mode)) is not None:
                db.refresh(pool, with_for_update=True)
    session.title, session.description = plan.title, plan.description
    session.bring, session.online_link = plan.bring, plan.online_link
    session.starts_local, session.ends_local = plan.starts_local, plan.ends_local
    session.starts_at, session.ends_at = starts_at, ends_at
    session.room_id, session.step_id = plan.room_id, plan.step_id
    session.prerequisites, session.level = plan.prerequisites, plan.level
    session.audience = plan.audience
    _set_admission(session, plan, now)
    session.facilitators = facilitators
    _set_seats(db, session, SeatMode.ONSITE, plan.onsite, "onsite")
    _set_seats(db, session, SeatMode.ONLINE, plan.online, "online")
    _keep_seats(session, plan)
    db.add(session)
    db.flush()
    hold_facilitators(db, session)


def hold_facilitators(db: Session, session: LearningSession) -> None:
    """Write the session's times beside who leads it, none once it is cancelled: the database
    refuses two at once."""
    stands = session.cancelled_at is None
    db.execute(
        session_facilitators.update()
        .where(session_facilitators.c.session_id == session.id)
        .values(
            starts_at=session.starts_at if stands else None,
            ends_at=session.ends_at if stands else None,
        )
    )


def _set_admission(session: LearningSession, plan: Plan, now: datetime) -> None:
    """Who may book, and when."""
    if plan.admission is Admission.ENROLLED and plan.step_id is None:
        raise Refused(
            _("Réservée à qui suit un parcours : choisissez l’étape, donc le parcours."),
            field="step",
        )
    if plan.admission is Admission.CODE and not plan.invitation_code:
        raise Refused(
            _("Écrivez le code que vous donnerez aux personnes invitées."), field="invitation_code"
        )
    opens, closes = (
        instant_of(local, field) if local is not None else None
        for field, local in (
            ("bookable_from", plan.bookable_from),
            ("bookable_until", plan.bookable_until),
        )
    )
    if closes is not None and closes > session.starts_at:
        raise Refused(
            _("Les réservations se ferment au plus tard au début de la séance."),
            field="bookable_until",
        )
    if opens is not None and opens >= (closes or session.starts_at):
        raise Refused(
            _("Les réservations s’ouvriraient après leur fermeture, ou après le début."),
            field="bookable_from",
        )
    session.admission = plan.admission
    session.invitation_code = plan.invitation_code if plan.admission is Admission.CODE else ""
    session.bookable_from, session.bookable_until = opens, closes


def _keep_seats(session: LearningSession, plan: Plan) -> None:
    mode = SeatMode.ONSITE if plan.onsite is not None else SeatMode.ONLINE
    for pool in session.pools:
        keep = plan.keep if pool.mode is mode else None
        if keep is not None and keep.places > pool.capacity:
            raise Refused(
                _("Il n’y a que %(count)s places en tout.", count=pool.capacity), field="kept"
            )
        if pool.kept_taken and (
            keep is None or keep.places < pool.kept_taken or keep.audience is not pool.kept_for
        ):
            raise Refused(
                ngettext(
                    "%(num)s place gardée est déjà prise : gardez-en au moins autant, pour le "
                    "même public.",
                    "%(num)s places gardées sont déjà prises : gardez-en au moins autant, pour le "
                    "même public.",
                    pool.kept_taken,
                ),
                code="seats_taken",
                field="kept",
            )
        pool.kept = keep.places if keep else 0
        pool.kept_for = keep.audience if keep else None
        pool.kept_until = (
            min(instant_of(keep.until_local, "kept_until"), session.starts_at) if keep else None
        )


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
    starts_at, ends_at = (
        instant_of(local, field)
        for field, local in (("starts", plan.starts_local), ("ends", plan.ends_local))
    )
    if plan.ends_local - plan.starts_local > LONGEST:
        raise Refused(_("Une séance dure un jour au plus : faites-en une par jour."), field="ends")
    return starts_at, ends_at


def instant_of(local: datetime, field: str) -> datetime:
    """That instant, in UTC. Raises :class:`Refused`, beside the field, for an hour that clocks skip
    or show twice."""
    try:
        return to_utc(local)
    except NoSuchLocalTime as error:
        raise _no_such_time(error, field) from None


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


def _check_unusual(db: Session, plan: Plan) -> None:
    """What is closed is refused if the place says so; what is unusual is planned by who says that
    they know it."""
    room = db.get_one(Room, plan.room_id) if plan.room_id is not None else None
    # Who comes online only comes to no closed door.
    away = say_place_closed(db, plan.starts_local, plan.ends_local) if room is not None else ""
    closed = say_closed(room, plan.starts_local, plan.ends_local) if room is not None else ""
    if (away or closed) and read_settings(db).refuses_closed:
        if away:
            raise Refused(away, code="place_closed", field="day")
        raise Refused(closed, code="room_closed", field="room")
    in_class = say_class(db, plan.audience, plan.starts_local, plan.ends_local)
    unusual = " ".join(words for words in (away, closed, in_class) if words)
    if unusual and not plan.anyway:
        raise Refused(unusual, code="unusual", field="anyway")


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
    # A mode that is given up keeps its row, of no seats: what was booked there is still of it.
    pool.capacity = capacity or 0


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
