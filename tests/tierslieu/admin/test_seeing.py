"""The place as somebody sees it: for a reason they read, for half an hour, and nothing changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.house.test_access import address, written
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.admin.models import SeeingAs
from tierslieu.admin.seeing import guard
from tierslieu.admin.seeing.rules import LASTS, end_overdue
from tierslieu.base import Base
from tierslieu.logbook.models import LogEntry
from tierslieu.people.devices.queries import list_open
from tierslieu.people.models import ROLES, User
from tierslieu.people.rules import change_roles
from tierslieu.web.seeing import END, LEAVE, OPEN

pytestmark = pytest.mark.both_databases
WHY = "Sa page est vide"
OTHER_ROLES = [role for role in ROLES if role != "administrator"]


def begin(client: LookingClient, admin: User, person: User, reason: str = WHY) -> int:
    client.sign_in(admin)
    page = f"/administration/personnes/{person.id}/regarder"
    return client.post(page, data={"reason": reason}).status_code


def acts(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    rows = db.execute(select(LogEntry.act, LogEntry.words).order_by(LogEntry.number))
    return [(act, words) for act, words in rows]


def everything(db: Session) -> dict[str, list[str]]:
    """Every row of the place."""
    db.rollback()
    return {
        table.name: sorted(repr(tuple(row)) for row in db.execute(select(table)))
        for table in Base.metadata.sorted_tables
    }


def test_an_administrator_sees_what_the_person_sees_with_a_way_back(
    db: Session, make: Factory, client: LookingClient
) -> None:
    admin, person = make.user("administrator"), make.user(name="Nadia Vue")
    assert begin(client, admin, person) == 302
    page = client.get("/").text
    assert "Vous voyez le lieu comme Nadia Vue" in page
    assert "Revenir à mon compte" in page
    assert client.get("/compte").text.count("Nadia Vue") >= 2
    assert client.get("/administration/personnes").status_code == 403
    answer = client.post("/administration/regarder/fin", follow_redirects=True)
    assert "de nouveau dans votre compte" in answer.text
    assert "Vous voyez le lieu comme" not in answer.text
    assert client.get("/administration/personnes").status_code == 200
    assert acts(db) == [("seen_as_begun", "Sa page est vide"), ("seen_as_ended", "")]
    assert db.scalar(select(SeeingAs)) is None


def test_who_signs_out_while_looking_ends_both_and_it_is_written(
    db: Session, make: Factory, client: LookingClient
) -> None:
    admin, person = make.user("administrator"), make.user(name="Nadia Vue")
    begin(client, admin, person)
    assert "Me déconnecter" in client.get("/compte").text
    answer = client.post("/deconnexion", follow_redirects=True)
    assert answer.status_code == 200
    assert "Vous voyez le lieu comme" not in answer.text
    assert client.get("/compte").status_code == 302, "nobody is signed in"
    assert acts(db) == [("seen_as_begun", WHY), ("seen_as_ended", "")]
    assert db.scalar(select(SeeingAs)) is None
    assert list_open(db, admin.id, clock.now()) == []
    client.sign_in(admin)
    assert "Vous voyez le lieu comme" not in client.get("/").text
    assert client.get("/administration/personnes").status_code == 200


def test_the_sign_out_of_an_administrator_leaves_the_person_s_own_sessions_open(
    app: Flask, make: Factory, client: LookingClient
) -> None:
    admin, person = make.user("administrator"), make.user(name="Nadia Vue")
    theirs = app.test_client()
    theirs.sign_in(person)  # type: ignore[attr-defined]
    begin(client, admin, person)
    client.post("/deconnexion")
    assert theirs.get("/compte").status_code == 200


def test_the_person_reads_when_by_whom_and_why(make: Factory, client: LookingClient) -> None:
    admin, person = make.user("administrator", name="Claire Chef"), make.user()
    client.sign_in(person)
    assert "Personne n’a regardé" in client.get("/compte/regards").text
    begin(client, admin, person, "Elle ne voit pas sa réservation")
    client.post("/administration/regarder/fin")
    client.sign_in(person)
    page = client.get("/compte/regards").text
    assert "Claire Chef" in page
    assert "Elle ne voit pas sa réservation" in page
    assert "/compte/regards" in client.get("/compte").text
    client.sign_in(make.user())
    assert "Claire Chef" not in client.get("/compte/regards").text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_without_a_reason_nothing_begins(
    db: Session, make: Factory, client: LookingClient, reason: str
) -> None:
    assert begin(client, make.user("administrator"), make.user(), reason) == 422
    assert acts(db) == []


def test_nobody_looks_in_the_place_of_an_administrator_or_of_a_closed_account(
    db: Session, make: Factory, client: LookingClient
) -> None:
    admin = make.user("administrator")
    assert begin(client, admin, admin) == 409
    assert begin(client, admin, make.user("learner", "administrator")) == 409
    assert begin(client, admin, make.user(active=False)) == 409
    assert acts(db) == []


@pytest.mark.parametrize("role", [r for r in ROLES if r != "administrator"])
def test_others_look_in_nobodys_place(make: Factory, client: LookingClient, role: str) -> None:
    assert begin(client, make.user(role), make.user()) == 403


def test_no_unsafe_method_gets_through_and_only_what_is_named_opens(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    admin, person = make.user("administrator"), make.user(*OTHER_ROLES, name="Zia Tout")
    assert begin(client, admin, person) == 302
    before, wrong = everything(db), []
    for rule in app.url_map.iter_rules():
        assert rule.endpoint in written()
        if rule.endpoint in (END, LEAVE, "static"):
            continue
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method not in (rule.methods or set()):
                continue
            place = address(rule).replace("/rien.ics", f"/{32 * 'x'}.ics")
            answer = client.open(place, method=method)
            is_refused = answer.status_code == 403
            if is_refused != (method != "GET" or rule.endpoint not in OPEN):
                wrong.append((method, rule.rule, answer.status_code))
            answer.close()
    assert not wrong
    after = everything(db)
    assert {name for name in before if before[name] != after[name]} == set()
    assert "Zia Tout" in client.get("/").text  # and it goes on


def test_a_page_that_writes_while_it_is_read_is_refused_too(
    app: Flask, db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(client, make.user("administrator"), make.user())
    view = app.view_functions["people.account"]

    def writing() -> str:
        from tierslieu.db import db as database
        from tierslieu.web.access import current_person

        current_person().name = "Quelqu’un d’autre"
        database.session.commit()
        return ""

    monkeypatch.setitem(app.view_functions, "people.account", writing)
    assert client.get("/compte").status_code == 403
    monkeypatch.setitem(app.view_functions, "people.account", view)
    assert "Quelqu’un d’autre" not in client.get("/compte").text


def test_it_ends_by_itself_after_half_an_hour(
    db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, person = make.user("administrator"), make.user(name="Nadia Vue")
    begin(client, admin, person)
    start = clock.now()
    monkeypatch.setattr(guard.clock, "now", lambda: start + LASTS - timedelta(seconds=5))
    assert "Nadia Vue" in client.get("/").text
    monkeypatch.setattr(guard.clock, "now", lambda: start + LASTS + timedelta(seconds=5))
    assert "Nadia Vue" not in client.get("/").text
    assert client.get("/administration/personnes").status_code == 200
    assert end_overdue(db, now=start + LASTS - timedelta(seconds=5)) == 0
    assert end_overdue(db, now=start + timedelta(hours=3)) == 1
    db.commit()
    assert [act for act, _words in acts(db)] == ["seen_as_begun", "seen_as_ended"]
    ends = db.scalars(select(LogEntry.at).order_by(LogEntry.number)).all()
    assert timedelta(minutes=29) < ends[1] - ends[0] < timedelta(minutes=31)
    assert end_overdue(db, now=start + timedelta(hours=3)) == 0


def test_it_ends_for_who_runs_the_place_no_more_and_of_who_begins_to(
    db: Session, make: Factory, client: LookingClient
) -> None:
    admin, person = make.user("administrator"), make.user(name="Nadia Vue")
    make.user("administrator")
    begin(client, admin, person)
    change_roles(db, person.id, give=["administrator"])
    db.commit()
    assert "Vous voyez le lieu comme" not in client.get("/").text
    change_roles(db, person.id, take=["administrator"])
    db.commit()
    begin(client, admin, person)
    change_roles(db, admin.id, take=["administrator"])
    db.commit()
    page = client.get("/").text
    assert "Vous voyez le lieu comme" not in page


def test_another_browser_cannot_take_it_over(
    db: Session, make: Factory, client: LookingClient
) -> None:
    admin, other, person = make.user("administrator"), make.user("administrator"), make.user()
    begin(client, admin, person)
    begun = db.scalars(select(SeeingAs)).one().id
    db.rollback()
    client.sign_in(other)
    with client.session_transaction() as session:
        session[guard.KEY] = str(begun)
    assert "Vous voyez le lieu comme" not in client.get("/").text
