"""What leaves with data or keys, and what changes who may do what, asks for a recent sign-in."""

from __future__ import annotations

import hashlib
import time

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.badges import house_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tests.support.surveys import make_own_study
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.backup.models import BackupRun
from tierslieu.bookings.queries import find_by_tap
from tierslieu.bookings.rules import claim
from tierslieu.people.devices.queries import list_open
from tierslieu.people.joining.rules import list_blocks
from tierslieu.people.models import OtherAddress, User
from tierslieu.people.suspending import suspend_account
from tierslieu.tokens.models import AccessToken

ASKS = {
    "admin.change",
    "admin.invite",
    "admin.join",
    "admin.journal_csv",
    "admin.reopen",
    "admin.rotate_key",
    "admin.see_as",
    "admin.suspend",
    "admin.withdraw_key",
    "backup.make",
    "evaluation.answer_request",
    "evaluation.ask",
    "evaluation.download",
    "people.add_passkey_here",
    "people.addresses",
    "people.my_data",
    "people.remove_passkey_here",
    "surveys.add_researcher",
    "tokens.make",
}


def grow_old(client: LookingClient, minutes: int) -> None:
    """As if one had signed in so long ago."""
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - minutes * 60


def test_every_page_that_asks_again_is_named_here(app: Flask) -> None:
    found = {name for name, view in app.view_functions.items() if hasattr(view, "asks_again")}
    assert found == ASKS


@pytest.mark.both_databases
def test_an_open_screen_left_behind_gives_no_role_and_no_key(
    db: Session, client: LookingClient, make: Factory
) -> None:
    chief, person = make.user("administrator"), make.user()
    client.sign_in(chief)
    grow_old(client, 16)
    people = "http://localhost/administration/personnes"
    answer = client.post(
        f"/administration/personnes/{person.id}/roles",
        data={"give": "administrator"},
        headers={"Referer": people},
    )
    assert answer.status_code == 302
    assert answer.location == "/login?next=/administration/personnes"
    assert "Connectez-vous de nouveau" in client.get(answer.location).text
    assert not db.get_one(User, person.id, populate_existing=True).holds("administrator")
    client.sign_in(chief)
    grow_old(client, 16)
    client.post("/compte/cles", data={"name": "x", "scopes": "sessions:read", "days": "30"})
    assert db.scalar(select(func.count()).select_from(AccessToken)) == 0


def test_an_open_screen_left_behind_lets_nobody_into_a_study_nor_the_logbook_out(
    db: Session, client: LookingClient, make: Factory
) -> None:
    first, second = make.user("researcher"), make.user("researcher")
    study = make_own_study(db, first, now=clock.now())
    db.commit()
    client.sign_in(first)
    page = f"/etudes/{study.id}/equipe"
    grow_old(client, 16)
    assert client.post(page, data={"email": second.email}).location.startswith("/login")
    client.sign_in(first)
    grow_old(client, 14)
    assert not client.post(page, data={"email": second.email}).location.startswith("/login")
    client.sign_in(make.user("administrator"))
    grow_old(client, 16)
    listed = "http://localhost/administration/journal"
    answer = client.get("/administration/journal.csv", headers={"Referer": listed})
    assert answer.location == "/login?next=/administration/journal"


@pytest.mark.both_databases
def test_an_open_screen_left_behind_closes_no_account_opens_none_and_copies_nothing(
    db: Session, client: LookingClient, make: Factory
) -> None:
    chief, person = make.user("administrator"), make.user()
    page = f"/administration/personnes/{person.id}"
    back = {"Referer": f"http://localhost{page}"}
    client.sign_in(chief)
    grow_old(client, 16)
    answer = client.post(f"{page}/suspendre", data={"reason": "Départ"}, headers=back)
    assert answer.location == f"/login?next={page}"
    assert db.get_one(User, person.id, populate_existing=True).active
    client.sign_in(chief)
    assert client.post(f"{page}/suspendre", data={"reason": "Départ"}).location == page
    assert not db.get_one(User, person.id, populate_existing=True).active
    grow_old(client, 16)
    assert client.post(f"{page}/rouvrir").location.startswith("/login")
    assert not db.get_one(User, person.id, populate_existing=True).active
    client.sign_in(chief)
    grow_old(client, 16)
    saved = "/administration/sauvegardes"
    answer = client.post(saved, headers={"Referer": f"http://localhost{saved}"})
    assert answer.location == f"/login?next={saved}"
    assert db.scalar(select(func.count()).select_from(BackupRun)) == 0


