"""Two accounts of one person become one: each thing that both have, and who may ask for it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.rules import award as award_badge
from courses.enrolments.models import Enrolment
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide
from tests.support import surveys
from tests.support.badges import (
    finish_path,
    house_here,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.people import last_mail, sign_in, with_password
from tests.support.sessions import NOW, make_session
from tests.support.surveys import make_study
from tests.support.weeks import make_application, make_week
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.base import Base
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Invariant, Joining
from tierslieu.mail.rendering import render_mail
from tierslieu.people import moving
from tierslieu.people.joining.rows import ACCOUNTS, list_columns, list_unique
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import ConsentKind, User
from tierslieu.people.queries import has_consent, list_own_addresses
from tierslieu.people.rules import give_consent, withdraw_consent
from tierslieu.surveys.models import Invitation, ResponseSheet
from tierslieu.surveys.rules import invite_due
from tierslieu.surveys.studies import AFTER_SESSION
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication


@pytest.fixture
def ada(make: Factory) -> User:
    """The account that is kept."""
    return with_password(make, name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def old(make: Factory) -> User:
    """Her earlier account."""
    return with_password(make, name="A. Lovelace", email="ada.byron@example.org")


def join(db: Session, gone: User, kept: User, **changes: bool) -> User:
    joined = join_accounts(db, house_here(), gone.id, kept.id, now=clock.now(), **changes)
    db.commit()
    return joined


def audit(db: Session) -> list[str]:
    """What no longer holds."""
    return [sentence for one in house_here().all(Invariant) for sentence in one.check(db).broken]


def test_no_table_where_a_person_stands_once_is_forgotten(db: Session) -> None:
    """Such a table says in its feature's offers what becomes of two rows; else joining fails the
    day somebody has both."""
    named = [
        table for offer in house_here().all(Joining) for table in (*offer.doubles, *offer.tables)
    ]
    assert len(named) == len(set(named))
    once = {
        column.table.name
        for column in list_columns(ACCOUNTS)
        if any(True for _names in list_unique(column.table, column))
    }
    assert once == set(named)
    assert once < set(Base.metadata.tables)


@pytest.mark.both_databases
def test_a_path_followed_twice_is_followed_once_with_the_steps_of_both(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    path, team = make_path(db), make.user("facilitator")
    first, second, _third = steps_of(db, path)
    earlier = make_enrolment(db, old, path, now=clock.now() - timedelta(days=60))
    later = make_enrolment(db, ada, path)
    for enrolment, step in ((earlier, first), (later, first), (earlier, second)):
        make_record(db, enrolment, step)
    done = db.scalars(select(StepRecord).where(StepRecord.step_id == first.id)).all()
    decide(db, done[0].id, RecordState.VALIDATED, word="Bien.", now=clock.now(), actor_id=team.id)
    db.commit()
    began = earlier.started_at
    db.rollback()
    join(db, old, ada)
    [left] = db.scalars(select(Enrolment))
    assert (left.user_id, left.started_at) == (ada.id, began)
    told = [
        (record.step.code, record.state, record.enrolment_id)
        for record in db.scalars(select(StepRecord).join(StepRecord.step))
    ]
    assert sorted(told, key=repr) == sorted(
        [
            (first.code, RecordState.VALIDATED, left.id),
            (first.code, RecordState.RETURNED, left.id),
            (second.code, RecordState.DECLARED, left.id),
        ],
        key=repr,
    )
    assert len(left.events) == 2  # both beginnings are in the history


@pytest.mark.both_databases
def test_of_two_seats_one_is_kept_and_the_other_goes_to_who_waits(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    session = make_session(db, starts=_soon(), onsite=2)
    waits = make.user()
    for person in (ada, old, waits):
        claim(db, session.id, person.id, SeatMode.ONSITE, now=clock.now())
    db.commit()
    join(db, old, ada)
    standing = {
        booking.user_id: booking.status
        for booking in db.scalars(select(Booking))
        if booking.status is not BookingStatus.CANCELLED
    }
    assert standing[ada.id] is BookingStatus.CONFIRMED
    assert standing[waits.id] in (BookingStatus.CONFIRMED, BookingStatus.OFFERED)
    assert set(standing) == {ada.id, waits.id}
    assert audit(db) == []


@pytest.mark.both_databases
def test_a_seat_is_kept_rather_than_a_place_in_line(db: Session, ada: User, old: User) -> None:
    session = make_session(db, starts=_soon(), onsite=1)
    for person in (old, ada):
        claim(db, session.id, person.id, SeatMode.ONSITE, now=clock.now())
    db.commit()
    join(db, old, ada)
    rows = {(one.user_id, one.status) for one in db.scalars(select(Booking))}
    assert rows == {(ada.id, BookingStatus.CONFIRMED), (ada.id, BookingStatus.CANCELLED)}
    assert audit(db) == []


@pytest.mark.both_databases
def test_who_was_there_was_there_whichever_account_was_ticked(
    db: Session, ada: User, old: User
) -> None:
    session = make_session(db, starts=NOW.replace(tzinfo=None) - timedelta(days=7))
    for person, presence in ((ada, Presence.ABSENT), (old, Presence.PRESENT)):
        present = presence is Presence.PRESENT
        db.add(
            Attendance(
                session_id=session.id,
                day=session.starts_local.date(),
                half="am",
                user_id=person.id,
                mode=SeatMode.ONSITE,
                presence=presence,
                arrived_at=session.starts_at if present else None,
            )
        )
    db.commit()
    join(db, old, ada)
    [line] = db.scalars(select(Attendance))
    assert (line.user_id, line.presence) == (ada.id, Presence.PRESENT)
    assert audit(db) == []


@pytest.mark.both_databases
def test_a_badge_received_twice_stays_true_twice(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    signer, team = open_badges(db), make.user("facilitator")
    badge, path = make_path_badge(db)
    for day, person in enumerate((old, ada)):
        finish_path(db, person, path, team)
        at = clock.now() + timedelta(minutes=day)
        award_badge(db, badge.id, person.id, signer, house=house_here(), now=at, actor_id=team.id)
        db.commit()
    join(db, old, ada)
    older, newer = db.scalars(select(Award).order_by(Award.awarded_at))
    assert {older.user_id, newer.user_id} == {ada.id}
    assert older.revoked_at is newer.revoked_at is None
    assert (older.renewed_at is not None, newer.renews_id) == (True, older.id)
    assert older.credential
    assert newer.credential
    assert audit(db) == []


@pytest.mark.both_databases
def test_nobody_counts_twice_in_a_study(db: Session, ada: User, old: User) -> None:
    make_study(db)
    once = surveys.happening(ada, at=clock.now() - timedelta(hours=1))
    for person in (ada, old):
        give_consent(db, person.id, ConsentKind.RESEARCH, now=clock.now())
        asked = surveys.happening(person, at=once.at)
        same = type(once)(asked.user_id, once.at, once.subject, once.label)
        [invitation] = invite_due(db, {AFTER_SESSION: [same]}, clock.now())
        db.commit()
        surveys.answer(db, invitation)
    join(db, old, ada)
    [left] = db.scalars(select(Invitation))
    assert left.user_id == ada.id
    assert len(db.scalars(select(ResponseSheet)).all()) == 1
    assert audit(db) == []


@pytest.mark.both_databases
def test_two_applications_for_a_week_are_the_persons_to_choose_from(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    week = make_week(db, make.user("facilitator"))
    theirs = make_application(db, week, old)
    make_application(db, week, ada)
    with pytest.raises(Refused) as refused:
        join(db, old, ada)
    assert (refused.value.code, week.title in refused.value.message) == ("blocked", True)
    db.rollback()
    assert old.active
    theirs.state = ApplicationState.WITHDRAWN
    db.commit()
    join(db, old, ada)
    [left] = db.scalars(select(WeekApplication))
    assert (left.user_id, left.state) == (ada.id, ApplicationState.SUBMITTED)
    assert len(left.events) == 2


@pytest.mark.parametrize("says_no_in", ["old", "ada"])
def test_the_last_word_about_research_stands_whichever_account_it_was_said_in(
    db: Session, ada: User, old: User, says_no_in: str
) -> None:
    said = clock.now() - timedelta(days=10)
    for person in (ada, old):
        give_consent(db, person.id, ConsentKind.RESEARCH, now=said)
    no = old if says_no_in == "old" else ada
    withdraw_consent(db, no.id, ConsentKind.RESEARCH, now=said + timedelta(days=1))
    db.commit()
    join(db, old, ada)
    assert not has_consent(db, ada.id, ConsentKind.RESEARCH)


def test_the_profile_is_filled_never_overwritten(db: Session, ada: User, old: User) -> None:
    for person, town, aims in ((ada, "Antibes", ""), (old, "Nice", "Enseigner NSI")):
        assert person.profile is not None
        person.profile.town, person.profile.aims = town, aims
    db.commit()
    joined = join(db, old, ada)
    assert joined.profile is not None
    assert (joined.profile.town, joined.profile.aims) == ("Antibes", "Enseigner NSI")


def _soon() -> object:
    return (clock.to_local(clock.now()) + timedelta(days=20)).replace(
        hour=14, minute=0, second=0, microsecond=0, tzinfo=None
    )


def ask(db: Session, client: LookingClient, email: str) -> str:
    """Ask for that address; gives the link that was mailed to it."""
    client.post("/compte/adresses", data={"email": email, "use": "badges"})
    mail = last_mail(db)
    assert (mail.recipient, mail.template) == (email, "people_address_taken")
    letter = render_mail(mail, settings_here())
    assert all("/compte/reunir?cle=" in part for part in (letter.text, letter.html))
    return str(mail.context["link"])


def secret_of(link: str) -> str:
    return re.search(r"cle=([\w-]+)$", link)[1]  # type: ignore[index]


@pytest.mark.both_databases
def test_from_the_mailed_link_two_accounts_become_one(
    db: Session, client: LookingClient, make: Factory, ada: User, old: User
) -> None:
    make_enrolment(db, old, make_path(db))
    client.sign_in(ada)
    link = ask(db, client, old.email)
    db.rollback()
    page = client.get(link).get_data(as_text=True)
    assert "Réunir mes deux comptes" in page
    assert "parcours" in page  # what the other account brings
    db.rollback()
    assert old.active  # nothing by looking
    # The ordinary link of an address leads here too: it cannot be added and left an account.
    spare = f"/compte/adresses/confirmer?cle={secret_of(link)}"
    assert client.get(spare).headers["Location"].startswith("/compte/reunir")
    answer = client.post("/compte/reunir", data={"cle": secret_of(link)})
    assert answer.status_code == 302
    db.expire_all()
    assert not old.active
    assert list_own_addresses(db, ada.id) == ["ada@example.org", "ada.byron@example.org"]
    assert db.scalars(select(Enrolment)).one().user_id == ada.id
    db.rollback()
    assert client.get(link).status_code == 410  # once
    elsewhere = client.application.test_client()
    assert "ne correspondent pas" in sign_in(elsewhere, "ada.byron@example.org").text


def test_only_the_account_that_asked_joins(
    db: Session, client: LookingClient, make: Factory, ada: User, old: User
) -> None:
    client.sign_in(ada)
    link = ask(db, client, old.email)
    assert client.get(link).status_code == 200
    for person in (old, make.user(), None):
        other: LookingClient = client.application.test_client()
        if person is not None:
            other.sign_in(person)
        opened = other.get(link)
        assert opened.status_code == (302 if person is None else 410)
        other.post("/compte/reunir", data={"cle": secret_of(link)})
        db.expire_all()
        assert old.active
        db.rollback()


def test_a_mailbox_does_not_open_an_account_of_the_team(
    db: Session, client: LookingClient, make: Factory, ada: User
) -> None:
    leads = make.user("facilitator", "learner", email="leads@example.org")
    client.sign_in(ada)
    link = ask(db, client, leads.email)
    page = client.get(link).get_data(as_text=True)
    assert "connectez-vous à celui-là" in page
    assert client.post("/compte/reunir", data={"cle": secret_of(link)}).status_code == 409
    db.expire_all()
    assert leads.active
    assert not ada.holds("facilitator")
    db.rollback()
    # The other way round it goes, and roles stay with whom they were given to.
    joined = join(db, ada, leads)
    assert joined.holds("facilitator")


def test_an_account_is_joined_once_and_never_with_itself(db: Session, ada: User, old: User) -> None:
    with pytest.raises(NotYours):
        join_accounts(db, house_here(), ada.id, ada.id, now=clock.now())
    db.rollback()
    join(db, old, ada)
    for gone, kept in ((old.id, ada.id), (ada.id, old.id), (UUID(int=1), ada.id)):
        with pytest.raises(NotYours):
            join_accounts(db, house_here(), gone, kept, now=clock.now())
        db.rollback()


def test_a_link_for_an_address_that_got_an_account_since_adds_nothing_by_itself(
    db: Session, make: Factory, ada: User
) -> None:
    moving.ask_address(db, ada.id, "free@example.org", takes_over=False, now=clock.now())
    db.commit()
    secret = secret_of(last_mail(db).context["link"])
    make.user(email="free@example.org")
    with pytest.raises(Refused) as refused:
        moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    assert refused.value.code == "already_known"
