"""The digest of Monday morning: to whom, of what, once; and how one leaves."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.feedback.digests import jobs, rules
from courses.feedback.digests.jobs import send_digests
from courses.feedback.digests.links import contact_of, leave_path
from courses.feedback.digests.rules import add_contact, send_digest, set_subscribed
from courses.feedback.models import CourseContact, CourseDigest, FeedbackState
from courses.feedback.together.rules import say_me_too
from courses.paths.models import Path, Step
from tests.support.at_once import at_once
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.feedback import BODY, bring, make_report
from tierslieu import clock
from tierslieu.clock import days
from tierslieu.errors import Refused
from tierslieu.house import PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email
from tierslieu.people.models import OtherAddress, User
from tierslieu.people.rights.labels import labels

MONDAY = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)  # 8:05 in Paris
FRIDAY = MONDAY - days(3)
TEAM = "equipe.cours@example.org"
CONFIRMED, SENT = FeedbackState.CONFIRMED, FeedbackState.SENT


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def step(db: Session, path: Path) -> Step:
    return steps_of(db, path)[0]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


def contact(app: Flask, db: Session, path: Path, team: User, address: str = TEAM) -> CourseContact:
    leave = partial(leave_path, app.config["TIERSLIEU"])
    made = add_contact(db, path.id, address, actor_id=team.id, now=FRIDAY, leave=leave)
    db.commit()
    return made


def digests(db: Session) -> list[OutboxMessage]:
    db.rollback()
    query = select(OutboxMessage).where(OutboxMessage.template == "feedback_digest")
    return list(db.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.recipient)))


@pytest.mark.both_databases
def test_the_team_gets_what_is_new_once_and_nothing_when_nothing_is(
    app: Flask, db: Session, make: Factory, path: Path, step: Step, team: User
) -> None:
    author = make.user(name="Zéphyrine Quelconque")
    contact(app, db, path, team)
    found = bring(db, make_report(db, author, step), CONFIRMED, team, now=FRIDAY)
    make_report(db, author, step, "Encore nouveau, donc non lu", now=FRIDAY)
    assert send_digests(db, MONDAY - timedelta(minutes=6)) == 0, "7:59 is too early"
    assert send_digests(db, MONDAY) == 1
    assert send_digests(db, MONDAY) == 0
    (message,) = digests(db)
    with app.test_request_context():
        mail = make_email(message, app.config["TIERSLIEU"])
    whole = mail.as_string() + json.dumps(message.context)
    assert "Zéphyrine" not in whole
    assert author.email not in whole
    parts = {part.get_filename(): part for part in mail.iter_attachments()}
    table = parts["retours.csv"].get_content()
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff")), delimiter=";"))
    assert [row["id"] for row in rows] == [str(found.id)]
    data = json.loads(parts["retours.json"].get_content())
    assert [row["id"] for row in data["retours"]] == [str(found.id)]
    text = mail.get_body(("plain",))
    assert text is not None
    assert BODY in text.get_content()
    assert "Encore nouveau" not in text.get_content()
    # A week without news: a row, no mail. Then one more who saw it: that report again.
    assert send_digests(db, MONDAY + days(7)) == 0
    say_me_too(db, make.user().id, found.id, now=MONDAY + days(8))
    db.commit()
    assert send_digests(db, MONDAY + days(14)) == 1
    last = digests(db)[-1].context["reports"][0]
    assert (last["saw"], last["saw_since"], last["is_new"]) == (1, 1, False)
    weeks = list(db.scalars(select(CourseDigest.reports).order_by(CourseDigest.week)))
    assert weeks == [1, 0, 1]


def test_what_is_noted_while_the_mails_are_written_is_told_the_week_after(
    app: Flask, db: Session, make: Factory, path: Path, step: Step, team: User
) -> None:
    contact(app, db, path, team)
    late = MONDAY.replace(hour=6, minute=50)  # 7:50 in Paris
    bring(db, make_report(db, make.user(), step), SENT, team, now=late)
    assert send_digests(db, MONDAY) == 0
    assert send_digests(db, MONDAY + days(7)) == 1
    assert digests(db)[0].context["reports"][0]["is_new"] is True


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 3, 30, 5, 59, tzinfo=UTC), False),  # the day after clocks went forward
        (datetime(2026, 3, 30, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 26, 6, 59, tzinfo=UTC), False),  # the day after they went back
        (datetime(2026, 10, 26, 7, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), False),  # a Tuesday
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), True),  # late, but still Monday
    ],
)
def test_it_leaves_on_monday_from_eight_on_the_clock_of_the_place(
    now: datetime, leaves: bool
) -> None:
    assert rules.is_time(now) is leaves


@pytest.mark.both_databases
def test_several_workers_at_once_write_one_digest(
    app: Flask, db: Session, make: Factory, path: Path, step: Step, team: User
) -> None:
    contact(app, db, path, team)
    bring(db, make_report(db, make.user(), step), CONFIRMED, team, now=FRIDAY)
    db.rollback()
    at_once(app, lambda session, _number: send_digests(session, MONDAY))
    assert len(digests(db)) == 1
    assert db.scalar(select(func.count(CourseDigest.id))) == 1


def test_a_worker_killed_between_two_courses_leaves_the_rest_to_the_next_run(
    app: Flask, db: Session, make: Factory, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("un", "deux"):
        path = make_path(db, slug)
        contact(app, db, path, team)
        bring(db, make_report(db, make.user(), steps_of(db, path)[0]), SENT, team, now=FRIDAY)
    seen = []

    def killed(*args: object, **more: object) -> object:
        digest = send_digest(*args, **more)  # type: ignore[arg-type]
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "send_digest", killed)
        with pytest.raises(KeyboardInterrupt):
            send_digests(db, MONDAY)
    assert len(digests(db)) == 1
    assert send_digests(db, MONDAY) == 1
    assert len(digests(db)) == 2


def test_a_facilitator_adds_an_address_that_is_told_why_and_sees_what_the_mail_will_say(
    app: Flask, client: LookingClient, db: Session, make: Factory, path: Path, step: Step,
    team: User,
) -> None:  # fmt: skip
    bring(db, make_report(db, make.user(), step), CONFIRMED, team)
    client.sign_in(team)
    page = "/retours/parcours/essai"
    for data, sentence in (
        ({"email": TEAM}, "on n’écrit pas chaque semaine sans accord"),
        ({"agreed": "y"}, "Donnez une adresse"),
        ({"agreed": "y", "email": "pas une adresse"}, "pas écrite comme une adresse"),
    ):
        response = client.post(page, data=data)
        assert response.status_code == 422
        assert sentence in response.text
    good = {"agreed": "y", "email": f" {TEAM.upper()} "}
    html = client.post(page, data=good, follow_redirects=True).text
    assert TEAM in html
    assert "par Nadia Benali" in html
    next_mail = html[html.index("Ce que dira le prochain mail") :]
    assert BODY in next_mail
    assert "$" not in next_mail  # a word kept in each language is said in the reader's
    english = client.get(page, headers={"Accept-Language": "en-GB"}).text
    assert ">confirmed<" in english
    assert ">confirmé<" in html
    assert "déjà les retours" in client.post(page, data=good).text
    message = db.scalars(select(OutboxMessage)).all()[-1]
    assert (message.template, message.recipient) == ("feedback_contact", TEAM)
    found = db.scalars(select(CourseContact)).one()
    gone = client.post(f"{page}/adresses/{found.id}/retirer", follow_redirects=True).text
    assert TEAM not in gone
    assert client.post(f"{page}/adresses/{found.id}/retirer").status_code == 404
    for role in ("learner", "researcher", "administrator"):
        client.sign_in(make.user(role))
        assert client.get(page).status_code == 403


def test_opening_the_link_changes_nothing_its_button_unsubscribes_and_only_they_come_back(
    app: Flask, client: LookingClient, db: Session, path: Path, team: User
) -> None:
    made = contact(app, db, path, team)
    address = leave_path(app.config["TIERSLIEU"], made)
    assert contact_of(db, app.config["TIERSLIEU"], address.rpartition("/")[2]) == made
    assert "Se désabonner" in client.get(address).text
    db.rollback()
    assert db.get_one(CourseContact, made.id).unsubscribed_at is None
    assert "désabonnée" in client.post(address, follow_redirects=True).text
    leave = partial(leave_path, app.config["TIERSLIEU"])
    with pytest.raises(Refused) as refused:
        add_contact(db, path.id, TEAM, actor_id=team.id, now=MONDAY, leave=leave)
    assert refused.value.code == "contact_unsubscribed"
    db.rollback()
    client.post(address, data={"revenir": "oui"})
    db.rollback()
    assert db.get_one(CourseContact, made.id).unsubscribed_at is None
    for wrong in ("rien", address.rpartition("/")[2] + "x"):
        assert client.get(f"/retours/abonnement/{wrong}").status_code == 404
        assert client.post(f"/retours/abonnement/{wrong}").status_code == 404


def test_a_mail_program_unsubscribes_in_one_click_where_the_address_is_https(
    app: Flask, client: LookingClient, db: Session, make: Factory, path: Path, step: Step,
    team: User,
) -> None:  # fmt: skip
    made = contact(app, db, path, team)
    bring(db, make_report(db, make.user(), step), CONFIRMED, team, now=FRIDAY)
    send_digests(db, MONDAY)
    settings = replace(app.config["TIERSLIEU"], base_url="https://lieu.example")
    with app.test_request_context():
        sent = make_email(digests(db)[0], settings).as_bytes()
    read = email.message_from_bytes(sent, policy=email.policy.default)
    path_ = leave_path(settings, made)
    assert read["List-Unsubscribe"] == f"<https://lieu.example{path_}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"=?utf-8?" not in sent.partition(b"List-Unsubscribe:")[2].partition(b"\nMIME")[0]
    with app.test_request_context():
        plain = make_email(digests(db)[0], app.config["TIERSLIEU"])
    assert plain["List-Unsubscribe-Post"] is None
    # RFC 8058, 3.1: a POST with that body alone, no cookie, no page before.
    answer = app.test_client().post(path_, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    db.rollback()
    assert db.get_one(CourseContact, made.id).unsubscribed_at is not None
    bring(db, make_report(db, make.user(), step, "Un autre retour"), SENT, team, now=MONDAY)
    assert send_digests(db, MONDAY + days(7)) == 0


def test_an_address_of_a_person_here_goes_out_and_goes_with_them(
    app: Flask, db: Session, make: Factory, path: Path, team: User
) -> None:
    person = make.user(email="Prof@example.org")
    for address, proved in (("autre@example.org", FRIDAY), ("dautrui@example.org", None)):
        db.add(OtherAddress(user_id=person.id, email=address, asked_at=FRIDAY, proved_at=proved))
        contact(app, db, path, team, address)
    made = contact(app, db, path, team, "prof@example.org")
    set_subscribed(db, made.id, False, now=clock.now())
    db.commit()
    held = app.extensions["tierslieu.house"].all(PersonalData)
    (data,) = [one for one in held if one.name == "course_contacts"]
    rows = data.export(db, person.id)
    assert {row["email"] for row in rows} == {"prof@example.org", "autre@example.org"}
    assert all(set(row) <= set(labels()) and row["path"] == "essai" for row in rows)
    data.erase(db, person.id)
    db.commit()
    assert data.export(db, person.id) == []
    left = list(db.scalars(select(CourseContact.email)))
    assert left == ["dautrui@example.org"], "an address that nobody proved is not theirs"


@pytest.mark.both_databases
def test_whoever_adds_an_address_again_and_again_writes_once_and_the_first_link_works(
    app: Flask, db: Session, path: Path, team: User
) -> None:
    settings = app.config["TIERSLIEU"]
    first = contact(app, db, path, team)
    link = leave_path(settings, first)
    rules.remove_contact(db, path.id, first.id)
    db.commit()
    again = contact(app, db, path, team)
    query = select(func.count()).where(OutboxMessage.template == "feedback_contact")
    assert db.scalar(query) == 1
    assert TEAM not in link
    assert app.test_client().post(link).status_code == 302
    db.rollback()
    db.refresh(again)
    assert again.unsubscribed_at is not None
    set_subscribed(db, again.id, True, now=FRIDAY)
    set_subscribed(db, again.id, False, now=FRIDAY)
    db.commit()
    other, leave = make_path(db, "autre"), partial(leave_path, settings)
    add = partial(add_contact, db, other.id, TEAM, actor_id=team.id, leave=leave)
    with pytest.raises(Refused) as refused:
        add(now=FRIDAY + days(29))
    assert refused.value.code == "contact_unsubscribed"
    db.rollback()
    add(now=FRIDAY + days(31))