def test_a_reason_written_at_length_is_not_lost_to_the_sign_in_it_asks_for(
    db: Session, client: LookingClient, make: Factory
) -> None:
    person = make.user()
    client.sign_in(make.user("administrator"))
    grow_old(client, 16)
    reason = "Messages blessants à trois reprises, après deux avertissements écrits."
    page = f"/administration/personnes/{person.id}"
    headers = {"Origin": "http://localhost", "Referer": f"http://localhost{page}"}
    answer = client.post(f"{page}/suspendre", data={"reason": reason}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    assert reason in answer.text
    assert f"/login?next={page}" in answer.text
    assert client.get("/compte").status_code == 302, "and one is signed out"
    assert db.get_one(User, person.id, populate_existing=True).active


def test_one_s_data_leave_for_whoever_signed_in_a_moment_ago(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    grow_old(client, 14)
    assert client.get("/compte/donnees.json").status_code == 200
    grow_old(client, 16)
    answer = client.get("/compte/donnees.json", headers={"Referer": "http://localhost/compte"})
    assert answer.location == "/login?next=/compte"
    assert client.get("/compte").status_code == 302, "and the session is over"


def test_another_address_is_asked_for_by_who_signed_in_a_moment_ago_and_proves_nobody(
    db: Session, client: LookingClient, make: Factory
) -> None:
    chief, person = make.user("administrator"), make.user()
    client.sign_in(chief)
    grow_old(client, 16)
    asked = {"email": "ailleurs@example.org", "use": "account"}
    assert client.post("/compte/adresses", data=asked).location.startswith("/login")
    assert db.scalar(select(OtherAddress)) is None
    client.sign_in(chief)
    assert client.post("/compte/adresses", data=asked).location == "/compte/adresses"
    row = db.scalars(select(OtherAddress)).one()
    row.secret_hash = hashlib.sha256(b"s" * 43).hexdigest()
    db.commit()
    grow_old(client, 16)
    client.post("/compte/adresses/confirmer", data={"cle": "s" * 43})
    assert db.get_one(User, chief.id, populate_existing=True).email == "ailleurs@example.org"
    where = f"/administration/personnes/{person.id}/roles"
    assert client.post(where, data={"give": "facilitator"}).location.startswith("/login")
    assert not db.get_one(User, person.id, populate_existing=True).holds("facilitator")


@pytest.mark.parametrize(
    "path", ["/compte/codes-de-secours?show_codes=1", "/compte/double-verification"]
)
def test_the_second_factor_is_set_or_read_after_a_recent_sign_in_alone(
    client: LookingClient, make: Factory, path: str
) -> None:
    client.sign_in(make.user("administrator"))
    grow_old(client, 16)
    assert client.get(path).location.startswith("/login")


def test_a_first_password_is_chosen_after_a_recent_sign_in_alone(
    db: Session, client: LookingClient, make: Factory
) -> None:
    person = make.user()
    person.password = None
    db.commit()
    client.sign_in(person)
    grow_old(client, 16)
    answer = client.post("/compte/mot-de-passe", data={"new_password": "une phrase bien longue 42"})
    assert answer.location.startswith("/login")
    assert db.get_one(User, person.id, populate_existing=True).password is None


def test_a_mailbox_joins_no_account_that_has_a_second_factor(db: Session, make: Factory) -> None:
    kept, gone = make.user(), make.user()
    assert list_blocks(db, house_here(), gone, kept) == []
    gone.tf_primary_method, gone.tf_totp_secret = "authenticator", "scellé"
    db.commit()
    assert "un code en plus" in list_blocks(db, house_here(), gone, kept)[0]
    assert list_blocks(db, house_here(), gone, kept, by_team=True) == []


def test_a_suspended_account_has_no_open_session_and_answers_no_mail(
    db: Session, client: LookingClient, make: Factory
) -> None:
    person, chief = make.user(), make.user("administrator")
    session = make_session(db, onsite=2)
    before = session.starts_at - clock.days(2)
    booking = claim(db, session.id, person.id, SeatMode.ONSITE, now=before)
    db.commit()
    client.sign_in(person)
    assert find_by_tap(db, booking.tap) is not None
    assert list_open(db, person.id, clock.now()) != []
    suspend_account(db, person.id, "Essai.", actor_id=chief.id, now=clock.now())
    db.commit()
    assert list_open(db, person.id, clock.now()) == []
    assert find_by_tap(db, booking.tap) is None
