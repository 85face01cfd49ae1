"""Who may book, and when: opening and closing, those who follow the path, those invited."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, bundle_of, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession, SeatMode
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.rules import claim, release
from tierslieu.errors import Refused
from tierslieu.people.models import User

both = pytest.mark.both_databases
ONSITE = SeatMode.ONSITE
HOUR = timedelta(hours=1)


def refusal(
    db: Session, session: LearningSession, user: User, now: datetime = NOW, code: str = ""
) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        claim(db, session.id, user.id, ONSITE, now=now, code=code)
    db.rollback()
    return refused.value.code, refused.value.field


@both
def test_one_books_from_the_opening_to_the_closing_and_the_team_books_always(
    db: Session, make: Factory
) -> None:
    session = make_session(db, bookable_from=NOW + HOUR, bookable_until=NOW + 3 * HOUR)
    user, team = make.user(), make.user("facilitator")
    assert refusal(db, session, user, NOW) == ("closed", None)
    assert refusal(db, session, user, NOW + 3 * HOUR) == ("closed", None)
    assert claim(db, session.id, user.id, ONSITE, now=NOW + HOUR).status is BookingStatus.CONFIRMED
    other = make.user()
    made = claim(db, session.id, other.id, ONSITE, now=NOW, actor_id=team.id)
    db.commit()
    assert made.status is BookingStatus.CONFIRMED
    assert release(db, made.id, now=NOW + 4 * HOUR, actor_id=other.id) is None
    db.commit()
    assert made.status is BookingStatus.CANCELLED, "what is closed can still be given back"


@both
def test_a_session_of_a_path_may_be_for_those_who_follow_it(db: Session, make: Factory) -> None:
    path = make_path(db, "suivi")
    step = steps_of(db, path)[0]
    session = make_session(db, step=step, admission=Admission.ENROLLED)
    user = make.user()
    assert refusal(db, session, user) == ("not_eligible", None)
    enrol(db, user.id, path.id, now=NOW)
    db.commit()
    assert claim(db, session.id, user.id, ONSITE, now=NOW).status is BookingStatus.CONFIRMED


@both
@pytest.mark.parametrize("typed", ["Ada-Lovelace 1843", "ada lovelace 1843", "ADALOVELACE1843"])
def test_the_code_of_an_invitation_opens_however_it_is_typed(
    db: Session, make: Factory, typed: str
) -> None:
    session = make_session(db, admission=Admission.CODE, invitation_code="Ada-Lovelace 1843")
    user = make.user()
    for wrong in ("", "ada", "ada-lovelace-1844", "---"):
        assert refusal(db, session, user, code=wrong) == ("not_eligible", "code")
    made = claim(db, session.id, user.id, ONSITE, now=NOW, code=typed)
    assert made.status is BookingStatus.CONFIRMED


# Pages


def test_the_page_says_when_bookings_open_and_offers_no_button_before(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, bookable_from=NOW + 50 * HOUR, bookable_until=NOW + 60 * HOUR)
    with clock.fixed_at(NOW):
        page = text_of(client.sign_in(make.user()).get(f"/agenda/{session.id}"))
        assert "Les réservations ouvrent le samedi 21 novembre à 11 h." in page
        assert "Réserver ma place" not in page
        assert "Réservations fermées" in text_of(client.get("/agenda"))
    with clock.fixed_at(NOW + 61 * HOUR):
        page = text_of(client.get(f"/agenda/{session.id}"))
        assert "Les réservations sont closes depuis le samedi 21 novembre à 21 h." in page
        answer = client.post(f"/agenda/{session.id}/reserver", data={"mode": "onsite"})
        assert answer.status_code == 422


def test_the_page_of_a_session_by_invitation_asks_for_the_code_and_shows_it_to_the_team_alone(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, admission=Admission.CODE, invitation_code="Ada 1843")
    address = f"/agenda/{session.id}"
    with clock.fixed_at(NOW):
        assert "Sur invitation" in text_of(client.get("/agenda"))
        page = text_of(client.sign_in(make.user()).get(address))
        assert "Code d’invitation" in page
        assert "Ada 1843" not in page
        wrong = client.post(f"{address}/reserver", data={"mode": "onsite", "code": "Bob"})
        assert wrong.status_code == 422
        assert "Ce code n’est pas celui de cette séance" in text_of(wrong)
        done = client.post(
            f"{address}/reserver", data={"mode": "onsite", "code": "ada1843"}, follow_redirects=True
        )
        assert "Votre place est confirmée." in text_of(done)
        assert "Ada 1843" in text_of(client.sign_in(make.user("facilitator")).get(address))


def test_the_page_of_a_session_of_a_path_leads_to_it(
    db: Session, make: Factory, client: LookingClient
) -> None:
    path = make_path(db, "suivi")
    session = make_session(db, step=steps_of(db, path)[0], admission=Admission.ENROLLED)
    user = make.user()
    with clock.fixed_at(NOW):
        page = client.sign_in(user).get(f"/agenda/{session.id}")
        assert "réservée aux personnes qui suivent" in text_of(page)
        assert f'href="/parcours/{path.slug}"' in page.text
        assert "Réserver ma place" not in text_of(page)
        enrol(db, user.id, path.id, now=NOW)
        db.commit()
        assert "Réserver ma place" in text_of(client.get(f"/agenda/{session.id}"))


def test_guessing_a_code_is_slowed_wherever_it_is_tried_and_never_for_others(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with clock.fixed_at(NOW):
        session = make_session(db, admission=Admission.CODE, invitation_code="Ada 1843")
        address, user = f"/agenda/{session.id}", make.user()
        client.sign_in(user)
        for n in range(5):
            wrong = {"mode": "onsite", "code": f"Ada {n}"}
            assert client.post(f"{address}/reserver", data=wrong).status_code == 422
            wrong["emails"] = "bo@ecole.example"
            assert client.post(f"{address}/collegues", data=wrong).status_code == 422
        right = {"mode": "onsite", "code": "ada 1843"}
        late = client.post(f"{address}/reserver", data=right)
        assert "Trop de codes essayés" in text_of(late)
        client.sign_in(make.user())
        assert client.post(f"{address}/reserver", data=right).status_code == 302
    with clock.fixed_at(NOW + timedelta(minutes=61)):
        client.sign_in(user)
        assert client.post(f"{address}/reserver", data=right).status_code == 302


@pytest.mark.parametrize("is_bundle", [True, False])
def test_guessing_at_another_date_of_the_series_is_the_same_guessing(
    db: Session, make: Factory, client: LookingClient, is_bundle: bool
) -> None:
    with clock.fixed_at(NOW):
        dates = bundle_of(db, [3, 3, 3], is_bundle=is_bundle)
        for session in dates:
            session.admission, session.invitation_code = Admission.CODE, "Ada 1843"
        db.commit()
        client.sign_in(make.user())
        for n in range(10):
            wrong = {"mode": "onsite", "code": f"Ada {n}"}
            client.post(f"/agenda/{dates[1 + n % 2].id}/reserver", data=wrong)
        for session in dates:
            right = {"mode": "onsite", "code": "ada 1843"}
            late = client.post(f"/agenda/{session.id}/reserver", data=right)
            assert "Trop de codes essayés" in text_of(late)
