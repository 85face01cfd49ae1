"""Other systems say who passed what: received once, matched, used once it is known for what."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.imports.models import Provider
from courses.progress.imports.usernames import declare_usernames
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.moving import move_to_newest
from courses.progress.queries import list_records
from courses.statements.models import (
    StatementState,
    XapiActivity,
    XapiHomePage,
    XapiSource,
    XapiStatement,
)
from courses.statements.offers import erase, export
from courses.statements.reading import read_statements
from courses.statements.rules import (
    KEPT_FOR,
    decide_activity,
    decide_home_page,
    forget_old,
    receive,
    use_waiting,
)
from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.courses import (
    NOW,
    make_enrolment,
    make_path,
    make_record,
    step_facts,
    steps_of,
)
from tests.support.factories import Factory
from tests.support.statements import QUIZ, SITE, Site, make_statement
from tests.support.tokens import make_secret
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import OtherAddress, User
from tierslieu.tokens.models import AccessToken

THEN = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def learner(make: Factory) -> User:
    return make.user(email="ines@example.org", name="Inès Roche")


@pytest.fixture
def key(db: Session, team: User) -> UUID:
    make_secret(db, team, "xapi:write")
    return db.scalars(select(AccessToken.id)).one()


def say(db: Session, key: UUID, *statements: dict[str, Any], now: datetime = NOW) -> None:
    receive(db, read_statements(list(statements)), key, now=now)
    db.commit()


def count_for(db: Session, path: Path, team: User, step: int = 0) -> int:
    """The quiz is worth this step from now on; how many waiting statements were used."""
    activity = db.scalars(select(XapiActivity).where(XapiActivity.iri == QUIZ)).one()
    step_key = steps_of(db, path)[step].key
    used = decide_activity(db, activity.id, path.id, step_key, actor_id=team.id, now=NOW)
    db.commit()
    return used


def states(db: Session) -> list[str]:
    found = db.scalars(select(XapiStatement).order_by(XapiStatement.statement_id))
    return [one.state.value for one in found]


@pytest.mark.both_databases
def test_a_success_waits_until_its_activity_is_worth_a_step_then_validates_it_once(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    enrolment = make_enrolment(db, learner, path)
    say(db, key, first := make_statement())
    assert export(db, learner.id)[0]["activity"] == QUIZ
    assert states(db) == ["waiting"]
    assert count_for(db, path, team) == 1
    (record,) = list_records(db, [enrolment.id])
    assert (record.state, record.source) == (RecordState.VALIDATED, RecordSource.XAPI)
    assert record.declared_at == record.decided_at == THEN
    assert record.brought_by_id == team.id
    assert first["id"] in record.proof
    # Used: only what makes it known again is kept. Said again or otherwise, nothing changes.
    say(db, key, first)
    say(db, key, make_statement(verb="completed"), make_statement(verb="failed"))
    assert states(db) == ["used", "used", "aside"]
    assert export(db, learner.id) == []
    for one in db.scalars(select(XapiStatement)):
        assert (one.user_id, one.activity_id, one.happened_at, one.verb) == (None, None, None, "")
    assert len(list_records(db, [enrolment.id])) == 1


@pytest.mark.both_databases
def test_a_declared_step_that_waits_is_validated_and_its_person_is_told(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    record = make_record(db, make_enrolment(db, learner, path), steps_of(db, path)[0])
    say(db, key, make_statement())
    count_for(db, path, team)
    db.refresh(record)
    assert (record.state, record.source) == (RecordState.VALIDATED, RecordSource.DECLARED)
    mails = [mail.template for mail in db.scalars(select(OutboxMessage))]
    assert "progress_answered" in mails


@pytest.mark.both_databases
def test_a_person_is_found_by_a_proved_address_its_hash_or_a_declared_username(
    db: Session, make: Factory, path: Path, team: User, key: UUID
) -> None:
    own, other, hashed, named = (make.user(email=f"p{n}@example.org") for n in range(4))
    db.add(OtherAddress(user_id=other.id, email="ailleurs@example.org", proved_at=NOW))
    db.commit()
    declare_usernames(db, named.id, {Provider.H5P: "M.Bernard"}, now=NOW)
    for person in (own, other, hashed, named):
        make_enrolment(db, person, path)
    account = {"account": {"homePage": SITE, "name": "m.bernard"}}
    digest = hashlib.sha1(b"mailto:p2@example.org").hexdigest().upper()
    actors: list[Any] = [
        "P0@Example.org", "ailleurs@example.org", {"mbox_sha1sum": digest}, account,
        {"name": "Personne 3", "openid": "https://p3.example.org"},
        {"objectType": "Group", "mbox": "mailto:p0@example.org"},
        {"account": {"homePage": "https://ailleurs.example.org", "name": "m.bernard"}},
    ]  # fmt: skip
    statements = [make_statement(actor) for actor in actors]
    say(db, key, *statements)
    assert states(db).count("waiting") == 3  # nobody said yet whose accounts the site has
    page = db.scalars(select(XapiHomePage).where(XapiHomePage.address == SITE)).one()
    decide_home_page(db, page.id, Provider.H5P)
    say(db, key, *statements)  # sent again: looked at anew
    assert count_for(db, path, team) == 4
    records = db.scalars(select(StepRecord)).all()
    assert {r.enrolment.user_id for r in records} == {own.id, other.id, hashed.id, named.id}
    # A username is only the person's word, and no eye saw the line: the team answers it.
    waits = {r.enrolment.user_id for r in records if r.state is RecordState.DECLARED}
    assert waits == {named.id}
    assert {r.source for r in records} == {RecordSource.XAPI}
    source = db.scalars(select(XapiSource)).one()
    assert (source.known, source.strangers, source.others) == (3, 4, 0)


def test_it_waits_for_whoever_does_not_follow_the_path_yet_and_never_serves_its_sender(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, team, path)
    say(db, key, make_statement(), make_statement(team.email))
    count_for(db, path, team)
    assert not db.scalars(select(StepRecord)).all()
    assert states(db) == ["waiting", "used"]
    make_enrolment(db, learner, path)
    assert use_waiting(db, now=NOW) == 1
    db.commit()
    assert len(db.scalars(select(StepRecord)).all()) == 1


def test_it_waits_for_whoever_follows_a_version_without_that_step(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    enrolment = make_enrolment(db, learner, path)
    make_path(db, steps=[step_facts("N"), step_facts("A")])  # a second version
    say(db, key, make_statement())
    assert count_for(db, path, team) == 0
    move_to_newest(db, enrolment.id, 2, actor_id=learner.id, now=NOW)
    assert use_waiting(db, now=NOW) == 1
    db.commit()
    assert [record.step.key for record in list_records(db, [enrolment.id])] == ["n"]


def test_an_activity_that_does_not_count_forgets_what_waited(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, learner, path)
    say(db, key, make_statement())
    activity = db.scalars(select(XapiActivity)).one()
    with pytest.raises(Refused):
        decide_activity(db, activity.id, path.id, "ailleurs", actor_id=team.id, now=NOW)
    db.rollback()
    decide_activity(db, activity.id, None, "", actor_id=team.id, now=NOW)
    db.commit()
    assert states(db) == ["aside"]
    assert export(db, learner.id) == []


def test_erasing_a_person_forgets_what_waits_and_a_year_forgets_the_rest(
    db: Session, path: Path, learner: User, key: UUID
) -> None:
    say(db, key, make_statement(), make_statement("inconnue@example.org"))
    erase(db, learner.id)
    db.commit()
    assert states(db) == ["aside"]
    assert forget_old(db, NOW + KEPT_FOR - timedelta(days=1)) == 0
    assert forget_old(db, NOW + KEPT_FOR + timedelta(days=1)) == 1


@pytest.mark.both_databases
def test_of_one_statement_sent_at_once_by_several_one_is_kept(
    app: Flask, db: Session, make: Factory, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, learner, path)
    say(db, key, make_statement("x@example.org"))
    count_for(db, path, team)
    others = [make.user("facilitator") for _ in range(AT_ONCE - 3)]
    for other in others:
        make_secret(db, other, "xapi:write")
    keys = list(db.scalars(select(AccessToken.id).order_by(AccessToken.id)))
    same = [make_statement(), make_statement(object="https://h5p.example.org/new")]
    db.commit()

    def send(session: Session, number: int) -> None:
        turned = same if number % 2 else same[::-1]
        receive(session, read_statements(turned), keys[number % len(keys)], now=NOW)

    assert at_once(app, send) == ["done"] * AT_ONCE
    assert len(db.scalars(select(XapiStatement)).all()) == 3
    assert db.scalar(select(func.count(StepRecord.id))) == 1
    assert db.scalar(select(func.sum(XapiSource.known))) == 2


def test_a_site_sends_by_the_standard(
    client: LookingClient, db: Session, team: User, learner: User
) -> None:
    site = Site(client, db, team)
    one, two = make_statement(), make_statement()
    answer = site.send(one)
    assert (answer.status_code, answer.get_json()) == (200, [one["id"]])
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert site.send([two, one]).get_json() == [two["id"], one["id"]]
    without = make_statement()
    given = without.pop("id")
    (made,) = site.send(without).get_json()
    assert UUID(made) != UUID(given)
    # Another under the same id: nothing of the whole batch is kept.
    new = make_statement()
    changed = {**one, "result": {"success": True}}
    assert site.refusal([new, changed])[:2] == (409, "statement_conflict")
    assert site.refusal([make_statement(), {"id": 3}]) == (
        400, "malformed_statement", ["[1].actor", "[1].verb", "[1].id", "[1].object"],
    )  # fmt: skip
    assert site.refusal([new, new])[:2] == (400, "id_twice")
    assert len(db.scalars(select(XapiStatement)).all()) == 3
    db.rollback()
    # PUT: under the id of the address.
    asked = {"query_string": {"statementId": new["id"].upper()}, "method": "PUT"}
    assert site.send(new, **asked).status_code == 204
    assert site.send(new, **asked).status_code == 204
    assert site.refusal({**new, "id": one["id"]}, **asked)[:2] == (400, "id_differs")
    assert site.refusal([new], **asked)[:2] == (400, "malformed_statement")
    assert site.refusal(new, method="PUT")[0] == 400
    assert site.refusal(new, query_string={"method": "GET"})[0] == 400
    unknown = site.send(new, method="GET")
    assert unknown.status_code == 405
    assert unknown.headers["X-Experience-API-Version"] == "1.0.3"


@pytest.mark.parametrize("version", ["", "0.95", "2.0.0", "1.0.3.1", "1.1"])
def test_another_version_is_refused_and_the_answer_says_which_is_spoken(
    client: LookingClient, db: Session, team: User, version: str
) -> None:
    site = Site(client, db, team)
    answer = site.send(make_statement(), headers={"X-Experience-API-Version": version})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "xapi_version")
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_what_is_too_much_or_no_json_is_refused(
    client: LookingClient, db: Session, team: User
) -> None:
    site = Site(client, db, team)
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    for body in (b"", b"{", deep, b'{"a": NaN}', b'{"a": 1, "a": 2}', b'"\\u0000"', b"\xff"):
        assert site.refusal(body)[:2] == (400, "malformed_json"), body[:20]
    many = [make_statement() for _ in range(501)]
    assert site.refusal(many)[:2] == (413, "too_many_statements")
    assert site.send(b" " * (1024 * 1024 + 1)).status_code == 413
    plain = site.send(b"{}", content_type="text/plain")
    assert plain.status_code == 415
    assert not db.scalars(select(XapiStatement)).all()


def test_the_team_sees_who_sends_and_says_what_an_activity_is_worth(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User, learner: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    named = {"id": QUIZ, "definition": {"name": {"en": "<b>Quiz"}}}
    account = {"account": {"homePage": SITE, "name": "secrète"}}
    Site(client, db, team).send(
        [
            make_statement(object=named),
            make_statement("nobody@example.org"),
            make_statement(account),
        ]
    )
    activity = db.scalars(select(XapiActivity.id)).one()
    page = db.scalars(select(XapiHomePage.id)).one()
    client.sign_in(make.user("administrator"))
    assert "1 activité d’un autre site à régler" in client.get("/").text
    html = client.get("/traces").text
    assert "&lt;b&gt;Quiz" in html
    assert "Nadia Benali" in html
    for hidden in ("Inès", "ines@", "nobody@", "secrète"):
        assert hidden not in html
    client.sign_in(team)
    step = f"essai/{steps_of(db, path)[0].key}"
    db.rollback()
    assert client.post(f"/traces/activites/{activity}", data={"step": "essai/x"}).status_code == 422
    said = client.post(f"/traces/activites/{activity}", data={"step": step}, follow_redirects=True)
    assert "1 trace qui attendait est prise en compte" in said.text.replace("\u202f", " ")
    assert len(list_records(db, [enrolment.id])) == 1
    db.rollback()
    assert f'value="{step}"' in client.get(f"/traces/activites/{activity}").text
    client.post(f"/traces/sites/{page}", data={"provider": "h5p"})
    assert "Identifiants : H5P" in client.get("/traces").text.replace("\u00a0", " ")
    assert client.get(f"/traces/activites/{page}").status_code == 404
    client.sign_in(learner)
    assert client.get("/traces").status_code == 403


def test_one_that_waits_says_who_and_one_that_does_not_says_nobody(
    db: Session, learner: User, key: UUID
) -> None:
    say(db, key, make_statement(), make_statement(verb="attempted"))
    rows = db.scalars(select(XapiStatement).order_by(XapiStatement.statement_id)).all()
    assert [(r.state, r.user_id) for r in rows] == [
        (StatementState.WAITING, learner.id), (StatementState.ASIDE, None),
    ]  # fmt: skip


def test_a_clock_that_was_never_set_says_nothing(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, learner, path)
    say(db, key, make_statement(timestamp="0001-01-01T00:00:00Z"))
    count_for(db, path, team)
    [record] = db.scalars(select(StepRecord))
    assert record.declared_at == NOW


def test_of_an_activity_that_does_not_count_nobody_is_kept(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, learner, path)
    say(db, key, first := make_statement())
    activity = db.scalars(select(XapiActivity)).one()
    decide_activity(db, activity.id, None, "", actor_id=team.id, now=NOW)
    db.commit()
    say(db, key, first, make_statement())
    assert states(db) == ["aside", "aside"]
    assert not [one for one in db.scalars(select(XapiStatement)) if one.user_id is not None]
