"""The mails of weeks: to who applied, to the week's team, to the boarding school.

What somebody needs during the stay is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import Entry, make_calendar
from tierslieu.bookings.holding import next_waking
from tierslieu.bookings.models import Booking
from tierslieu.bookings.notices import describe_session
from tierslieu.mail.rules import PLACE_URL, Attachment, write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import FACILITATOR, User
from tierslieu.weeks.applications.models import WeekApplication
from tierslieu.weeks.applications.places import free_places
from tierslieu.weeks.applications.queries import list_line, list_seats, rank_of
from tierslieu.weeks.models import Week
from tierslieu.weeks.words import days_words, nights_words


def tell_state(
    db: Session,
    application: WeekApplication,
    now: datetime,
    *,
    word: str,
    by_self: bool = True,
    given_back: Sequence[Booking] = (),
) -> None:
    """Where the application stands now, and the team's word; half-days given back leave the
    calendar."""
    _write(
        db,
        application,
        "weeks_state",
        now,
        state=application.state.value,
        rank=rank_of(db, application),
        word=word,
        by_self=by_self,
        path=f"/semaines/{application.week_id}/candidature",
        attachments=_taken_out(application.week, given_back, now),
    )


def tell_accepted(db: Session, application: WeekApplication, now: datetime, *, word: str) -> None:
    """«You are accepted»: half-days, nights, the way to the welcome pack, a calendar of it all."""
    week = application.week
    seats = sorted(list_seats(db, application.id), key=lambda one: one.booking.session.starts_at)
    held = [seat.booking for seat in seats]
    lines = [
        {"title": one.session.title, **describe_session(one.session, one.mode)} for one in held
    ]
    entries = [Entry(one.session, one.mode) for one in held]
    calendar = make_calendar(week.title, entries, PLACE_URL, now, is_mailed=True)
    rooms = dict.fromkeys(one.room.name for one in application.nights if one.room is not None)
    _write(
        db,
        application,
        "weeks_accepted",
        now,
        attachments=[Attachment("semaine.ics", "text/calendar", calendar)],
        lines=lines,
        word=word,
        nights=in_each(lambda: nights_words(one.night for one in application.nights))
        if application.nights
        else "",
        house=week.house.name if week.house is not None and application.nights else "",
        rooms=", ".join(rooms),
        meals=len(application.meals),
        path=f"/semaines/{week.id}/accueil",
        give_back=f"/semaines/{week.id}/candidature",
    )


def tell_called_off(
    db: Session,
    application: WeekApplication,
    now: datetime,
    *,
    given_back: Sequence[Booking],
    kept: Sequence[Booking],
) -> None:
    """«The week does not take place», why, that nothing is held for it any more, and which seats
    they had booked by themselves and keep."""
    _write(
        db,
        application,
        "weeks_called_off",
        now,
        reason=application.week.cancel_reason,
        kept=[{"title": b.session.title, **describe_session(b.session, b.mode)} for b in kept],
        path="/semaines",
        attachments=_taken_out(application.week, given_back, now),
    )


def tell_team_called_off(
    db: Session, week: Week, leading: Sequence[User], now: datetime, *, by_id: UUID
) -> None:
    """To the week's team and to who leads its half-days that go with it, but for who did it."""
    to = {person.id: person for person in [*week.team, *leading] if person.id != by_id}
    _tell(
        db,
        week,
        list(to.values()),
        "weeks_team_called_off",
        now,
        reason=week.cancel_reason,
        path=f"/semaines/{week.id}",
    )


def tell_team_completed(db: Session, application: WeekApplication, now: datetime) -> None:
    """To the team: somebody completed what they were asked to."""
    who = application.user.name
    _tell_team(db, application.week, now, kind="completed", who=who, next_name="", waiting=0)


def tell_moved(db: Session, application: WeekApplication, now: datetime) -> None:
    """Somebody who knew their room has another: which one, night by night if they differ."""
    rooms = dict.fromkeys(one.room.name for one in application.nights if one.room is not None)
    week = application.week
    _write(
        db,
        application,
        "weeks_moved",
        now,
        nights=in_each(lambda: nights_words(one.night for one in application.nights)),
        house=week.house.name if week.house is not None else "",
        rooms=", ".join(rooms),
        path=f"/semaines/{week.id}/accueil",
        leaves_at=next_waking(now),
    )


def tell_team_freed(db: Session, week: Week, who: str, now: datetime) -> None:
    """To the team: a place came free, and who is next in line for it. ``who`` is empty for an
    account that was closed.

    Nobody is promoted unasked: a whole week away from home is promised by people to people, after
    one made sure that the next in line can still come.
    """
    line = list_line(db, week.id)
    first = _first_who_may(db, week, line, now)
    _tell_team(
        db,
        week,
        now,
        kind="freed",
        who=who,
        next_name=first.user.name if first is not None else "",
        waiting=len(line),
    )


def tell_boarding(
    db: Session,
    week: Week,
    now: datetime,
    *,
    number: int,
    lines: list[str],
    attachments: list[Attachment],
) -> None:
    """To the boarding school: the sheet, or what changed since; counts alone."""
    house = week.house
    if house is None or not house.contact_email:
        return
    write_mail(
        db,
        house.contact_email,
        "weeks_boarding",
        {
            "title": week.title,
            "days": in_each(lambda: days_words(week)),
            "house": house.name,
            "name": house.contact_name,
            "lines": lines,
            "is_first": number == 1,
            "is_called_off": week.cancelled_at is not None,
        },
        now=now,
        due_key=f"week:{week.id}:boarding:{number}",
        leaves_at=next_waking(now),
        attachments=attachments,
    )


def _first_who_may(
    db: Session, week: Week, line: Sequence[WeekApplication], now: datetime
) -> WeekApplication | None:
    free = {who: free_places(db, week, who, now) for who in {one.audience for one in line}}
    return next((one for one in line if free[one.audience]), None)


def _tell_team(db: Session, week: Week, now: datetime, *, kind: str, **more: Any) -> None:
    path = f"/semaines/{week.id}/candidatures"
    _tell(db, week, week.team, "weeks_team", now, kind=kind, path=path, **more)


def _tell(
    db: Session, week: Week, people: Sequence[User], template: str, now: datetime, **more: Any
) -> None:
    """To who still leads sessions here: applications are nobody else's to read."""
    for person in people:
        if not (person.active and person.holds(FACILITATOR)):
            continue
        write_mail(
            db,
            person.email,
            template,
            {
                "name": person.name,
                "title": week.title,
                "days": in_each(lambda: days_words(week)),
                **more,
            },
            now=now,
            leaves_at=next_waking(now),
        )


def _taken_out(week: Week, given_back: Sequence[Booking], now: datetime) -> list[Attachment]:
    """The calendar that cancels what the one of the acceptance had put in."""
    entries = [Entry(one.session, one.mode, withdrawn=True) for one in given_back]
    if not entries:
        return []
    calendar = make_calendar(week.title, entries, PLACE_URL, now, is_mailed=True)
    return [Attachment("semaine.ics", "text/calendar", calendar)]


def _write(
    db: Session,
    application: WeekApplication,
    template: str,
    now: datetime,
    *,
    attachments: list[Attachment] | None = None,
    leaves_at: datetime | None = None,
    **more: Any,
) -> None:
    week = application.week
    context = {
        "name": application.user.name,
        "title": week.title,
        "days": in_each(lambda: days_words(week)),
        **more,
    }
    write_mail(
        db,
        application.user.email,
        template,
        context,
        now=now,
        leaves_at=leaves_at,
        attachments=attachments or (),
    )
