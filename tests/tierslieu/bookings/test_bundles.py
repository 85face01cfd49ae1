"""Series followed as a whole: every date or none, one line, one mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.bundles import book, it_holds, seats, statuses
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox
from tests.support.sessions import NOW, bundle_of, plain
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.series.rules import Scope, plan_of
from tierslieu.bookings.bundles.figures import check_whole
from tierslieu.bookings.bundles.rules import close_line, leave_out
from tierslieu.bookings.changes import call_off_session
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import rank_of
from tierslieu.bookings.rules import accept, claim, pass_on, release
from tierslieu.bookings.series.rules import (
    call_off_series,
    change_series,
)
from tierslieu.errors import Refused
from tierslieu.mail.rendering import make_email, render_mail

pytestmark = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE
CONFIRMED, WAITING, CANCELLED = (
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.CANCELLED,
)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    """Three Thursdays: two seats, one, two."""
    return bundle_of(db, [2, 1, 2])


def test_whichever_date_one_asks_for_one_has_them_all_with_one_mail(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user = make.user()
    booking = book(db, dates[1], user)
    assert booking.session_id == dates[1].id
    assert statuses(db, user) == [CONFIRMED] * 3
    (mail,) = outbox(db)
    words = render_mail(mail, app.config["TIERSLIEU"])
    assert plain(words.subject) == "Vos places : Initiation à Python"
    for body in (words.text, words.html):
        assert "toutes les dates de la série" in plain(body)
        assert plain(body).count("14 h – 17 h") == 3
    (part,) = [p for p in make_email(mail, app.config["TIERSLIEU"]).walk() if p.get_filename()]
    assert len(Calendar.from_ical(part.get_payload(decode=True)).events) == 3
    it_holds(db)


def test_where_one_date_is_full_one_has_none_and_waits_for_all(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    book(db, dates[0], make.user())
    second, third = make.user(), make.user()
    assert book(db, dates[0], second).status is WAITING
    waits = book(db, dates[2], third)
    assert statuses(db, second) == [WAITING] * 3
    assert rank_of(db, waits) == 2
    assert seats(db, dates) == [1, 1, 1]
    text = render_mail(last_mail(db), app.config["TIERSLIEU"]).text
    assert "2e place de la liste d’attente de la série" in plain(text)
    it_holds(db)


def test_a_seat_given_back_gives_the_first_in_line_every_date_at_once(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    first, second, third = (make.user() for _n in range(3))
    booking = book(db, dates[0], first)
    book(db, dates[0], second)
    book(db, dates[0], third)
    to = release(db, booking.id, now=NOW, actor_id=first.id)
    db.commit()
    assert to is not None
    assert to.user_id == second.id
    assert statuses(db, first) == []
    assert statuses(db, second) == [CONFIRMED] * 3
    assert statuses(db, third) == [WAITING] * 3
    assert [m.context["turn"] for m in outbox(db)[-2:]] == ["released", "promoted"]
    it_holds(db)


def test_a_seat_more_on_the_date_that_blocked_goes_to_who_waits(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    book(db, dates[0], make.user())
    waits = make.user()
    book(db, dates[0], waits)
    dates[1].room.places = 5  # type: ignore[union-attr]
    db.commit()
    plan = replace(plan_of(dates[1]), onsite=2)
    change_series(db, dates[1].id, plan, Scope.ONE, now=NOW)
    db.commit()
    assert statuses(db, waits) == [CONFIRMED] * 3
    it_holds(db)


def test_the_date_that_blocked_called_off_unblocks_the_others(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    book(db, dates[0], make.user())
    waits = make.user()
    book(db, dates[0], waits)
    call_off_session(db, dates[1].id, "Salle inondée.", now=NOW)
    db.commit()
    assert seats(db, [dates[0], dates[2]]) == [2, 2]
    assert last_mail(db).context["turn"] == "promoted"
    it_holds(db)


def test_the_whole_called_off_promotes_nobody_and_writes_once_to_each(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    people = [make.user() for _n in range(3)]
    for user in people:
        book(db, dates[0], user)
    before = len(outbox(db))
    call_off_series(db, dates[0].id, "La salle est inondée.", Scope.ALL, now=NOW)
    db.commit()
    sent = outbox(db)[before:]
    assert sorted(m.recipient for m in sent) == sorted(user.email for user in people)
    text = plain(render_mail(sent[0], app.config["TIERSLIEU"]).text)
    assert text.count("14 h – 17 h") == 3
    assert "La salle est inondée." in text
    it_holds(db)


def test_once_it_has_begun_nobody_comes_in_but_by_the_team_and_the_line_is_closed(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    holder, waits, late = (make.user() for _n in range(3))
    booking = book(db, dates[0], holder)
    book(db, dates[0], waits)
    later = NOW + timedelta(days=8)
    with clock.fixed_at(later):
        assert close_line(db, dates[1].id, now=later) == 1
        db.commit()
        assert statuses(db, waits) == [WAITING]  # the first date, as it was: unmet demand
        assert last_mail(db).context["turn"] == "begun"
        second = db.scalars(
            select(Booking).where(Booking.user_id == holder.id, Booking.session_id == dates[1].id)
        ).one()
        release(db, second.id, now=later, actor_id=holder.id)
        db.commit()
        assert seats(db, dates) == [1, 0, 0]  # what was, stays
        with pytest.raises(Refused) as refused:
            claim(db, dates[2].id, late.id, ONSITE, now=later)
        assert refused.value.code == "closed"
        claim(db, dates[2].id, late.id, ONSITE, now=later, actor_id=make.user("facilitator").id)
        db.commit()
        assert statuses(db, late) == [CONFIRMED] * 2
        it_holds(db)
    assert booking.status is CONFIRMED


def test_the_team_notes_one_date_missed_and_takes_it_back(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user, facilitator = make.user(), make.user("facilitator")
    booking = book(db, dates[1], user)
    leave_out(db, booking.id, "conseil de classe", now=NOW, actor_id=facilitator.id)
    db.commit()
    assert statuses(db, user) == [CONFIRMED] * 2
    assert seats(db, dates) == [1, 0, 1]
    assert last_mail(db).context["why"] == "conseil de classe"
    it_holds(db)
    with pytest.raises(Refused) as refused:
        claim(db, dates[1].id, user.id, ONSITE, now=NOW)
    assert refused.value.code == "already_booked"
    back = book(db, dates[1], user, actor_id=facilitator.id)
    assert back.status is CONFIRMED
    assert statuses(db, user) == [CONFIRMED] * 3
    it_holds(db)


def test_a_date_missed_frees_its_seat_for_a_bundle_that_waited_for_it_alone(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user, waits, facilitator = make.user(), make.user(), make.user("facilitator")
    booking = book(db, dates[1], user)
    book(db, dates[0], waits)
    leave_out(db, booking.id, "voyage de classe", now=NOW, actor_id=facilitator.id)
    db.commit()
    assert statuses(db, waits) == [CONFIRMED] * 3
    with pytest.raises(Refused) as refused:
        claim(db, dates[1].id, user.id, ONSITE, now=NOW, actor_id=facilitator.id)
    assert refused.value.code == "full"
    it_holds(db)


def test_who_waits_or_has_not_said_yes_to_an_offer_has_no_date_to_miss(
    db: Session, make: Factory
) -> None:
    dates = bundle_of(db, [1, 1], first=datetime(2026, 11, 19, 20, 0))  # noqa: DTZ001 - wall time
    holder, waits, facilitator = make.user(), make.user(), make.user("facilitator")
    booking, waiting = book(db, dates[0], holder), book(db, dates[1], waits)

    def refusal() -> str:
        with pytest.raises(Refused) as refused:
            leave_out(db, waiting.id, "conseil de classe", now=NOW, actor_id=facilitator.id)
        db.rollback()
        return refused.value.code

    assert refusal() == "no_seat"
    assert statuses(db, waits) == [WAITING] * 2
    release(db, booking.id, now=NOW, actor_id=holder.id)  # the day itself: it is offered
    db.commit()
    assert refusal() == "no_seat"
    assert statuses(db, waits) == [BookingStatus.OFFERED] * 2
    release(db, waiting.id, now=NOW, actor_id=waits.id)
    db.commit()
    assert refusal() == "already_released"
    it_holds(db)


def test_a_part_held_without_a_reason_is_found_by_the_audit(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    booking = book(db, dates[1], make.user())
    booking.status, booking.cancelled_at = CANCELLED, NOW
    db.commit()
    assert len(check_whole(db).broken) == 1


def test_near_the_first_date_the_whole_is_offered_confirmed_by_one_tap_or_passed_on(
    app: Flask, db: Session, make: Factory
) -> None:
    dates = bundle_of(db, [1, 2], first=datetime(2026, 11, 19, 20, 0))  # noqa: DTZ001 - wall time
    holder, second, third = (make.user() for _n in range(3))
    booking = book(db, dates[0], holder)
    book(db, dates[0], second)
    book(db, dates[0], third)
    offered = release(db, booking.id, now=NOW, actor_id=holder.id)
    db.commit()
    assert offered is not None
    assert statuses(db, second) == [BookingStatus.OFFERED] * 2
    words = render_mail(last_mail(db), app.config["TIERSLIEU"])
    assert "/reservations/geste/" in words.text
    over = offered.offered_until
    assert over is not None
    assert pass_on(db, offered.id, now=over)
    db.commit()
    assert statuses(db, second) == []
    assert statuses(db, third) == [BookingStatus.OFFERED] * 2
    last = db.scalars(select(Booking).where(Booking.user_id == third.id)).first()
    assert last is not None
    accept(db, last.id, now=over)
    db.commit()
    assert statuses(db, third) == [CONFIRMED] * 2
    it_holds(db)


@pytest.mark.parametrize("moved", [0, 1])
def test_an_offer_that_a_moved_date_shortens_is_over_at_every_date(
    app: Flask, db: Session, make: Factory, moved: int
) -> None:
    dates = bundle_of(db, [1, 1, 1], first=datetime(2026, 11, 19, 20, 0))  # noqa: DTZ001 - wall time
    holder, second = make.user(), make.user()
    booking = book(db, dates[0], holder)
    book(db, dates[0], second)
    release(db, booking.id, now=NOW, actor_id=holder.id)  # offered until noon
    db.commit()
    at_eleven = datetime(2026, 11, 19, 11, 0)  # noqa: DTZ001 - wall time
    plan = replace(
        plan_of(dates[moved]), starts_local=at_eleven, ends_local=at_eleven + timedelta(hours=1)
    )
    change_series(db, dates[moved].id, plan, Scope.ONE, now=NOW + timedelta(minutes=5))
    db.commit()
    own = db.scalars(select(Booking).where(Booking.user_id == second.id)).all()
    eleven = NOW + timedelta(hours=2)
    assert [one.offered_until for one in own] == [eleven] * 3
    told = [mail for mail in outbox(db) if mail.recipient == second.email]
    words = [plain(render_mail(mail, app.config["TIERSLIEU"]).text) for mail in told]
    assert ["jusqu’à 11 h, jeudi 19 novembre" in text for text in words] == [False, False, True]
    (last,) = [one for one in own if one.session_id == dates[2].id]
    with pytest.raises(Refused) as refused:
        accept(db, last.id, now=eleven)
    assert refused.value.code == "offer_over"
