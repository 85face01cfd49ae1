"""Calendars as programs read them: icalendar and recurring_ical_events read ours back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tierslieu import clock
from tierslieu.agenda.calendars import Entry, make_calendar
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import cancel_session, edit_session, renew_feed
from tierslieu.bookings.changes import call_off_session
from tierslieu.bookings.rules import claim, release
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email

ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


def read(body: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Paris"]
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    return list(calendar.walk("VEVENT"))


@pytest.mark.parametrize(
    ("day", "offset"),
    [
        (datetime(2026, 3, 28, 14), 1),  # noqa: DTZ001 - the day before summer time
        (datetime(2026, 3, 29, 14), 2),  # noqa: DTZ001
        (datetime(2026, 10, 24, 14), 2),  # noqa: DTZ001
        (datetime(2026, 10, 25, 14), 1),  # noqa: DTZ001 - winter time
        (datetime(2046, 7, 3, 14), 2),  # noqa: DTZ001 - the rule has no end
    ],
)
def test_fourteen_hours_stay_fourteen_hours_across_the_change_of_hour(
    db: Session, day: datetime, offset: int
) -> None:
    session = make_session(db, starts=day)
    body = make_calendar("Agenda", [Entry(session)], "https://example.org", NOW)
    event = read(body)[0]
    assert b"DTSTART;TZID=Europe/Paris:" + day.strftime("%Y%m%dT140000").encode() in body
    assert event.start.utcoffset() == timedelta(hours=offset)
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(body)).at(day.date())
    assert [e.start.astimezone(clock.PARIS).hour for e in found] == [14]
    assert (event.start, event.end) == (session.starts_at, session.ends_at)


def test_our_zone_agrees_with_the_tz_database_for_twenty_years(db: Session) -> None:
    """The VTIMEZONE we write by hand, read without any tz database, gives the same instants."""
    from tierslieu.agenda.calendars import _PARIS_ZONE

    zone = icalendar.Timezone.from_ical(_PARIS_ZONE)
    assert isinstance(zone, icalendar.Timezone)
    ours = zone.to_tz(lookup_tzid=False)
    for month in range(240):
        for hour in (1, 4, 14):
            local = datetime(2026 + month // 12, month % 12 + 1, 28, hour)  # noqa: DTZ001
            assert (
                local.replace(tzinfo=ours).utcoffset()
                == local.replace(tzinfo=clock.PARIS).utcoffset()
            )


def test_a_change_raises_the_sequence_and_a_cancelled_session_stays_as_cancelled(
    db: Session, client: LookingClient
) -> None:
    session = make_session(db)

    def event() -> icalendar.Event:
        with clock.fixed_at(NOW):
            return read(client.get("/agenda.ics").data)[0]

    first = event()
    plan = Plan(
        "Python", session.starts_local, session.ends_local, room_id=session.room_id, onsite=3
    )
    edit_session(db, session.id, plan, now=NOW)
    db.commit()
    second = event()
    cancel_session(db, session.id, "Grève des trains.", now=NOW)
    db.commit()
    third = event()
    assert first["UID"] == second["UID"] == third["UID"] == str(session.id)
    assert [int(e["SEQUENCE"]) for e in (first, second, third)] == [0, 1, 2]
    assert [str(e["STATUS"]) for e in (first, second, third)] == ["CONFIRMED"] * 2 + ["CANCELLED"]
    assert "Grève des trains." in str(third["DESCRIPTION"])


def test_a_personal_calendar_holds_what_one_booked_waits_for_and_leads(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user("learner", "facilitator")
    booked = make_session(db, title="Réservée", onsite=None, online=1)
    full = make_session(db, title="Complète", onsite=1)
    make_session(db, title="Animée", facilitators=[user])
    make_session(db, title="D’autres")
    claim(db, full.id, make.user().id, ONSITE, now=NOW)
    claim(db, full.id, user.id, ONSITE, now=NOW)
    claim(db, booked.id, user.id, ONLINE, now=NOW)
    secret = renew_feed(db, user.id, now=NOW).secret
    db.commit()
    with clock.fixed_at(NOW):
        answer = client.get(f"/agenda/{secret}.ics")
    assert answer.mimetype == "text/calendar"
    events = {str(e["SUMMARY"]): e for e in read(answer.data)}
    assert set(events) == {"Réservée", "Complète (liste d’attente)", "Animée"}
    assert str(events["Complète (liste d’attente)"]["STATUS"]) == "TENTATIVE"
    assert booked.online_link in str(events["Réservée"]["DESCRIPTION"])


def test_a_renewed_or_unknown_secret_opens_nothing(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    old = renew_feed(db, user.id, now=NOW).secret
    db.commit()
    client.sign_in(user)
    page = client.post("/agenda/mon-calendrier", follow_redirects=True).get_data(as_text=True)
    assert "ne répond plus" in page
    assert old not in page
    assert client.get(f"/agenda/{old}.ics").status_code == 404
    assert client.get(f"/agenda/{'x' * 32}.ics").status_code == 404
    user.active = False
    new = page.split("/agenda/")[-1]
    db.commit()
    assert new
    assert client.get(f"/agenda/{renew_feed(db, user.id, now=NOW).secret}.ics").status_code == 404


def mails(db: Session) -> list[OutboxMessage]:
    return list(db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def calendar_part(message: OutboxMessage, app: object) -> tuple[str, icalendar.Event]:
    email = make_email(message, app.config["TIERSLIEU"])  # type: ignore[attr-defined]
    part = next(p for p in email.walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") is not None
    body = part.get_content().replace("\r\n", "\n").replace("\n", "\r\n").encode()
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    assert str(calendar["METHOD"]) == part.get_param("method")
    assert b"place.invalid" not in body
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]  # type: ignore[return-value]


def test_each_mail_about_a_seat_carries_an_invitation_that_outranks_the_one_before(
    db: Session, make: Factory, app: object
) -> None:
    session, user = make_session(db, created_at=NOW), make.user(name="Samira Haddad")
    for minute in (0, 2):
        at = NOW + timedelta(minutes=minute)
        booking = claim(db, session.id, user.id, ONSITE, now=at)
        if minute == 0:
            release(db, booking.id, now=at + timedelta(minutes=1), actor_id=user.id)
    call_off_session(db, session.id, "Panne de chauffage.", now=NOW + timedelta(minutes=3))
    db.commit()
    parts = [calendar_part(message, app) for message in mails(db)]
    assert [method for method, _e in parts] == ["REQUEST", "CANCEL", "REQUEST", "CANCEL"]
    ranks = [int(event["SEQUENCE"]) for _m, event in parts]
    assert ranks == sorted(set(ranks))
    event = parts[0][1]
    assert str(event["ATTENDEE"]) == f"mailto:{user.email}"
    assert str(event["ORGANIZER"]) == "mailto:no-reply@example.org"
    assert str(event["URL"]) == f"http://localhost/agenda/{session.id}"
    assert {str(e["UID"]) for _m, e in parts} == {str(session.id)}


def test_the_public_calendar_keeps_a_season_and_names_nobody(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(name="Samira Haddad")
    make_session(db, title="Ancienne", starts=datetime(2026, 7, 1, 14))  # noqa: DTZ001
    recent = make_session(db, title="Récente", starts=datetime(2026, 10, 1, 14))  # noqa: DTZ001
    claim(db, recent.id, user.id, ONSITE, now=NOW - timedelta(days=90))
    db.commit()
    with clock.fixed_at(NOW):
        answer = client.get("/agenda.ics")
    body = answer.get_data(as_text=True)
    assert [str(e["SUMMARY"]) for e in read(answer.data)] == ["Récente"]
    assert "Samira" not in body
    assert user.email not in body


def test_text_that_would_break_a_calendar_is_kept_as_it_is(db: Session) -> None:
    title = "Listes, piles ; « arbres » \\ — et\tla suite 🌳" * 3
    session = make_session(db, title=title, description="ligne 1\nBEGIN:VEVENT\nligne 3")
    body = make_calendar("Agenda", [Entry(session)], "https://example.org", NOW)
    (event,) = read(body)
    assert str(event["SUMMARY"]) == title
    assert str(event["DESCRIPTION"]) == "ligne 1\nBEGIN:VEVENT\nligne 3"
    assert event.start.date() == date(2026, 11, 26)


def test_a_session_without_pools_or_room_is_online(db: Session) -> None:
    session = make_session(db, onsite=None, online=3)
    assert isinstance(session, LearningSession)
    (event,) = read(make_calendar("Agenda", [Entry(session)], "https://example.org", NOW))
    assert str(event["LOCATION"]) == "en ligne"
    assert session.online_link not in str(event)
