"""What sessions, bookings and rolls give to the pages and reports that gather."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, render_template
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step, StepKind
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain, text_of
from tierslieu import clock
from tierslieu.agenda.models import CalendarFeed, LearningSession, SeatMode, SeatPool
from tierslieu.agenda.rules import renew_feed
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.house import (
    Card,
    Figure,
    HomeCard,
    House,
    Indicator,
    Invariant,
    Occasion,
    PathPanel,
    PersonalData,
    ResearchTable,
    TimelineSource,
)
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases
ONSITE, PRESENT, ABSENT = SeatMode.ONSITE, Presence.PRESENT, Presence.ABSENT
THEN = NOW + timedelta(days=7, hours=5)
DAY = date(2026, 11, 26)


@pytest.fixture
def house(app: Flask) -> House:
    house: House = app.extensions["tierslieu.house"]
    return house


def make_step(db: Session, slug: str = "snt", versions: int = 1) -> list[Step]:
    """The attendance step of a path, in each of its versions."""
    path = Path(slug=slug, title=slug.upper(), short_title=slug.upper())
    for number in range(1, versions + 1):
        step = Step(position=1, key="demi-journee", title="Demi-journée", kind=StepKind.ATTENDANCE)
        path.versions.append(PathVersion(number=number, steps=[step]))
    db.add(path)
    db.commit()
    return [version.steps[0] for version in path.versions]


def note(db: Session, session: LearningSession, *entries: RollEntry, now: datetime = THEN) -> None:
    actor = db.scalars(select(User).order_by(User.id)).first()
    assert actor is not None
    note_presence(db, session.id, entries, now=now, actor_id=actor.id)
    db.commit()


def named(house: House, kind: type[Any], name: str) -> Any:
    return next(o for o in house.all(kind) if getattr(o, "name", getattr(o, "key", None)) == name)


def test_presence_at_every_half_day_of_a_session_fulfils_its_step(
    db: Session, make: Factory, house: House
) -> None:
    (step,) = make_step(db)
    whole, half, away = make.user(), make.user(), make.user()
    session = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8, step_id=step.id)  # noqa: DTZ001
    morning = ((DAY, Half.MORNING),)
    note(
        db,
        session,
        RollEntry(PRESENT, whole.id),
        RollEntry(PRESENT, half.id, half_days=morning),
        RollEntry(ABSENT, away.id),
    )
    found = house.find_evidence(db, [whole.id, half.id, away.id], [step.id])
    assert [(e.user_id, e.step_id, e.at, e.label) for e in found] == [
        (whole.id, step.id, session.ends_at, "Initiation à Python")
    ]


def test_a_session_counts_for_the_same_step_of_another_version_and_for_no_other_path(
    db: Session, make: Factory, house: House
) -> None:
    old, new = make_step(db, versions=2)
    (other,) = make_step(db, "nsi")
    user = make.user()
    note(db, make_session(db, step_id=new.id), RollEntry(PRESENT, user.id))
    found = house.find_evidence(db, [user.id], [old.id, other.id])
    assert [e.step_id for e in found] == [old.id]


def test_each_person_present_is_asked_once_at_the_end_of_a_session(
    db: Session, make: Factory, house: House
) -> None:
    occasion = named(house, Occasion, "after_session")
    here, away = make.user(), make.user()
    session = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8)  # noqa: DTZ001
    note(
        db,
        session,
        RollEntry(PRESENT, here.id),
        RollEntry(ABSENT, away.id),
        RollEntry(PRESENT, guest_name="Sans compte", guest_email="guest@example.org"),
    )
    end = session.ends_at
    (happening,) = occasion.find(db, end, end + timedelta(seconds=1))
    assert (happening.user_id, happening.at) == (here.id, end)
    assert happening.subject == f"session:{session.id}"
    assert list(occasion.find(db, end - timedelta(days=1), end)) == []


def test_the_research_table_holds_one_row_for_each_half_day_and_no_name(
    db: Session, make: Factory, house: House
) -> None:
    table = named(house, ResearchTable, "attendance")
    (step,) = make_step(db)
    user, other = make.user(), make.user()
    session = make_session(db, step_id=step.id)
    note(db, session, RollEntry(PRESENT, user.id), RollEntry(PRESENT, other.id))
    rows = list(table.rows(db, [user.id]))
    assert rows == [(user.id, session.starts_at, ("snt", "pm", "onsite", "present", True))]
    assert len(rows[0][2]) == len(table.columns)


def test_the_figures_of_a_period_are_what_they_say(
    db: Session, make: Factory, house: House
) -> None:
    held = make_session(db, onsite=2)
    not_called = make_session(db, starts=held.starts_local + timedelta(days=1), onsite=4)
    make_session(db, starts=held.starts_local + timedelta(days=60), onsite=9)
    came, lost, waiting = make.user(), make.user(), make.user()
    for user in (came, lost, waiting):
        claim(db, held.id, user.id, ONSITE, now=NOW)
    claim(db, not_called.id, came.id, ONSITE, now=NOW)
    guest = RollEntry(PRESENT, guest_name="Sans compte", guest_email="guest@example.org")
    note(db, held, RollEntry(PRESENT, came.id), RollEntry(ABSENT, lost.id), guest)
    since, until = NOW, NOW + timedelta(days=30)

    def figure(key: str) -> Figure:
        with clock.fixed_at(until):
            found: Figure = named(house, Indicator, key).compute(db, since, until)
        return found

    assert figure("half_days") == Figure(2)
    assert figure("fill_rate") == Figure(3, 6)
    assert figure("unmet_demand") == Figure(1, 4)
    assert figure("no_shows") == Figure(1, 2)


def test_the_audit_finds_what_a_hand_in_the_database_breaks(
    db: Session, make: Factory, house: House
) -> None:
    session = make_session(db, onsite=3)
    seated = claim(db, session.id, make.user().id, ONSITE, now=NOW)
    line = claim(db, session.id, make.user().id, ONSITE, now=NOW)
    other = make_session(db)
    note(db, session, RollEntry(PRESENT, seated.user_id))
    db.commit()

    def broken() -> set[str]:
        with clock.fixed_at(NOW):
            return {i.name for i in house.all(Invariant) if i.check(db).broken}

    assert broken() == set()
    for wrong, names in (
        (
            update(Booking).where(Booking.id == line.id).values(status=BookingStatus.WAITING),
            {"seats_counted", "line_moves"},
        ),
        (
            update(SeatPool).where(SeatPool.session_id == session.id).values(taken=3),
            {"seats_counted"},
        ),
        (
            update(Booking).where(Booking.id == line.id).values(mode=SeatMode.ONLINE),
            {"seats_counted", "bookings_have_seats"},
        ),
        (
            update(LearningSession)
            .where(LearningSession.id == other.id)
            .values(starts_at=other.starts_at + timedelta(minutes=30)),
            {"session_times"},
        ),
        (update(Attendance).values(half=Half.MORNING), {"roll_half_days"}),
        (update(Attendance).values(arrived_at=None), {"roll_arrivals"}),
    ):
        db.execute(wrong.execution_options(synchronize_session=False))
        assert broken() == names
        db.rollback()
    one_room_twice = (
        update(LearningSession)
        .where(LearningSession.id == other.id)
        .values(room_id=session.room_id)
        .execution_options(synchronize_session=False)
    )
    if db.get_bind().dialect.name == "postgresql":  # there the database itself refuses
        with pytest.raises(IntegrityError, match="room_once"):
            db.execute(one_room_twice)
    else:
        db.execute(one_room_twice)
        assert broken() == {"room_once"}
    db.rollback()


def test_the_first_page_shows_the_next_seat_and_the_line(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, session = make.user(), make_session(db)
    full = make_session(db, title="Robots", onsite=1)
    claim(db, full.id, make.user().id, ONSITE, now=NOW)
    claim(db, full.id, user.id, ONSITE, now=NOW)
    claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(user)
    with clock.fixed_at(NOW):
        page = text_of(client.get("/"))
    assert "Place confirmée" in page
    assert "Initiation à Python" in page
    assert "1re sur la liste" in page
    assert "La prochaine place libérée est pour vous" in page


def test_a_facilitators_first_page_leads_to_todays_rolls(
    db: Session, make: Factory, client: LookingClient
) -> None:
    facilitator, user = make.user("facilitator"), make.user()
    client.sign_in(facilitator)
    with clock.fixed_at(THEN):
        assert "Pas de séance aujourd’hui." in text_of(client.get("/"))
    session = make_session(db, facilitators=[facilitator])
    claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    with clock.fixed_at(THEN - timedelta(hours=3)):
        page = text_of(client.get("/"))
        assert "1 personne attendue" in page
        assert f"/agenda/{session.id}/appel" not in page
    with clock.fixed_at(THEN):
        page = text_of(client.get("/"))
        assert "Appel à faire" in page
        assert f"/agenda/{session.id}/appel" in page
        note(db, session, RollEntry(PRESENT, user.id))
        assert "1 présence sur 1" in text_of(client.get("/"))


def test_near_midnight_what_opens_already_or_may_still_be_signed_is_in_reach(
    db: Session, make: Factory, client: LookingClient
) -> None:
    facilitator = make.user("facilitator")
    client.sign_in(facilitator)
    first = datetime(2026, 11, 27, 0, 5)  # noqa: DTZ001 - wall time
    late = make_session(db, title="La nuit", starts=first, facilitators=[facilitator])
    gone = make_session(db, title="Le soir", starts=first - timedelta(hours=3), hours=2.5)
    db.commit()
    opens = clock.to_utc(first) - timedelta(minutes=30)
    for at, seen in (
        (opens - timedelta(minutes=1), {gone}),
        (opens, {late, gone}),
        (clock.to_utc(first) - timedelta(minutes=1), {late, gone}),
        (clock.to_utc(first), {late}),
    ):
        with clock.fixed_at(at):
            for address in ("/", "/emargement/appareil/"):
                page = text_of(client.get(address))
                assert {s for s in (late, gone) if f"appareil/{s.id}" in page} == seen, (
                    at,
                    address,
                )


def test_a_path_shows_its_next_sessions_to_anybody(app: Flask, db: Session, house: House) -> None:
    (step,) = make_step(db)
    make_session(db, step_id=step.id, onsite=7)
    path_id = step.version.path_id
    with app.test_request_context():
        (card,) = named(house, PathPanel, "bookings").build(db, path_id, None, NOW)
        html = plain(render_template(card.template, **card.context))
    assert "Initiation à Python" in html
    assert "7 places" in html
    assert list(named(house, PathPanel, "bookings").build(db, path_id, None, THEN)) == []


def test_a_timeline_tells_what_comes_and_where_one_was(
    db: Session, make: Factory, house: House
) -> None:
    user, session = make.user(), make_session(db)
    claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    (coming,) = named(house, TimelineSource, "bookings").events(db, user.id, NOW)
    assert (coming.at, coming.detail) == (session.starts_at, "place confirmée, sur place")
    note(db, session, RollEntry(PRESENT, user.id))
    (was,) = named(house, TimelineSource, "attendance").events(db, user.id, THEN)
    assert (was.title, was.detail) == ("Initiation à Python", "présence notée, après-midi")


def test_all_held_on_a_person_is_given_and_can_be_erased(
    db: Session, make: Factory, house: House
) -> None:
    user, session, past = (
        make.user(name="Samira Haddad"),
        make_session(db, onsite=1),
        make_session(db),
    )
    heir = make.user()
    claim(db, session.id, user.id, ONSITE, now=NOW)
    waiting = claim(db, session.id, heir.id, ONSITE, now=NOW)
    renew_feed(db, user.id, now=NOW)
    note(db, past, RollEntry(PRESENT, user.id))
    names = ("calendar_address", "bookings", "attendance")
    held = {name: named(house, PersonalData, name) for name in names}
    assert all(offer.export(db, user.id) for offer in held.values())
    with clock.fixed_at(NOW):
        for offer in held.values():
            offer.erase(db, user.id)
        db.commit()
    assert not any(offer.export(db, user.id) for offer in held.values())
    assert db.scalars(select(CalendarFeed)).all() == []
    assert waiting.status is BookingStatus.CONFIRMED  # the seat went to the line
    line = db.scalars(select(Attendance)).one()
    assert (line.user_id, line.presence) == (None, PRESENT)  # counted, without a name
    db.delete(user)
    db.commit()


def test_every_card_names_a_template_that_exists(
    app: Flask, db: Session, make: Factory, house: House
) -> None:
    user = make.user("facilitator")
    for name in ("bookings", "today"):
        for card in named(house, HomeCard, name).build(db, user.id, NOW):
            assert isinstance(card, Card)
            app.jinja_env.get_template(card.template)
