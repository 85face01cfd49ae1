"""A draft that will not be is abandoned by who coordinates, and takes nothing of others with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, text_of
from tests.support.weeks import make_application, make_week
from tests.tierslieu.weeks.test_calling_off import half_day
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.models import LogEntry
from tierslieu.people.models import User
from tierslieu.weeks.calling_off import abandon_draft
from tierslieu.weeks.models import Week, WeekMeal, week_sessions
from tierslieu.weeks.programme import add_session
from tierslieu.weeks.publishing import unpublish_week

both = pytest.mark.both_databases


def draft(db: Session, team: User) -> Week:
    week = make_week(db, team)
    unpublish_week(db, week.id)
    db.commit()
    return week


@both
def test_a_draft_is_erased_its_own_half_days_called_off_and_those_of_others_stay(
    db: Session, make: Factory, team: User
) -> None:
    week = draft(db, team)
    week_id, of_agenda = week.id, list(week.sessions)
    alone, shared = (half_day(db, week, team, day=n) for n in range(2))
    guest = claim(
        db, shared.id, make.user().id, SeatMode.ONSITE, now=NOW, actor_id=team.id, is_told=False
    )
    db.commit()
    abandon_draft(db, week_id, now=NOW)
    db.commit()
    db.expire_all()
    assert db.get(Week, week_id) is None
    assert not db.scalars(select(WeekMeal)).all()
    assert not db.execute(select(week_sessions)).all()
    assert alone.cancelled_at == NOW
    assert "n’aura pas lieu" in alone.cancel_reason
    assert shared.cancelled_at is None
    assert guest.status is BookingStatus.CONFIRMED
    assert not any(one.cancelled_at for one in of_agenda)
    noted = select(LogEntry).where(LogEntry.act == Act.SESSION_CANCELLED.value)
    (entry,) = db.scalars(noted).all()
    assert str(alone.id) in entry.about
    another = make_week(db, team, beds=(), half_days=1)
    add_session(db, another.id, of_agenda[0].id, now=NOW, actor_id=team.id)


@both
def test_a_draft_whose_days_are_over_is_abandoned_too_and_what_took_place_stands(
    db: Session, team: User
) -> None:
    week = draft(db, team)
    week_id, own = week.id, half_day(db, week, team)
    abandon_draft(db, week_id, now=NOW + timedelta(days=200))
    db.commit()
    db.expire_all()
    assert db.get(Week, week_id) is None
    assert db.get_one(LearningSession, own.id).cancelled_at is None


@both
def test_a_week_that_people_see_or_applied_to_is_not_abandoned(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    make_application(db, week, make.user())
    with pytest.raises(Refused) as refused:
        abandon_draft(db, week.id, now=NOW)
    assert refused.value.code == "published"
    db.rollback()
    week.published_at = None
    db.commit()
    with pytest.raises(Refused) as refused:
        abandon_draft(db, week.id, now=NOW)
    assert refused.value.code == "has_applications"


def test_the_page_of_a_draft_asks_what_will_be_lost_then_goes_back_to_the_weeks(
    db: Session, team: User, client: LookingClient
) -> None:
    week = draft(db, team)
    address = f"/semaines/{week.id}"
    client.sign_in(team)
    page = text_of(client.get(address))
    assert f"{address}/abandonner" in page
    assert "La semaine sera effacée, sans retour." in page
    assert "seront annulées" not in page
    half_day(db, week, team)
    assert "seront annulées" in text_of(client.get(address))
    page = text_of(client.post(f"{address}/abandonner", follow_redirects=True))
    assert "Le brouillon « Semaine Python » est abandonné." in page
    assert address not in page
    assert client.get(address).status_code == 404
    shown = make_week(db, team)
    assert "/abandonner" not in text_of(client.get(f"/semaines/{shown.id}"))
    page = text_of(client.post(f"/semaines/{shown.id}/abandonner", follow_redirects=True))
    assert "annulez-la, en disant pourquoi" in page
