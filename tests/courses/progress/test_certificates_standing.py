"""What a certificate becomes when reports, new versions, other paths and other people come by."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.progress.answering import rules as answering
from courses.progress.answering.queries import ALL, list_narrowed
from courses.progress.certificates.links import link_of
from courses.progress.certificates.models import CertificateClash, OutsideCertificate
from courses.progress.certificates.offers import export
from courses.progress.certificates.rules import give_certificate, note_clash, settle_clash
from courses.progress.models import RecordSource, RecordState
from courses.progress.moving import move_to_newest
from courses.progress.queries import list_records
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.reports import QUIZ, bring, make_report, set_columns
from tierslieu.clock import days
from tierslieu.errors import Refused

SLUG, CODE = "elements-of-ai", "ab3cd4ef5g"
VALIDATED, RETURNED, DECLARED = RecordState.VALIDATED, RecordState.RETURNED, RecordState.DECLARED


@pytest.mark.both_databases
def test_a_report_that_attests_a_step_leaves_the_certificate_to_be_read_for_the_others(
    db: Session, make: Factory
) -> None:
    path, team, learner = make_path(db, SLUG), make.user("facilitator"), make.user()
    enrolment = make_enrolment(db, learner, path)
    first, second, _on_site = steps_of(db, path)
    give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    db.commit()
    assert [one.step_id for one in list_narrowed(db, team.id, ALL, now=NOW)] == [first.id]
    set_columns(db, path, team, columns={QUIZ: first.key})
    bring(db, path, make_report([{"email": learner.email, "grade": "0", QUIZ: "1"}], QUIZ))
    (line,) = list_narrowed(db, team.id, ALL, now=NOW)
    assert line.step_id == second.id
    answering.answer(db, line.id, RETURNED, actor_id=team.id, now=NOW, word="Un autre nom.")
    db.commit()
    # The report said nothing of the certificate: returned, it is free for whose it is.
    assert _states(db, enrolment.id) == [VALIDATED, RETURNED]
    assert db.scalar(select(OutsideCertificate.state)) is RETURNED
    other = make_enrolment(db, make.user(), path)
    give_certificate(db, other.id, link_of(CODE), now=NOW)
    db.commit()


@pytest.mark.both_databases
def test_a_certificate_whose_every_step_was_attested_otherwise_is_said_to_need_no_reading(
    db: Session, make: Factory
) -> None:
    path, team, learner = make_path(db, SLUG), make.user("facilitator"), make.user()
    enrolment = make_enrolment(db, learner, path)
    give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    db.commit()
    assert export(db, learner.id)["certificates"][0]["state"] == "declared"
    bring(db, path, make_report([{"email": learner.email, "grade": "0.9"}]), team=team)
    assert list_narrowed(db, team.id, ALL, now=NOW) == []
    assert export(db, learner.id)["certificates"][0]["state"] == "unneeded"


@pytest.mark.both_databases
def test_a_certificate_given_again_in_a_new_version_shows_the_steps_that_came(
    db: Session, make: Factory
) -> None:
    path, team, learner = make_path(db, SLUG), make.user("facilitator"), make.user()
    enrolment = make_enrolment(db, learner, path)
    give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    db.commit()
    make_path(db, SLUG, steps=[step_facts("D"), step_facts("E")])
    move_to_newest(db, enrolment.id, 2, actor_id=learner.id, now=NOW)
    db.commit()
    assert list_narrowed(db, team.id, ALL, now=NOW) == []  # its steps are gone
    give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    db.commit()
    (line,) = list_narrowed(db, team.id, ALL, now=NOW)
    assert line.step.key == "d"
    with pytest.raises(Refused) as refused:
        give_certificate(db, enrolment.id, link_of(CODE), now=NOW)
    assert refused.value.code == "certificate_given"
    answering.answer(db, line.id, VALIDATED, actor_id=team.id, now=NOW)
    db.commit()
    assert set(_states(db, enrolment.id)) == {VALIDATED}
    assert len(export(db, learner.id)["certificates"]) == 1


@pytest.mark.both_databases
def test_a_certificate_is_read_for_each_path_and_returned_in_one_it_still_stands_in_the_other(
    db: Session, make: Factory
) -> None:
    team, learner = make.user("facilitator"), make.user()
    mine = [make_enrolment(db, learner, make_path(db, slug)) for slug in (SLUG, f"{SLUG}-suite")]
    for n, enrolment in enumerate(mine):
        give_certificate(db, enrolment.id, link_of(CODE), now=NOW + days(n))
    db.commit()
    first, second = (one.id for one in list_narrowed(db, team.id, ALL, now=NOW))
    answering.answer(db, first, VALIDATED, actor_id=team.id, now=NOW)
    db.commit()
    assert _states(db, mine[1].id) == [DECLARED, DECLARED]
    later = NOW + days(2)
    answering.answer(
        db, second, RETURNED, actor_id=team.id, now=later, word="C’est celui d’un autre cours."
    )
    db.commit()
    other = make_enrolment(db, make.user(), mine[0].path)
    with pytest.raises(Refused) as refused:
        give_certificate(db, other.id, link_of(CODE), now=later)
    assert refused.value.code == "certificate_taken"
    db.rollback()
    assert len(answering.take_back(db, second, actor_id=team.id, now=later)) == 2
    db.commit()
    assert _states(db, mine[0].id) == [VALIDATED, VALIDATED]
    assert _states(db, mine[1].id) == [DECLARED, DECLARED]
    assert export(db, learner.id)["certificates"][0]["state"] == "validated"


def test_who_gave_a_certificate_does_not_say_whose_it_is(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path, ana = make_path(db, SLUG), make.user("facilitator", name="Ana Certaine")
    zoe, team = make.user("facilitator", name="Zoé Seconde"), make.user("facilitator")
    give_certificate(db, make_enrolment(db, ana, path).id, link_of(CODE), now=NOW)
    note_clash(db, link_of(CODE), zoe.id, now=NOW)
    db.commit()
    clash_id = db.scalars(select(CertificateClash.id)).one()
    for one in (ana, zoe):
        page = client.sign_in(one).get("/a-traiter").text
        assert "C’est vous qui l’avez donné" in page
        assert "/regle" not in page
        client.post(f"/a-traiter/certificats/{clash_id}/regle")
        assert "quelqu’un d’autre de l’équipe dira à qui il est" in client.get("/a-traiter").text
        with pytest.raises(Refused) as refused:
            settle_clash(db, clash_id, actor_id=one.id)
        assert refused.value.code == "own_clash"
        db.rollback()
    client.sign_in(team).post(f"/a-traiter/certificats/{clash_id}/regle")
    assert "Zoé Seconde" not in client.get("/a-traiter").text


def test_once_returned_the_clash_says_who_may_give_it_and_ends_when_they_do(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path, team = make_path(db, SLUG), make.user("facilitator")
    ana, zoe = make.user(name="Ana Certaine"), make.user(name="Zoé Seconde")
    give_certificate(db, make_enrolment(db, ana, path).id, link_of(CODE), now=NOW)
    note_clash(db, link_of(CODE), zoe.id, now=NOW)
    db.commit()
    (line,) = list_narrowed(db, team.id, ALL, now=NOW)
    assert line.source is RecordSource.CERTIFICATE
    client.sign_in(team).post(f"/a-traiter/{line.id}", data={"reponse": "retourner", "word": "Non"})
    page = client.get("/a-traiter").text
    assert re.search(r"retourné à Ana Certaine\. Zoé Seconde, qui l’a donné aussi", page)
    give_certificate(db, make_enrolment(db, zoe, path).id, link_of(CODE), now=NOW)
    db.commit()
    assert "Ana Certaine" not in client.get("/a-traiter").text
    assert db.scalars(select(CertificateClash.id)).all() == []


def _states(db: Session, enrolment_id: UUID) -> list[RecordState]:
    """What each step's line became, in the order of the steps."""
    db.rollback()
    found = sorted(list_records(db, [enrolment_id]), key=lambda one: one.step.position)
    return [one.state for one in found]
