"""A certificate given by its link: shape, one person's, confirmed by the team, for all steps."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.progress.answering import rules as answering
from courses.progress.answering.queries import ALL, count_narrowed, list_narrowed
from courses.progress.certificates.links import link_of, read_link
from courses.progress.certificates.models import OutsideCertificate
from courses.progress.certificates.offers import erase, export
from courses.progress.certificates.rules import give_certificate
from courses.progress.models import RecordSource, RecordState, StepRecord, StepWaiver, WaiverState
from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage

SLUG, CODE = "elements-of-ai", "ab3cd4ef5g"
VALIDATED, RETURNED, DECLARED = RecordState.VALIDATED, RecordState.RETURNED, RecordState.DECLARED


@given(st.from_regex(r"\A[a-z0-9]{10,11}\Z"), st.sampled_from(["", "/", "?lang=fr", "/?a=b#c"]))
def test_a_link_is_read_whatever_follows_its_id(code: str, rest: str) -> None:
    assert read_link(f" HTTPS://Certificates.MOOC.fi/validate/{code}{rest}\n") == code


@pytest.mark.parametrize(
    "link",
    [
        "",
        CODE,
        f"http://certificates.mooc.fi/validate/{CODE}",
        f"https://certificates.mooc.fi.example.org/validate/{CODE}",
        f"https://a@certificates.mooc.fi/validate/{CODE}",
        f"https://certificates.mooc.fi:444/validate/{CODE}",
        f"https://certificates.mooc.fi/validate/{CODE.upper()}",
        "https://certificates.mooc.fi/validate/abc",
        f"https://certificates.mooc.fi/validate/{CODE}xy",
        f"https://certificates.mooc.fi/validate/x/{CODE}",
        "https://[certificates.mooc.fi/validate/",
        "https://certificates.mooc.fi/validate/٣٣٣٣٣٣٣٣٣٣",
    ],
)
def test_a_link_that_is_another_is_refused(app: Flask, link: str) -> None:
    with app.test_request_context(), pytest.raises(Refused) as refused:
        read_link(link)
    assert (refused.value.code, refused.value.field) == ("bad_certificate", "link")


@pytest.mark.both_databases
def test_a_certificate_is_one_line_whose_answer_is_that_of_every_step(
    db: Session, make: Factory
) -> None:
    path, team = make_path(db, SLUG), make.user("facilitator").id
    enrolment = make_enrolment(db, make.user(), path)
    enrolment_id, user_id = enrolment.id, enrolment.user_id
    give_certificate(db, enrolment_id, link_of(CODE), now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        give_certificate(db, enrolment_id, link_of(CODE), now=NOW)
    assert refused.value.code == "certificate_given"
    (line,) = list_narrowed(db, team, ALL, now=NOW)
    assert (line.source, line.state) == (RecordSource.CERTIFICATE, DECLARED)  # never by itself
    line_id = line.id
    for step in steps_of(db, path)[:2]:
        db.add(StepWaiver(enrolment_id=enrolment_id, step_id=step.id, asked_at=NOW))
    db.commit()
    answering.answer(db, line_id, VALIDATED, actor_id=team, now=NOW)
    db.commit()
    assert _states(db) == [VALIDATED, VALIDATED]  # the online ones; not the half-day
    assert set(db.scalars(select(StepWaiver.state))) == {WaiverState.TAKEN_BACK}
    assert db.scalar(select(func.count(OutboxMessage.id))) == 1
    (told,) = export(db, user_id)["certificates"]
    assert (told["id"], told["state"]) == (CODE, "validated")
    answering.take_back(db, line_id, actor_id=team, now=NOW)
    db.commit()
    assert _states(db) == [DECLARED, DECLARED]
    assert set(db.scalars(select(StepWaiver.state))) == {WaiverState.ASKED}
    answering.answer(db, line_id, RETURNED, actor_id=team, now=NOW, word="Un autre nom.")
    db.commit()
    # Returned, it is free for whose it is; the answer can be taken back no more.
    other = make_enrolment(db, make.user(), path).id
    give_certificate(db, other, link_of(CODE), now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        answering.take_back(db, line_id, actor_id=team, now=NOW)
    assert refused.value.code == "certificate_taken"
    erase(db, user_id)
    assert export(db, user_id)["certificates"] == []


@pytest.mark.both_databases
def test_of_people_who_give_one_certificate_at_once_one_has_it(
    app: Flask, db: Session, make: Factory
) -> None:
    path = make_path(db, SLUG)
    ids: list[UUID] = [make_enrolment(db, make.user(), path).id for _ in range(AT_ONCE)]
    db.commit()
    outcomes = at_once(app, lambda s, n: give_certificate(s, ids[n], link_of(CODE), now=NOW))
    assert sorted(outcomes) == ["certificate_taken"] * (AT_ONCE - 1) + ["done"]
    assert db.scalar(select(func.count(OutsideCertificate.id))) == 1
    assert len(_states(db)) == 2


def test_a_certificate_is_given_on_a_page_refused_to_a_second_person_whom_the_team_sees(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path, team = make_path(db, SLUG), make.user("facilitator", name="Nadia Benali")
    ana, zoe = make.user(name="Ana Certaine"), make.user(name="Zoé Seconde")
    mine, hers = make_enrolment(db, ana, path), make_enrolment(db, zoe, path)
    step = steps_of(db, path)[0]
    client.sign_in(ana)
    page = f"/mes-parcours/{mine.id}/certificat"
    assert page in client.get(f"/mes-parcours/{mine.id}/etapes/{step.id}").text
    assert client.post(page, data={"link": "https://example.org/x"}).status_code == 422
    assert client.post(page, data={"link": link_of(CODE)}).status_code == 302
    client.sign_in(zoe)
    assert client.get(page).status_code == 404
    refused = client.post(f"/mes-parcours/{hers.id}/certificat", data={"link": link_of(CODE)})
    assert (refused.status_code, "Ana" in refused.text) == (422, False)
    assert "déjà été donné ici" in refused.text
    client.sign_in(team)
    assert count_narrowed(db, team.id, ALL, now=NOW) == 1
    (line,) = list_narrowed(db, team.id, ALL, now=NOW)
    url = f"/a-traiter/{line.id}"
    html = client.get(url).text
    assert f'href="{link_of(CODE)}" target="_blank" rel="noopener noreferrer"' in html
    assert "Zoé Seconde" in html
    together = client.post("/a-traiter/ensemble", data={"ligne": [str(line.id)]})
    assert together.status_code == 422  # opened one by one
    client.post(url, data={"reponse": "valider"})
    shown = client.sign_in(ana).get(f"/mes-parcours/{mine.id}/etapes/{step.id}").text
    assert f"un certificat (certificat {CODE})" in shown
    assert "Nadia Benali" in shown
    # Validated long ago or not, the team sees that two gave it, until somebody has settled it.
    queue = client.sign_in(team).get("/a-traiter").text
    assert "Zoé Seconde" in queue
    [settle] = re.findall(r"/a-traiter/certificats/[0-9a-f-]+/regle", queue)
    assert client.sign_in(zoe).post(settle).status_code == 403
    client.sign_in(team).post(settle)
    assert "Zoé Seconde" not in client.get("/a-traiter").text
    assert client.post(settle).status_code == 404


def test_what_a_certificate_is_worth_is_a_setting_of_the_path(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path, learner = make_path(db, "essai"), make.user()
    enrolment, step = make_enrolment(db, learner, path), steps_of(db, path)[1]
    url = f"/mes-parcours/{enrolment.id}/certificat"
    assert client.sign_in(learner).get(url).status_code == 404
    client.sign_in(make.user("facilitator"))
    settings = "/parcours/essai/certificats"
    assert client.post(settings, data={"fulfils": "rien de tel"}).status_code == 422
    assert client.post(settings, data={"fulfils": step.key}).status_code == 302
    client.sign_in(learner).post(url, data={"link": link_of(CODE)})
    assert db.scalars(select(StepRecord.step_id)).all() == [step.id]
    again = client.post(url, data={"link": link_of("zz3cd4ef5g")})
    assert "attendent déjà ou sont faites" in again.text


def test_what_one_declared_already_keeps_its_own_line(db: Session, make: Factory) -> None:
    path = make_path(db, SLUG)
    enrolment = make_enrolment(db, make.user(), path)
    own = make_record(db, enrolment, steps_of(db, path)[0])
    give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    db.commit()
    waiting = list_narrowed(db, make.user("facilitator").id, ALL, now=NOW)
    assert {one.source for one in waiting} == {RecordSource.DECLARED, RecordSource.CERTIFICATE}
    assert own.proof == ""


def _states(db: Session) -> list[RecordState]:
    db.rollback()
    return list(db.scalars(select(StepRecord.state).order_by(StepRecord.id)))
