"""A week that is called off: nothing stays held, everybody hears why, and it does not come back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, plain, seats_are_kept, text_of
from tests.support.weeks import (
    NIGHTS,
    accept,
    mails,
    make_application,
    make_week,
    move,
    nothing_is_oversold,
    plan_of,
    stay,
)
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession, SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.mail.rendering import make_email, render_mail
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import ApplicationState, StayNeeds
from tierslieu.weeks.applications.rules import Wanted, apply, decide
from tierslieu.weeks.calling_off import call_off_week
from tierslieu.weeks.jobs import JOBS
from tierslieu.weeks.models import RoomNight, Week, WeekMeal
from tierslieu.weeks.programme import add_half_day, add_session, remove_session
from tierslieu.weeks.publishing import publish_week, unpublish_week
from tierslieu.weeks.rules import save_week, set_steps
from tierslieu.weeks.stays.needs import Needs, save_needs

both = pytest.mark.both_databases
S = ApplicationState
WHY = "L’internat est inondé.\nNous proposerons une autre date."


def call_off(db: Session, week: Week, team: User, *, now: datetime = NOW) -> None:
    call_off_week(db, week.id, WHY, now=now, actor_id=team.id)
    db.commit()


def half_day(db: Session, week: Week, team: User, *, day: int = 0) -> LearningSession:
    """An afternoon planned for this week alone, so many days after its first."""
    starts = datetime.combine(week.first_day + timedelta(day), datetime.min.time())
    starts = starts.replace(hour=14)
    plan = Plan(
        title="Après-midi", starts_local=starts, ends_local=starts + timedelta(hours=3),
        room_id=make_room(db).id, onsite=4, facilitator_ids=(team.id,),
    )  # fmt: skip
    made = add_half_day(db, week.id, plan, now=NOW, actor_id=team.id)
    db.commit()
    return made


def tell_boarding(db: Session, now: datetime) -> int:
    (job,) = [one for one in JOBS if one.name == "boarding_sheets"]
    with clock.fixed_at(now):
        return job.run(db, now)


@both
def test_nothing_stays_held_and_each_who_applied_hears_why_in_one_mail(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    held = accept(db, make_application(db, week, make.user()), team)
    save_needs(db, week.id, held.user_id, Needs(access="Un lit bas."), consents=True, now=NOW)
    waiting = move(db, make_application(db, week, make.user()), S.WAITING, team)
    sent = make_application(db, week, make.user())
    declined = move(db, make_application(db, week, make.user()), S.DECLINED, team)
    call_off(db, week, team)
    db.expire_all()
    assert [one.state for one in (held, waiting, sent, declined)] == [
        S.WITHDRAWN, S.WITHDRAWN, S.WITHDRAWN, S.DECLINED,
    ]  # fmt: skip
    assert all(one.events[-1].word == WHY for one in (held, waiting, sent))
    for table in (RoomNight, WeekMeal):
        assert not any(db.scalars(select(table.taken)))
    assert not db.scalars(select(StayNeeds)).all()
    active = select(Booking).where(Booking.status != BookingStatus.CANCELLED)
    assert not db.scalars(active).all()
    nothing_is_oversold(db)
    for session in week.sessions:
        seats_are_kept(db, session)
    told = mails(db, "weeks_called_off")
    assert {one.recipient for one in told} == {one.user.email for one in (held, waiting, sent)}
    assert len(told) == 3
    assert not mails(db, "bookings_released")
    for mail in told:
        body = render_mail(mail, app.config["TIERSLIEU"])
        assert "L’internat est inondé." in body.text
        assert "L’internat est inondé." in body.html


def test_the_half_days_leave_the_calendar_of_who_was_accepted(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    held = accept(db, make_application(db, week, make.user()), team)
    (yes,) = mails(db, "weeks_accepted")
    call_off(db, week, team, now=NOW + timedelta(minutes=1))
    (no,) = mails(db, "weeks_called_off")
    assert no.recipient == held.user.email
    events = []
    for mail in (yes, no):
        (part,) = make_email(mail, app.config["TIERSLIEU"]).iter_attachments()
        events.append({str(e["uid"]): e for e in Calendar.from_ical(part.get_content()).events})
    before, after = events
    assert set(before) == set(after)
    assert {str(event["status"]) for event in after.values()} == {"CANCELLED"}
    for key, event in after.items():
        assert int(event["sequence"]) > int(before[key]["sequence"])


@both
def test_half_days_of_the_week_alone_go_with_it_and_those_of_others_stay(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, half_days=1)
    open_to_all = week.sessions[0]
    # On invitation, but of the agenda: somebody plans it with other people.
    chosen = make_session(
        db, title="Atelier du lycée", starts=open_to_all.starts_local.replace(hour=18), hours=1,
        onsite=4, admission=Admission.CODE, invitation_code="LYCEE",
    )  # fmt: skip
    add_session(db, week.id, chosen.id, now=NOW, actor_id=team.id)
    db.commit()
    alone, shared = (half_day(db, week, team, day=n) for n in range(2))
    guest = claim(
        db, shared.id, make.user().id, SeatMode.ONSITE, now=NOW, actor_id=team.id, is_told=False
    )
    db.commit()
    accept(db, make_application(db, week, make.user()), team)
    call_off(db, week, team)
    db.expire_all()
    assert alone.cancelled_at == NOW
    assert alone.cancel_reason == WHY
    assert open_to_all.cancelled_at is None
    assert shared.cancelled_at is None
    assert chosen.cancelled_at is None
    assert guest.status is BookingStatus.CONFIRMED
    assert week.sessions == [alone]
    # Those that stay are free for the week that takes its place.
    another = make_week(db, team, beds=(), half_days=1)
    for left in (open_to_all, shared, chosen):
        add_session(db, another.id, left.id, now=NOW, actor_id=team.id)


@both
def test_a_seat_booked_by_oneself_stays_and_the_mail_says_so(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week, person = make_week(db, team), make.user()
    own = claim(db, week.sessions[0].id, person.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    accept(db, make_application(db, week, person), team)
    call_off(db, week, team)
    assert own.status is BookingStatus.CONFIRMED
    (mail,) = mails(db, "weeks_called_off")
    body = render_mail(mail, app.config["TIERSLIEU"])
    for text in (plain(body.text), plain(body.html)):
        assert "vos places vous restent" in text
        assert "Matinée 1" in text
        assert "Matinée 2" not in text


def test_the_team_and_who_leads_a_half_day_hear_of_it_but_for_who_did_it(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    leads, acts = make.user("facilitator"), make.user("facilitator")
    week.team = [team, acts]
    half_day(db, week, leads)
    call_off(db, week, acts)
    told = mails(db, "weeks_team_called_off")
    assert {one.recipient for one in told} == {team.email, leads.email}
    body = render_mail(told[0], app.config["TIERSLIEU"])
    assert "L’internat est inondé." in body.text
    assert f"/semaines/{week.id}" in body.html


@both
def test_a_week_that_was_called_off_stays_so(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team)
    declined = move(db, make_application(db, week, make.user()), S.DECLINED, team)
    newcomer, own = make.user(), half_day(db, week, team)
    other = make_session(db, starts=datetime(2027, 3, 2, 18))  # noqa: DTZ001 - wall time
    call_off(db, week, team)
    tries = [
        lambda: call_off_week(db, week.id, WHY, now=NOW, actor_id=team.id),
        lambda: decide(db, declined.id, S.ACCEPTED, word="", now=NOW, actor_id=team.id),
        lambda: apply(db, week.id, newcomer.id, Wanted("Moi aussi.", None, stay()), now=NOW),
        lambda: save_week(db, week.id, plan_of(week.house), now=NOW, actor_id=team.id),
        lambda: half_day(db, week, team),
        lambda: add_session(db, week.id, other.id, now=NOW, actor_id=team.id),
        lambda: remove_session(db, week.id, own.id, now=NOW, actor_id=team.id),
        lambda: set_steps(db, week.id, {}),
        lambda: publish_week(db, week.id, now=NOW),
        lambda: unpublish_week(db, week.id),
    ]
    for attempt in tries:
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "cancelled"
        db.rollback()


@pytest.mark.parametrize(("days", "code"), [(0, "draft"), (103, "begun"), (110, "begun")])
def test_a_draft_and_a_week_that_has_begun_are_not_called_off(
    db: Session, team: User, days: int, code: str
) -> None:
    week = make_week(db, team)
    if code == "draft":
        week.published_at = None
        db.commit()
    with pytest.raises(Refused) as refused:
        call_off(db, week, team, now=NOW + timedelta(days=days))
    assert refused.value.code == code


@both
@pytest.mark.usefixtures("drawn_outside")
def test_the_boarding_school_hears_only_if_it_had_its_list(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    told, untold = (make_week(db, team, beds=(2,)) for _n in range(2))
    for week in (told, untold):
        accept(db, make_application(db, week, make.user(), stay([NIGHTS[0]])), team)
    call_off(db, untold, team)
    assert tell_boarding(db, told.cutoff_at) == 1
    call_off(db, told, team, now=told.cutoff_at)
    assert tell_boarding(db, told.cutoff_at + timedelta(hours=1)) == 1
    assert tell_boarding(db, told.cutoff_at + timedelta(hours=2)) == 0
    _first, last = mails(db, "weeks_boarding")
    body = plain(render_mail(last, app.config["TIERSLIEU"]).text)
    assert "La semaine est annulée : voici ce qui n’est plus à préparer." in body
    assert "nuit du lundi 1er au mardi 2 mars : 0 au lieu de 1" in body
    assert plain(render_mail(last, app.config["TIERSLIEU"]).subject).startswith("Semaine annulée")


@both
def test_the_page_says_what_follows_and_asks_why(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week, person = make_week(db, team), make.user()
    accept(db, make_application(db, week, person), team)
    address = f"/semaines/{week.id}/annuler"
    client.sign_in(team)
    assert address in text_of(client.get(f"/semaines/{week.id}"))
    page = text_of(client.get(address))
    assert "1 personne qui a candidaté reçoit un mail" in page
    assert "À l’agenda, mais plus de cette semaine" in page
    assert "Matinée 1" in page
    assert "Aucun mail ne part à l’internat" in page
    assert client.post(address, data={"reason": " "}).status_code == 422
    db.expire_all()
    assert week.cancelled_at is None
    page = text_of(client.post(address, data={"reason": WHY}, follow_redirects=True))
    assert "L’internat est inondé." in page
    assert address not in page
    assert client.get(address).status_code == 302
    assert "Préparer une demi-journée" not in text_of(client.get(f"/semaines/{week.id}/programme"))
    client.sign_in(person)
    for where in (f"/semaines/{week.id}", f"/semaines/{week.id}/candidature"):
        page = text_of(client.get(where))
        assert "Cette semaine n’aura pas lieu" in page
        assert "L’internat est inondé." in page
    assert f"/semaines/{week.id}/accueil" not in text_of(client.get("/"))
    client.sign_in(make.user())
    assert "Annulée" in text_of(client.get("/semaines"))
    assert f"/semaines/{week.id}" not in text_of(client.get("/"))
