"""Who runs the place reads who did what: by person, act and period, on pages and as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import sign_in, with_password
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.logbook.acts import Act
from tierslieu.logbook.checks import check_logbook
from tierslieu.logbook.models import LogEntry
from tierslieu.logbook.rules import note
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.rights.rules import leave
from tierslieu.people.rules import change_roles

pytestmark = pytest.mark.both_databases
LIST = "/administration/journal"
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Mobile Safari/537.36"}


def acts(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    rows = db.execute(select(LogEntry.act, LogEntry.via).order_by(LogEntry.number))
    return [(act, via) for act, via in rows]


def test_a_role_given_on_a_page_says_who_to_whom_and_from_what_device(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator", name="Claire Chef")
    user = make.user(name="Nadia Reçue")
    client.sign_in(chief)
    people = f"/administration/personnes/{user.id}"
    client.post(f"{people}/roles", data={"give": "facilitator"}, headers=PHONE)
    client.post(f"{people}/roles", data={"take": "facilitator"})
    assert acts(db) == [("role_given", "phone"), ("role_taken", "computer")]
    page = client.get(LIST).text
    for said in ("Rôle donné", "Rôle retiré", "Animer", "Claire Chef", "Nadia Reçue", "téléphone"):
        assert said in page
    assert page.index("Rôle retiré</strong>") < page.index("Rôle donné</strong>")  # newest first


def test_the_team_is_seen_to_sign_in_and_learners_are_not(
    db: Session, make: Factory, client: LookingClient
) -> None:
    team = with_password(make, "facilitator")
    learner = with_password(make)
    sign_in(client, learner.email)
    client.post("/deconnexion")
    assert acts(db) == []
    sign_in(client, team.email, "ce n’est pas le mot de passe")
    assert acts(db) == []
    sign_in(client, team.email)
    assert acts(db) == [("signed_in", "computer")]


def test_an_access_key_is_named_where_it_acted(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    secret = make_secret(db, chief, "sessions:read")
    with app.test_request_context(headers=bearing(secret)):
        from tierslieu.web.api import token

        token()(lambda: note(db, Act.KEY_MADE))()
        db.commit()
    assert acts(db) == [("token_made", "command"), ("key_made", "api")]
    client.sign_in(chief)
    assert "API, clé «" in client.get(LIST).text


def test_the_journal_is_filtered_by_person_act_and_period(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    one, other = make.user(name="Aïssa Une"), make.user(name="Bruno Autre")
    now = clock.now()
    note(db, Act.ROLE_GIVEN, subject_id=one.id, now=now - timedelta(days=40))
    note(db, Act.ACCOUNT_SUSPENDED, subject_id=one.id, words="motif du jour", now=now)
    note(db, Act.ROLE_GIVEN, subject_id=other.id, now=now)
    db.commit()
    client.sign_in(chief)
    page = client.get(f"{LIST}?personne={one.id}").text
    assert "Aïssa Une" in page
    assert "motif du jour" in page
    assert "Bruno Autre" not in page
    page = client.get(f"{LIST}?quoi=role_given&du={(now - timedelta(days=5)).date()}").text
    assert "Bruno Autre" in page
    assert "Aïssa Une" not in page
    page = client.get(f"{LIST}?personne={one.id}&au={(now - timedelta(days=20)).date()}").text
    assert "Rôle donné</strong>" in page
    assert "motif du jour" not in page
    assert "Rien ici" in client.get(f"{LIST}?quoi=key_made").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("du=hier", 422),
        ("du=2026-11-10&au=2026-11-01", 422),
        ("du=0001-01-01", 422),
        ("au=9999-12-31", 422),
        ("quoi=rien", 422),
        ("personne=rien", 404),
        ("personne=00000000-0000-7000-8000-000000000000", 404),
        ("page=99", 200),
    ],
)
@pytest.mark.parametrize("address", [LIST, f"{LIST}.csv"])
def test_a_filter_that_means_nothing_is_said_where_it_was_given(
    make: Factory, client: LookingClient, address: str, query: str, status: int
) -> None:
    client.sign_in(make.user("administrator"))
    assert client.get(f"{address}?{query}").status_code == status
    if status == 422:
        assert 'href="#' in client.get(f"{address}?{query}").text.partition("data-focus")[2]


def test_the_file_runs_no_formula_and_taking_it_is_written_down(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(name="=HYPERLINK(1)")
    note(db, Act.ACCOUNT_SUSPENDED, subject_id=user.id, words="@SUM(A1)\n;fin")
    db.commit()
    client.sign_in(make.user("administrator"))
    answer = client.get(f"{LIST}.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True)[1:]), delimiter=";"))
    assert rows[0][2] == "quoi"
    assert rows[1][4] == "'=HYPERLINK(1)"
    assert rows[1][6] == "'@SUM(A1)\n;fin"
    assert len(rows[1][8]) == 64
    assert acts(db)[-1] == ("logbook_taken", "computer")


def test_who_left_is_nobody_in_the_journal_and_the_line_stays(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    chief, user = make.user("administrator"), make.user(name="Yann Parti")
    change_roles(db, user.id, give=["facilitator"])
    db.commit()
    from tierslieu.house import House, PersonalData

    house: House = app.extensions["tierslieu.house"]
    leave(db, user.id, house.all(PersonalData), now=clock.now())
    db.commit()
    assert [act for act, _via in acts(db)] == ["role_given", "account_erased"]
    assert check_logbook(db).broken == []
    client.sign_in(chief)
    page = client.get(LIST).text
    assert "une personne partie" in page
    assert "Compte effacé" in page
    assert "Yann Parti" not in page
    assert str(user.id) not in page


def test_two_accounts_made_one_have_one_history(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    gone, kept = make.user(), make.user(name="Zita Réunie")
    change_roles(db, gone.id, give=["facilitator"])
    db.commit()
    join_accounts(
        db, app.extensions["tierslieu.house"], gone.id, kept.id, now=clock.now(), by_team=True
    )
    db.commit()
    client.sign_in(chief)
    page = client.get(f"{LIST}?personne={kept.id}").text
    assert "Rôle donné</strong>" in page
    assert "Deux comptes réunis</strong>" in page


def test_taking_ones_own_data_away_is_written_down_and_reading_it_is_not(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    client.sign_in(user)
    client.get("/compte/donnees")
    assert acts(db) == []
    assert client.get("/compte/donnees.json").status_code == 200
    assert acts(db) == [("data_exported", "computer")]
    held = client.get("/compte/donnees.json").get_json()["held"]["logbook"]["data"]
    assert held[0]["done_by_me"] is True
    assert held[0]["turn"] == "Données personnelles emportées"


@pytest.mark.parametrize(
    ("act", "about", "said"),
    [
        (Act.MAIL_REWORDED, {"mail": "bookings_confirmed", "version": 2}, "Place confirmée"),
        (Act.MAIL_RETRIED, {"mail": "1", "template": "bookings_confirmed"}, "Place confirmée"),
        (Act.JOB_RUN, {"job": "send_mail"}, "Envoyer les mails qui attendent"),
        (Act.ENTRY_SET, {"closed": 0, "opens_after": 0}, "ouvertes à tous"),
        (Act.ENTRY_SET, {"closed": 1, "opens_after": 0}, "sur invitation"),
        (
            Act.ENTRY_SET,
            {"closed": 1, "opens_after": 0, "until": "2027-03-31"},
            "sur invitation, jusqu’au 31 mars 2027",
        ),
        (
            Act.SETTINGS_CHANGED,
            {"setting": "attention", "rule": "silent", "on": 0},
            "prendre des nouvelles, Sans nouvelles, arrêtée",
        ),
        (
            Act.PLACE_CHANGED,
            {"section": "parts", "version": 3, "off": "weeks support"},
            "Parties de la maison, éteint : Semaines intensives, Rendez-vous et suivi",
        ),
        (
            Act.PLACE_CHANGED,
            {"section": "parts", "version": 4, "off": ""},
            "Parties de la maison, rien d’éteint",
        ),
        (
            Act.TOKEN_MADE,
            {"token": "1", "scopes": "bookings:write"},
            "Réserver et rendre mes places",
        ),
        (Act.INVITATION_CODE_MADE, {"uses": 5}, "pour 5 personnes"),
        (Act.PEOPLE_INVITED, {"count": 1}, "1 personne<"),
    ],
)
def test_a_line_says_in_words_what_was_done_to_what(
    db: Session, make: Factory, client: LookingClient, act: Act, about: dict[str, str], said: str
) -> None:
    client.sign_in(make.user("administrator"))
    note(db, act, about=about)
    db.commit()
    line = client.get(LIST).text.replace("\u00a0", " ").partition('class="who"')[2]
    assert f"</strong> : {said}" in line
