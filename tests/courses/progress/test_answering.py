"""Many lines answered quickly: together, taken back for a moment, narrowed, with usual words."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Cohort
from courses.paths.models import Path
from courses.progress.answering import rules
from courses.progress.answering import words as said
from courses.progress.answering.offers import erase, export
from courses.progress.answering.queries import ALL, list_narrowed
from courses.progress.certificates.links import link_of
from courses.progress.certificates.rules import give_certificate
from courses.progress.models import RecordState, StepRecord, StepWaiver, WaiverState
from courses.progress.waivers.rules import ask_waiver
from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.house import House
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

VALIDATED, RETURNED, DECLARED = RecordState.VALIDATED, RecordState.RETURNED, RecordState.DECLARED
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6360000000"
    "02000148afa4710000000049454e44ae426082"
)


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


def wait(db: Session, make: Factory, path: Path, step: int = 0, days: int = 0) -> StepRecord:
    enrolment = make_enrolment(db, make.user(), path)
    now = clock.now() - timedelta(days=days)
    return make_record(db, enrolment, steps_of(db, path)[step], now=now, text="Fait.")


def states(db: Session) -> list[RecordState]:
    db.rollback()
    return list(db.scalars(select(StepRecord.state).order_by(StepRecord.declared_at)))


@pytest.mark.both_databases
def test_an_answer_is_taken_back_for_a_moment_with_its_mail_and_no_longer(
    db: Session, make: Factory, path: Path, team: User
) -> None:
    enrolment, step = make_enrolment(db, make.user(), path), steps_of(db, path)[0]
    house = House(())
    waiver = ask_waiver(db, enrolment.id, step.id, now=NOW, house=house, request="Déjà.")
    record = make_record(db, enrolment, step)
    record_id, team_id, other = record.id, team.id, make.user("facilitator").id
    rules.answer(db, record_id, VALIDATED, actor_id=team_id, now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        rules.take_back(db, record_id, actor_id=other, now=NOW)
    assert refused.value.code == "too_late"  # a colleague's answer is theirs
    rules.take_back(db, record_id, actor_id=team_id, now=NOW + timedelta(seconds=29))
    db.commit()
    db.refresh(record)
    assert (record.state, record.decided_at, record.decided_by_id) == (DECLARED, None, None)
    assert db.scalar(select(func.count(OutboxMessage.id))) == 0
    assert db.get_one(StepWaiver, waiver.id).state is WaiverState.ASKED
    rules.answer(db, record_id, RETURNED, actor_id=team_id, now=NOW, word="Encore.")
    db.commit()
    mail = db.scalars(select(OutboxMessage)).one()
    assert (mail.context["word"], mail.next_try_at) == ("Encore.", NOW + rules.UNDO_FOR)
    with pytest.raises(Refused) as refused:
        rules.take_back(db, record_id, actor_id=team_id, now=NOW + rules.UNDO_FOR)
    assert refused.value.code == "too_late"


@pytest.mark.both_databases
def test_lines_answered_together_by_several_at_once_are_each_answered_once(
    app: Flask, db: Session, make: Factory, path: Path
) -> None:
    ids: list[UUID] = [wait(db, make, path).id for _ in range(8)]
    people = [make.user("facilitator").id for _ in range(AT_ONCE)]
    db.commit()
    counts: list[tuple[int, int]] = []

    def act(session: Session, number: int) -> None:
        turned = ids[number:] + ids[:number]
        counts.append(rules.validate_several(session, turned, actor_id=people[number], now=NOW))

    assert at_once(app, act) == ["done"] * AT_ONCE
    assert sum(done for done, _missed in counts) == 8
    assert states(db) == [VALIDATED] * 8
    assert db.scalar(select(func.count(OutboxMessage.id))) == 8


def test_lines_chosen_together_are_shown_once_more_and_taken_back_together(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    own = make_record(db, make_enrolment(db, team, path), steps_of(db, path)[0])
    first, second, other = wait(db, make, path), wait(db, make, path), wait(db, make, path, 1)
    alike = [str(first.id), str(second.id)]
    client.sign_in(team)
    url = "/a-traiter/ensemble"
    assert client.post(url).status_code == 422
    refused = client.post(url, data={"ligne": [*alike, str(other.id)]})
    assert (refused.status_code, "d’une même étape" in refused.text) == (422, True)
    asked = client.post(url, data={"ligne": [*alike, str(own.id)]})
    assert "Valider ces 2 étapes" in asked.text.replace("\u202f", " ")
    assert set(states(db)) == {DECLARED}  # asked, not done
    client.post(url, data={"ligne": [*alike, str(own.id)], "oui": "1"})
    assert states(db).count(VALIDATED) == 2
    assert own.state is DECLARED  # nobody validates themselves
    page = client.get("/a-traiter").text
    found = re.search(r'action="(/a-traiter/[0-9a-f-]{36}/annuler)"', page)
    assert found is not None
    assert "Annuler ces 2 réponses" in page.replace("\u00a0", " ")
    assert "2 étapes attendent de nouveau" in client.post(found[1], follow_redirects=True).text
    assert set(states(db)) == {DECLARED}


def test_the_queue_is_narrowed_by_path_step_age_and_cohort_and_stays_so_from_line_to_line(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    other = make_path(db, "autre")
    old, new = wait(db, make, path, days=9), wait(db, make, path, 1)
    there = wait(db, make, other, days=8)
    day = NOW.date()
    cohort = Cohort(path_id=other.id, title="Automne", starts_on=day, ends_on=day)
    cohort.facilitator_id = team.id
    db.add(cohort)
    db.flush()
    there.enrolment.cohort_id = cohort.id
    db.commit()
    client.sign_in(team)
    key = new.step.key
    for query, shown in (
        ("", {old, new, there}),
        ("etape=essai", {old, new}),
        (f"etape=essai:{key}", {new}),
        ("depuis=7", {old, there}),
        ("groupe=miens", {there}),
        (f"groupe={cohort.id}", {there}),
        ("etape=essai&depuis=7&groupe=miens", set()),
        ("depuis=%C2%B2&groupe=rien&etape=", {old, new, there}),
    ):
        html = client.get(f"/a-traiter?{query}").text
        assert {r for r in (old, new, there) if f"/a-traiter/{r.id}" in html} == shown, query
        told = re.search(r"(\d+) étapes? attend", html)
        assert (int(told[1]) if told else 0) == len(shown), query
    answer = client.post(f"/a-traiter/{old.id}?depuis=7", data={"reponse": "valider"})
    assert answer.location == f"/a-traiter/{there.id}?depuis=7"


def test_usual_words_are_written_into_the_answer_kept_exported_and_erased(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    record = wait(db, make, path)
    client.sign_in(team)
    assert client.post("/a-traiter/mots", data={"words": "a\n" * 3 + "b\nc"}).status_code == 302
    too_many = client.post("/a-traiter/mots", data={"words": "\n".join("abcdefghij")})
    assert (too_many.status_code, "Neuf mots au plus" in too_many.text) == (422, True)
    assert export(db, team.id)["words"] == ["a", "b", "c"]
    page = client.post(f"/a-traiter/{record.id}", data={"choisi": "b"}).text
    assert re.search(r"<textarea[^>]*>\s*b</textarea>", page)
    assert states(db) == [DECLARED]
    client.post(f"/a-traiter/{record.id}", data={"reponse": "retourner", "word": "Un mot neuf"})
    offered = rules.offered_words(db, team.id)
    assert (offered[:4], len(offered)) == (["a", "b", "c", "Un mot neuf"], 8)
    client.post("/a-traiter/raccourcis", data={"actifs": "non"})
    assert 'data-keys="off"' in client.get("/a-traiter").text
    assert export(db, team.id)["shortcuts"] is False
    erase(db, team.id)
    assert export(db, team.id) == {}


def test_a_picture_and_a_text_are_looked_at_on_the_page_and_nothing_else_is(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    learner = make.user(name="Ana")
    enrolment = make_enrolment(db, learner, path)
    one, two = steps_of(db, path)[:2]
    client.sign_in(learner)
    for step, name, data in ((one, "vue.png", PNG), (two, "notes.txt", b"<b>gras</b>")):
        url = f"/mes-parcours/{enrolment.id}/etapes/{step.id}"
        assert client.post(url, data={"file": (io.BytesIO(data), name)}).status_code == 302
    picture, text = db.scalars(select(StepRecord).order_by(StepRecord.declared_at)).all()
    looks = [f"/preuves/{one.id}/apercu" for one in (picture, text)]
    client.sign_in(make.user())
    assert client.get(looks[0]).status_code == 404
    client.sign_in(team)
    shown = client.get(looks[0])
    assert (shown.data, shown.mimetype) == (PNG, "image/png")
    assert "attachment" not in shown.headers["Content-Disposition"]
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert client.get(looks[1]).status_code == 404
    assert looks[0] in client.get(f"/a-traiter/{picture.id}").text
    assert "&lt;b&gt;gras&lt;/b&gt;" in client.get(f"/a-traiter/{text.id}").text


def test_one_reads_who_will_be_told_in_how_many_seconds_and_takes_back_an_answer_not_its_steps(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db, "elements-of-ai"))
    give_certificate(db, enrolment.id, link_of("ab3cd4ef5g"), now=NOW)
    db.commit()
    (line,) = list_narrowed(db, team.id, ALL, now=NOW)
    url = f"/a-traiter/{line.id}"
    html = client.sign_in(team).post(url, data={"reponse": "valider"}, follow_redirects=True).text
    assert re.search(r"La personne sera prévenue dans (2\d|30) secondes\.", html)
    assert "Annuler cette réponse" in html  # two steps, and one certificate read
    back = client.post(f"{url}/annuler")
    assert back.location == url
    assert "l’étape attend de nouveau" in client.get(url).text


@given(st.lists(st.floats(0, 29.9), max_size=4), st.integers(1, 3))
def test_the_seconds_left_are_those_of_the_last_answer_and_at_least_one(
    ages: list[float], people: int
) -> None:
    answered = [StepRecord(decided_at=NOW - timedelta(seconds=age)) for age in ages]
    left = rules.seconds_left(answered, NOW)
    assert 1 <= left <= 30
    assert abs(30 - min(ages, default=0) - left) <= 1
    words, _button = said.undo(1, people, left)
    unit = "seconde." if left == 1 else "secondes."
    assert words.endswith(f"dans {left} {unit}")
    assert words.startswith("La personne" if people == 1 else f"Ces {people} personnes")
