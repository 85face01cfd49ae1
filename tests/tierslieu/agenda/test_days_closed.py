"""The days on which the place is closed stand in its public calendar, as another library and the
standard read it; what is taken back is said to be cancelled, and what is over stays as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu import clock
from tierslieu.place.closed import closures_told

pytestmark = pytest.mark.both_databases
CLOSURES, TAKE_BACK = "/administration/lieu/fermetures", "/administration/lieu/annuler"
FIRST, LAST = date(2026, 12, 24), date(2027, 1, 2)
DAYS = {"first": FIRST.isoformat(), "last": LAST.isoformat()}


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def read(client: LookingClient, **headers: str) -> list[icalendar.Event]:
    """What stands in the feed of closures, as a program that subscribes to it reads it."""
    answer = client.get("/agenda.ics", headers=headers)
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(answer.data)
    assert isinstance(calendar, icalendar.Calendar)
    assert not calendar.errors
    return list(calendar.walk("VEVENT"))


def test_a_closure_is_whole_days_that_take_nobodys_time(admin: LookingClient) -> None:
    with clock.fixed_at(NOW):
        admin.post(CLOSURES, data={"seen": 0, **DAYS, "why": "congés ; reprise lundi"})
        (event,) = read(admin)
        body = admin.get("/agenda.ics").data
    assert b"DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270103\r\n" in body
    assert (event.start, event.end) == (FIRST, LAST + timedelta(days=1))
    assert event["SUMMARY"] == "Lieu fermé\u00a0: congés\u202f; reprise lundi"
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CONFIRMED", "TRANSPARENT", 0)
    assert event["URL"].endswith("/agenda/jour/2026-12-24")
    assert event["DTSTAMP"].dt == event["CREATED"].dt == NOW.astimezone(UTC).replace(microsecond=0)
    calendar = icalendar.Calendar.from_ical(body)
    on = [bool(recurring_ical_events.of(calendar).at(day)) for day in (FIRST, LAST)]
    around = [FIRST - timedelta(days=1), LAST + timedelta(days=1)]
    assert on == [True, True]
    assert not [day for day in around if recurring_ical_events.of(calendar).at(day)]


def test_it_speaks_the_language_of_the_calendar(admin: LookingClient) -> None:
    with clock.fixed_at(NOW):
        admin.post(CLOSURES, data={"seen": 0, **DAYS, "why": "congés"})
        admin.post(CLOSURES, data={"seen": 1, "first": "2027-05-07", "last": "2027-05-07"})
        found = read(admin, **{"Accept-Language": "en-GB"})
    assert [event["SUMMARY"] for event in found] == ["Place closed: congés", "Place closed"]


def test_one_that_is_taken_back_is_cancelled_and_keeps_its_name(admin: LookingClient) -> None:
    with clock.fixed_at(NOW):
        admin.post(CLOSURES, data={"seen": 0, **DAYS, "why": "congés"})
        (before,) = read(admin)
    with clock.fixed_at(NOW + timedelta(hours=1)):
        admin.post(f"{CLOSURES}/oter", data={"seen": 1, **DAYS})
        (gone,) = read(admin)
    with clock.fixed_at(NOW + timedelta(hours=2)):
        admin.post(TAKE_BACK, data={"seen": 2})
        (again,) = read(admin)
    assert before["UID"] == gone["UID"] == again["UID"]
    said = [(e["STATUS"], e["SEQUENCE"]) for e in (before, gone, again)]
    assert said == [("CONFIRMED", 0), ("CANCELLED", 1), ("CONFIRMED", 2)]
    assert gone["LAST-MODIFIED"].dt - before["LAST-MODIFIED"].dt == timedelta(hours=1)


def test_one_that_is_over_stays_as_it_was_for_a_season(admin: LookingClient) -> None:
    with clock.fixed_at(NOW):
        admin.post(CLOSURES, data={"seen": 0, **DAYS, "why": "congés"})
    later = datetime(2027, 2, 1, 12, tzinfo=UTC)
    with clock.fixed_at(later):  # saving another lets go of those that are over
        admin.post(CLOSURES, data={"seen": 1, "first": "2027-05-07", "last": "2027-05-07"})
        over, to_come = read(admin)
        assert admin.get("/lieu").text.count("congés") == 0
    assert (over["STATUS"], over["SEQUENCE"], over.start) == ("CONFIRMED", 0, FIRST)
    assert to_come.start == date(2027, 5, 7)
    with clock.fixed_at(later + timedelta(days=70)):
        assert [event.start for event in read(admin)] == [date(2027, 5, 7)]


def test_a_reason_that_changes_is_told_and_the_same_days_are_one_closure() -> None:
    def said(*whys: str) -> dict[str, object]:
        return {"hours": {"closed": [{**DAYS, "why": why} for why in whys]}}

    (one,) = closures_told([(said("congés"), NOW), (said("congés"), NOW), (said("travaux"), NOW)])
    assert (one.why, one.sequence, one.is_taken_back) == ("travaux", 1, False)
    (one,) = closures_told([(said("congés", "travaux"), NOW), ({}, NOW), ({}, NOW)])
    assert (one.sequence, one.is_taken_back) == (1, True)
