"""Of whom the rules speak, and what keeps them quiet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus, StopReason
from courses.enrolments.rules import change_status
from courses.progress.models import RecordState
from tests.support.appointments import make_slots, take
from tests.support.at_once import at_once
from tests.support.counting import counted_queries
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attention import Among, AttentionFinding, AttentionRule
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.people.models import User
from tierslieu.support.attention.late import late_rule
from tierslieu.support.attention.models import (
    AttentionContact,
    AttentionPause,
    AttentionSetting,
    ContactOutcome,
    ContactWay,
    PauseKind,
)
from tierslieu.support.attention.rules import (
    Contact,
    forget_old_contacts,
    log_contact,
    pause,
    pause_self,
    resume,
    resume_self,
    set_place,
    set_rule,
)
from tierslieu.support.attention.speaking import list_spoken, listen, quieted_by

both = pytest.mark.both_databases
TODAY = date(2026, 11, 19)
WEEK = timedelta(weeks=1)
CALL = Contact(ContactWay.PHONE, ContactOutcome.NO_ANSWER, TODAY, "Message laissé.")


def house_of(app: Flask) -> House:
    house: House = app.extensions["tierslieu.house"]
    return house


def rule(app: Flask, code: str) -> AttentionRule:
    return next(one for one in house_of(app).all(AttentionRule) if one.code == code)


def said(app: Flask, db: Session, user: User, now: datetime = NOW) -> list[str]:
    """What the rules say of somebody; the same whether one asks about all or about them alone."""
    db.expire_all()
    every = listen(db, house_of(app), now).get(user.id)
    assert every == listen(db, house_of(app), now, [user.id]).get(user.id)
    return [plain(one.sentence) for one in every.findings] if every else []


def silent_one(db: Session, make: Factory, weeks: int = 8, **more: object) -> User:
    """Somebody who began a path then, and was not heard of since."""
    user = make.user(**more)
    path = make_path(db, f"p{user.id.hex[:12]}")
    make_enrolment(db, user, path, now=NOW - weeks * WEEK)
    return user


def attended(db: Session, user: User, ago: timedelta, presence: Presence) -> None:
    """They held a seat then, and the roll says so."""
    starts = (NOW - ago).replace(tzinfo=None, hour=9)
    session = make_session(db, starts=starts)
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW - ago - WEEK)
    line = Attendance(
        session=session,
        day=starts.date(),
        half=Half.MORNING,
        user_id=user.id,
        mode=SeatMode.ONSITE,
        presence=presence,
        noted_at=session.starts_at,
    )
    line.arrived_at = session.starts_at if presence is Presence.PRESENT else None
    db.add(line)
    db.commit()


@both
def test_who_follows_a_path_and_leaves_no_trace_for_six_weeks_is_said_to_be_silent(
    app: Flask, db: Session, make: Factory
) -> None:
    ada = make.user()
    path = make_path(db)
    enrolment = make_enrolment(db, ada, path, now=NOW - 9 * WEEK)
    attended(db, ada, 7 * WEEK, Presence.PRESENT)
    assert said(app, db, ada) == [
        "Aucune trace depuis 7 semaines : dernière, une présence le 1er octobre 2026."
    ]
    assert said(app, db, ada, NOW - 2 * WEEK) == [], "five weeks are not six"
    make_record(db, enrolment, steps_of(db, path)[0], now=NOW - 5 * WEEK)
    assert said(app, db, ada) == []
    assert said(app, db, ada, NOW + 2 * WEEK) == [
        "Aucune trace depuis 7 semaines : dernière, une étape le 15 octobre 2026."
    ]


@both
def test_whatever_tells_that_somebody_is_still_here_keeps_the_rule_quiet(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    booked, met, resumed = (silent_one(db, make) for _each in range(3))
    assert all(said(app, db, one) for one in (booked, met, resumed))
    session = make_session(db, starts=datetime(2027, 3, 4, 14))  # noqa: DTZ001 - wall time
    claim(db, session.id, booked.id, SeatMode.ONSITE, now=NOW - 7 * WEEK)
    take(db, make_slots(db, nadia)[0], met)
    db.commit()
    assert said(app, db, booked) == [], "a seat at a session to come, booked long ago"
    assert said(app, db, booked, NOW + 25 * WEEK), "once it is over and they were not there"
    assert said(app, db, met) == []


def test_a_path_paused_stopped_or_finished_and_a_closed_account_are_nobodys_silence(
    app: Flask, db: Session, make: Factory
) -> None:
    begun = NOW - 20 * WEEK
    people = [make.user() for _each in range(4)]
    path = make_path(db)
    paused, stopped, finished, closed = [make_enrolment(db, one, path, now=begun) for one in people]
    then = NOW - 10 * WEEK
    assert all(said(app, db, one) for one in people)
    change_status(db, paused.id, EnrolmentStatus.PAUSED, now=then, actor_id=people[0].id)
    change_status(
        *(db, stopped.id, EnrolmentStatus.STOPPED),
        now=then,
        actor_id=people[1].id,
        cause=StopReason.TIME,
    )
    for step in steps_of(db, path):
        if step.is_required:
            make_record(db, finished, step, now=then).state = RecordState.VALIDATED
    people[3].active = False
    db.commit()
    assert [said(app, db, one) for one in people] == [[], [], [], []]
    assert closed.user_id == people[3].id


@both
def test_who_missed_two_sessions_without_a_word_is_told_of_and_who_excused_themselves_is_not(
    app: Flask, db: Session, make: Factory
) -> None:
    absent, excused, stranger = silent_one(db, make, 1), silent_one(db, make, 1), make.user()
    for ago in (2 * WEEK, 4 * WEEK):
        attended(db, absent, ago, Presence.ABSENT)
        attended(db, stranger, ago, Presence.ABSENT)
        attended(db, excused, ago, Presence.EXCUSED)
    assert said(app, db, absent) == [
        "2 séances manquées sans prévenir en 3 mois : la dernière, « Initiation à Python », "
        "le 5 novembre 2026."
    ]
    assert said(app, db, excused) == []
    assert said(app, db, stranger) == [], "who follows no path is not followed"


@dataclass(frozen=True)
class LateItem:
    """What plans give."""

    user_id: UUID
    what: str
    due: date


def test_a_plan_that_is_late_speaks_once_its_days_are_over(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.user()
    items = [
        LateItem(ada.id, "Rendre le projet", date(2026, 10, 20)),
        LateItem(ada.id, "Lire le chapitre", date(2026, 10, 3)),
        LateItem(ada.id, "Pas encore", date(2026, 11, 12)),
    ]

    def list_late(db: Session, now: datetime, among: Among) -> Sequence[LateItem]:
        return items

    made = House((*house_of(app).offers, late_rule(list_late)))
    monkeypatch.setitem(app.extensions, "tierslieu.house", made)
    assert said(app, db, ada) == [
        "En retard sur le plan : « Lire le chapitre », prévu le 3 octobre 2026. Et 1 autre chose."
    ]
    assert "14 jours" in plain(rule(app, "late").describe({"days": 14}))
    del items[:2]
    assert said(app, db, ada) == []


@both
def test_the_team_sets_figures_with_their_date_and_the_former_ones_stay(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    ada = silent_one(db, make, 8)
    silent = rule(app, "silent")
    set_rule(db, silent, True, {"weeks": 9}, actor_id=nadia.id, now=NOW)
    set_rule(db, silent, True, {"weeks": 9}, actor_id=nadia.id, now=NOW + WEEK)
    db.commit()
    assert said(app, db, ada) == []
    assert db.scalar(select(func.count()).select_from(AttentionSetting)) == 1, "nothing changed"
    set_rule(db, silent, True, {"weeks": 8}, actor_id=nadia.id, now=NOW + WEEK)
    db.commit()
    assert said(app, db, ada)
    for code, is_on in (("silent", False), ("place", False)):
        if code == "silent":
            set_rule(db, silent, is_on, {"weeks": 8}, actor_id=nadia.id, now=NOW + 2 * WEEK)
        else:
            set_rule(db, silent, True, {"weeks": 8}, actor_id=nadia.id, now=NOW + 3 * WEEK)
            set_place(db, False, actor_id=nadia.id, now=NOW + 3 * WEEK)
        db.commit()
        assert said(app, db, ada) == []
    for wrong in ({"weeks": 1}, {"weeks": 53}, {}):
        with pytest.raises(Refused) as refused:
            set_rule(db, silent, True, wrong, actor_id=nadia.id, now=NOW)
        assert refused.value.field == "weeks"


@both
def test_who_has_waited_longest_comes_first_and_nobody_asks_after_themselves(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    late, later, latest = (silent_one(db, make, weeks) for weeks in (7, 30, 12))
    path = make_path(db, "meme")
    make_enrolment(db, nadia, path, now=NOW - 40 * WEEK)
    now, put_off = list_spoken(db, house_of(app), nadia.id, NOW)
    assert [one.user_id for one in now] == [later.id, latest.id, late.id]
    assert put_off == []
    assert list_spoken(db, house_of(app), late.id, NOW) == ([], []), "who is not of the team"


@both
def test_a_pause_keeps_the_rules_quiet_until_its_day_or_until_something_new(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    ada = silent_one(db, make)

    def is_quiet(now: datetime) -> bool:
        return listen(db, house_of(app), now)[ada.id].pause is not None

    until = TODAY + timedelta(days=10)
    pause(db, ada.id, nadia.id, until, "Concours", now=NOW)
    db.commit()
    days = [is_quiet(NOW + timedelta(days=n)) for n in (0, 9, 10)]
    assert days == [True, True, False]
    pause(db, ada.id, nadia.id, None, "On s’est parlé", now=NOW)
    db.commit()
    assert is_quiet(NOW + 30 * WEEK), "nothing new happened"
    attended(db, ada, -WEEK, Presence.PRESENT)
    assert not is_quiet(NOW + 30 * WEEK), "they came, and fell silent again"
    then = NOW + 30 * WEEK
    assert resume(db, ada.id, nadia.id, now=then) == 2
    pause_self(db, ada.id, until + 30 * WEEK, now=then)
    db.commit()
    assert is_quiet(then)
    assert resume(db, ada.id, nadia.id, now=then) == 0, "what the person asked for is theirs"
    assert is_quiet(then)
    assert resume_self(db, ada.id, now=then) == 1
    assert not is_quiet(then)


MOMENTS = st.integers(-60, 60).map(lambda day: NOW + timedelta(days=day))


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.none() | st.integers(-60, 60)), max_size=4),
    st.lists(MOMENTS, min_size=1, max_size=4),
)
def test_a_pause_quiets_only_ahead_of_its_day_or_what_was_known_when_it_was_made(
    made: list[tuple[int, int | None]], facts: list[datetime]
) -> None:
    pauses = [
        AttentionPause(
            kind=PauseKind.LATER if until is not None else PauseKind.ASIDE,
            made_at=NOW + timedelta(days=at),
            until=None if until is None else TODAY + timedelta(days=until),
        )
        for at, until in made
    ]
    findings = [AttentionFinding(UUID(int=1), at, "") for at in facts]
    found = quieted_by(pauses, findings, NOW)
    holds = [
        one
        for one in pauses
        if (one.until is not None and one.until > TODAY)
        or (one.until is None and all(at <= one.made_at for at in facts))
    ]
    assert (found in holds) if holds else (found is None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"happened_on": TODAY - timedelta(days=93)}, "happened_on"),
        ({"words": "x" * 1001}, "words"),
        ({"again_on": TODAY}, "again_on"),
        ({"again_on": TODAY + timedelta(days=367)}, "again_on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_kept(
    db: Session, nadia: User, ada: User, change: dict[str, object], field: str
) -> None:
    wrong = Contact(**{**CALL.__dict__, **change})  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        log_contact(db, ada.id, nadia.id, wrong, now=NOW)
    assert (refused.value.field, refused.value.status) == (field, 422)
    db.rollback()
    assert db.scalar(select(func.count()).select_from(AttentionContact)) == 0


def test_only_the_team_notes_a_contact_or_a_pause_and_never_on_oneself(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    acts: list[Callable[[UUID, UUID], object]] = [
        lambda about, by: log_contact(db, about, by, CALL, now=NOW),
        lambda about, by: pause(db, about, by, None, "Pourquoi", now=NOW),
        lambda about, by: resume(db, about, by, now=NOW),
    ]
    for act in acts:
        for about, by in ((ada, ada), (nadia, nadia), (nadia, ada), (ada, make.user("researcher"))):
            with pytest.raises(NotYours):
                act(about.id, by.id)
            db.rollback()


@both
def test_several_who_put_somebody_off_at_once_leave_one_pause_that_lives(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    about, by = ada.id, nadia.id
    db.rollback()

    def act(session: Session, number: int) -> None:
        pause(session, about, by, TODAY + timedelta(days=5 + number), "Plus tard", now=NOW)

    assert at_once(app, act) == ["done"] * 6
    living = select(func.count()).where(AttentionPause.ended_at.is_(None))
    assert db.scalar(living.select_from(AttentionPause)) == 1
    assert db.scalar(select(func.count()).select_from(AttentionPause)) == 6


def test_contacts_and_pauses_of_a_year_are_gone(db: Session, nadia: User, ada: User) -> None:
    log_contact(db, ada.id, nadia.id, CALL, now=NOW)
    pause_self(db, ada.id, TODAY + timedelta(days=366), now=NOW)
    db.commit()
    assert forget_old_contacts(db, now=NOW + timedelta(days=365)) == 0
    assert forget_old_contacts(db, now=NOW + timedelta(days=366)) == 2


def test_more_people_ask_the_database_no_more_questions(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    path = make_path(db)

    def asked() -> int:
        db.expire_all()
        with counted_queries() as sent:
            list_spoken(db, house_of(app), nadia.id, NOW)
        return len(sent)

    def join(count: int) -> None:
        for _each in range(count):
            make_enrolment(db, make.user(), path, now=NOW - 9 * WEEK)

    join(2)
    few = asked()
    join(30)
    assert asked() == few
    assert few < 40
