"""Where one is signed in: listed, ended one by one, and over in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, last_mail, sign_in, with_password
from tierslieu import clock
from tierslieu.db import db as database
from tierslieu.people.devices.rules import sweep
from tierslieu.people.devices.words import describe_device, name_device
from tierslieu.people.models import OpenSession, User

ADA = "ada@example.org"
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"
DESK = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
)


@pytest.fixture
def ada(make: Factory) -> User:
    return with_password(make, email=ADA)


def _is_in(client: LookingClient) -> bool:
    database.session.rollback()  # the test's own transaction would go on seeing what was
    return client.get("/compte").status_code == 200


def _browser(client: LookingClient, agent: str = DESK, **more: str) -> Any:
    """Another browser, signed in as Ada."""
    other: Any = client.application.test_client()
    other.environ_base["HTTP_USER_AGENT"] = agent
    assert sign_in(other, ADA, **more).status_code == 302
    return other


def _rows(db: Session) -> list[OpenSession]:
    db.rollback()
    return list(db.scalars(select(OpenSession).order_by(OpenSession.created_at)))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Firefox sur Android"),
        (DESK, "Edge sur Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) … Version/17.0 Safari/604.1",
            "Safari sur iPhone",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/120 Safari/537.36", "Chrome sur ChromeOS"),
        ("curl/8.5.0", "Un programme ou un navigateur peu courant"),
        ("", "Un programme ou un navigateur peu courant"),
    ],
)
def test_a_device_is_named_in_plain_words(app: object, agent: str, words: str) -> None:
    assert describe_device(name_device(agent)) == words


@pytest.mark.both_databases
def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(
    db: Session, client: LookingClient, ada: User
) -> None:
    desk, phone = _browser(client), _browser(client, PHONE)
    page = desk.get("/compte/appareils").text
    assert page.count("Cet appareil") == 1
    assert page.index("Edge sur Windows") < page.index("Firefox sur Android"), "this one first"
    of_phone = next(row for row in _rows(db) if "Android" in row.device)
    assert desk.post(f"/compte/appareils/{of_phone.id}/fermer").location == "/compte/appareils"
    assert not _is_in(phone)
    assert _is_in(desk)
    assert desk.post(f"/compte/appareils/{of_phone.id}/fermer").status_code == 404


@pytest.mark.both_databases
def test_all_others_end_at_once_and_this_one_stays(client: LookingClient, ada: User) -> None:
    here, there, elsewhere = (_browser(client) for _device in range(3))
    page = here.post("/compte/appareils/fermer-les-autres", follow_redirects=True)
    assert "2 autres sessions sont fermées" in page.text
    assert [_is_in(browser) for browser in (here, there, elsewhere)] == [True, False, False]


def test_nobody_ends_the_session_of_another(
    db: Session, make: Factory, client: LookingClient, ada: User
) -> None:
    hers = _browser(client)
    client.sign_in(make.user())
    assert client.post(f"/compte/appareils/{_rows(db)[-1].id}/fermer").status_code == 404
    client.post("/compte/appareils/fermer-les-autres")
    assert _is_in(hers)


def test_signing_out_ends_the_row_and_a_copy_of_the_cookie_opens_nothing(
    db: Session, client: LookingClient, ada: User
) -> None:
    here = _browser(client)
    copy = here.get_cookie("session")
    here.post("/deconnexion")
    assert not _rows(db)
    client.set_cookie("session", copy.value)
    assert not _is_in(client)


def test_a_kept_session_is_kept_by_one_cookie_that_ends_with_its_row(
    db: Session, client: LookingClient, ada: User
) -> None:
    passing, kept = _browser(client), _browser(client, remember="y")
    assert passing.get_cookie("session").expires is None
    assert kept.get_cookie("session").expires is not None
    assert kept.get_cookie("remember_token") is None, "it would sign in again by itself"
    passing.post("/compte/appareils/fermer-les-autres")
    assert not _is_in(kept)
    assert not _is_in(kept)


def test_a_cookie_of_the_library_that_remembers_signs_nobody_in(
    client: LookingClient, ada: User
) -> None:
    from flask_login import encode_cookie

    with client.application.test_request_context():
        client.set_cookie("remember_token", encode_cookie(ada.fs_uniquifier))
    assert not _is_in(client)
    assert not _is_in(client)


@pytest.mark.both_databases
def test_a_new_password_ends_every_other_session(
    db: Session, client: LookingClient, ada: User
) -> None:
    here, there = _browser(client, remember="y"), _browser(client)
    new = {"password": PASSWORD, "new_password": "une autre phrase bien longue"}
    assert here.post("/compte/mot-de-passe", data=new).status_code == 302
    assert _is_in(here)
    assert not _is_in(there)
    assert [row.is_kept for row in _rows(db)] == [True]
    client.post("/mot-de-passe-oublie", data={"email": ADA})
    link = last_mail(db).context["reset_link"]
    client.post(link, data={"password": "encore une autre phrase longue"})
    assert not _is_in(here)
    assert not _rows(db)


@pytest.mark.parametrize(
    ("roles", "remember", "idle", "in_all"),
    [
        (("learner",), "", timedelta(days=1), timedelta(days=7)),
        (("learner",), "y", timedelta(days=30), timedelta(days=180)),
        (("learner", "facilitator"), "", timedelta(hours=8), timedelta(days=1)),
        (("facilitator",), "y", timedelta(days=7), timedelta(days=30)),
        (("facilitator", "administrator"), "", timedelta(hours=2), timedelta(hours=12)),
        (("researcher",), "y", timedelta(hours=12), timedelta(days=1)),
    ],
)
def test_a_session_ends_when_it_rests_and_in_any_case_in_the_end(
    db: Session,
    make: Factory,
    client: LookingClient,
    roles: tuple[str, ...],
    remember: str,
    idle: timedelta,
    in_all: timedelta,
) -> None:
    # Accounts that need no second factor: it would be asked for first.
    with_password(make, *roles, email=ADA, is_demo=True)
    start, quarter = clock.now(), timedelta(minutes=15)
    with clock.fixed_at(start):
        used, resting = (_browser(client, remember=remember) for _session in range(2))
    at = start
    while at + idle - quarter < start + in_all:
        at += idle - quarter
        with clock.fixed_at(at):
            assert _is_in(used)
    with clock.fixed_at(start + idle + timedelta(seconds=1)):
        assert not _is_in(resting)
    with clock.fixed_at(start + in_all - timedelta(seconds=1)):
        assert _is_in(used)
    with clock.fixed_at(start + in_all):
        assert not _is_in(used)
        assert sweep(db, clock.now()) == 2


@pytest.mark.both_databases
def test_what_a_clock_far_ahead_began_is_dropped_once_it_is_right(
    db: Session, client: LookingClient, ada: User
) -> None:
    now = clock.now()
    for ahead in (timedelta(days=400), timedelta(hours=23)):
        with clock.fixed_at(now + ahead):
            _browser(client)
    with clock.fixed_at(now):
        mine = _browser(client)
        assert sweep(db, now) == 1
        db.commit()
        assert _is_in(mine)
        assert [row.created_at for row in _rows(db)] == [now, now + timedelta(hours=23)]
        assert sweep(db, now) == 0


def test_a_page_writes_that_a_session_is_used_four_times_an_hour_at_most(
    db: Session, client: LookingClient, ada: User
) -> None:
    start = clock.now()
    with clock.fixed_at(start):
        here = _browser(client)
    for minutes, seen in ((14, 0), (16, 16), (30, 16), (31, 31)):
        with clock.fixed_at(start + timedelta(minutes=minutes)):
            assert _is_in(here)
        assert _rows(db)[0].last_seen_at == start + timedelta(minutes=seen)


def test_no_row_tells_where_somebody_was(db: Session, client: LookingClient, ada: User) -> None:
    _browser(client)
    row = _rows(db)[0]
    kept = " ".join(str(getattr(row, column.name)) for column in OpenSession.__table__.columns)
    assert "127.0.0.1" not in kept
    assert "Mozilla" not in kept


def test_sessions_stand_in_ones_data_and_go_with_the_account(
    db: Session, client: LookingClient, ada: User
) -> None:
    here = _browser(client, PHONE)
    told = here.get("/compte/donnees.json").get_json()
    assert "Firefox sur Android" in str(told)
    assert _rows(db)[0].secret_hash not in str(told)
    assert here.post("/compte/partir", data={"knows": "y"}).status_code == 302
    assert db.scalar(select(func.count()).select_from(OpenSession)) == 0
