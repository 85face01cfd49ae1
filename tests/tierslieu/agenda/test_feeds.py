"""The public calendar and one's own, on both changes of hour, as two readers understand them.

The first is icalendar with recurring_ical_events. The second shares nothing with it but the
standard: lines unfolded here, and the zone of the file read by dateutil's ``tzical``, so that no
tz database helps.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from dateutil import tz
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.rules import renew_feed
from tierslieu.bookings.rules import claim

Instants = dict[str, tuple[datetime, datetime]]


def read_with_icalendar(body: bytes) -> Instants:
    calendar = icalendar.Calendar.from_ical(body)
    found = recurring_ical_events.of(calendar).between((2027, 1, 1), (2028, 1, 1))
    return {str(e["UID"]): (e.start.astimezone(UTC), e.end.astimezone(UTC)) for e in found}


def read_by_hand(body: bytes) -> Instants:
    text = re.sub(r"\r\n[ \t]", "", body.decode())
    zone_text = text[text.index("BEGIN:VTIMEZONE") : text.index("BEGIN:VEVENT")]
    zone = tz.tzical(io.StringIO(zone_text)).get("Europe/Paris")
    found = {}
    for event in text.split("BEGIN:VEVENT")[1:]:
        lines = dict(line.split(":", 1) for line in event.split("\r\n") if ":" in line)
        times = [
            datetime.strptime(lines[f"{name};TZID=Europe/Paris"], "%Y%m%dT%H%M%S")  # noqa: DTZ007
            for name in ("DTSTART", "DTEND")
        ]
        begins, ends = (time.replace(tzinfo=zone).astimezone(UTC) for time in times)
        found[lines["UID"]] = (begins, ends)
    return found


@pytest.fixture
def sessions(db: Session, make: Factory) -> list[LearningSession]:
    """In spring and autumn: the days around, the night across, and once the hour has changed."""
    made = []
    for sunday in (datetime(2027, 3, 28), datetime(2027, 10, 31)):  # noqa: DTZ001 - wall time
        for starts, until in ((-10, -7), (-2, 6), (3, 6), (14, 17), (38, 41)):
            session = make_session(
                db, starts=sunday + timedelta(hours=starts), hours=until - starts, online=2
            )
            made.append(session)
    return made


@pytest.mark.parametrize("reader", [read_with_icalendar, read_by_hand])
@pytest.mark.parametrize("feed", ["public", "own"])
def test_two_readers_find_the_instants_we_meant_on_both_changes_of_hour(
    db: Session,
    make: Factory,
    client: LookingClient,
    sessions: list[LearningSession],
    reader: Callable[[bytes], Instants],
    feed: str,
) -> None:
    person = make.user()
    for session in sessions:
        claim(db, session.id, person.id, SeatMode.ONLINE, now=NOW)
    secret = renew_feed(db, person.id, now=NOW).secret
    db.commit()
    with clock.fixed_at(NOW):
        answer = client.get("/agenda.ics" if feed == "public" else f"/agenda/{secret}.ics")
    found = reader(answer.data)
    assert found == {str(s.id): (s.starts_at, s.ends_at) for s in sessions}
    lengths = {s.starts_local.strftime("%m"): s.ends_at - s.starts_at for s in sessions[1::5]}
    assert lengths == {"03": timedelta(hours=7), "10": timedelta(hours=9)}


def test_ones_own_calendar_goes_back_a_year(
    db: Session, make: Factory, client: LookingClient
) -> None:
    lead = make.user("facilitator")
    titles = {}
    for days_ago in (360, 370):
        starts = (NOW - timedelta(days=days_ago)).replace(tzinfo=None)
        for who in ("animée", "suivie"):
            one = make_session(
                db, title=f"{who} {days_ago}", starts=starts, hours=1, onsite=2,
                facilitators=[lead] if who == "animée" else [],
            )  # fmt: skip
            if who == "suivie":
                with clock.fixed_at(NOW - timedelta(days=400)):
                    claim(db, one.id, lead.id, SeatMode.ONSITE, now=clock.now())
            titles[f"{who} {days_ago}"] = one
    secret = renew_feed(db, lead.id, now=NOW).secret
    db.commit()
    with clock.fixed_at(NOW):
        text = client.get(f"/agenda/{secret}.ics").get_data(as_text=True)
    assert {title: title in text for title in titles} == {
        "animée 360": True, "suivie 360": True, "animée 370": False, "suivie 370": False,
    }  # fmt: skip
