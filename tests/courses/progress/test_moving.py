"""Going on in a newer version of a path."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.offers import research_rows
from courses.progress.models import RecordState, WaiverState
from courses.progress.moving import move_to_newest, plan_move
from courses.progress.offers import check_standing
from courses.progress.queries import count_waiting
from courses.progress.rules import compute_progress, decide
from courses.progress.waivers.queries import count_asked
from courses.progress.waivers.rules import ask_waiver, decide_waiver, grant_waiver
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, make_record, step_facts, steps_of
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.house import House

pytestmark = pytest.mark.both_databases
EMPTY = House(())
SECOND = [step_facts("B"), step_facts("A", title="Étape A, revue"), step_facts("D")]


def test_what_is_done_and_waived_goes_along_and_the_rest_stays_in_the_history(
    db: Session, make: Factory
) -> None:
    user, team = make.user(), make.user("facilitator")
    path = make_path(db, steps=[step_facts("A"), step_facts("B"), step_facts("C")])
    enrolment = make_enrolment(db, user, path)
    first, second, third = steps_of(db, path)
    for step in (first, third):
        record = make_record(db, enrolment, step)
        decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
    grant_waiver(
        db, enrolment.id, second.id, actor_id=team.id, now=NOW, house=EMPTY, reason="Sait faire."
    )
    db.commit()
    make_path(db, steps=SECOND)
    move = plan_move(db, enrolment)
    assert move is not None
    assert [s.key for s in move.kept] == ["b", "a"]
    assert ([s.key for s in move.new], [s.key for s in move.gone]) == (["d"], ["c"])
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW + timedelta(minutes=1))
    db.commit()
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert [(s.step.key, s.state) for s in progress.steps] == [
        ("b", "waived"),
        ("a", "done"),
        ("d", "todo"),
    ]
    assert progress.steps[1].step.title == "Étape A, revue"
    assert enrolment.events[-1].to_version is not None
    assert check_standing(db).broken == []
    assert plan_move(db, enrolment) is None


def test_going_on_is_no_change_of_status_for_who_studies_paths(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    make_path(db, steps=SECOND)
    before = list(research_rows(db, [user.id]))
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    assert len(list(research_rows(db, [user.id]))) == len(before)


def test_a_version_that_appeared_meanwhile_is_read_first(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    make_path(db, steps=SECOND)
    make_path(db, steps=[step_facts("Z")])
    with pytest.raises(Refused) as no:
        move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    assert no.value.code == "newer_still"
    db.rollback()
    assert enrolment.version.number == 1


def test_one_reads_what_changes_and_then_goes_on_or_not(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    client.sign_in(user)
    page = f"/mes-parcours/{enrolment.id}"
    assert client.get(f"{page}/version").location == page
    make_path(db, steps=SECOND)
    assert f'href="{page}/version"' in client.get(page).text
    html = client.get(f"{page}/version").text
    assert "Étape A, revue" in html
    assert "C · Étape C" in html.replace("\u00a0", " ")
    answer = client.post(f"{page}/version", data={"number": "2"}, follow_redirects=True)
    assert "Vous suivez maintenant la nouvelle version" in answer.text
    assert "Passé à la version 2" in answer.text


def test_nobody_moves_somebody_else(client: LookingClient, db: Session, make: Factory) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db))
    make_path(db, steps=SECOND)
    for role in ("learner", "facilitator"):
        client.sign_in(make.user(role))
        assert client.get(f"/mes-parcours/{enrolment.id}/version").status_code == 404


def test_a_step_that_was_gone_and_is_back_has_what_was_done_of_it(
    db: Session, make: Factory
) -> None:
    user, team = make.user(), make.user("facilitator")
    first = [step_facts("A"), step_facts("C")]
    path = make_path(db, steps=first)
    enrolment = make_enrolment(db, user, path)
    record = make_record(db, enrolment, steps_of(db, path)[1])
    decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
    db.commit()
    make_path(db, steps=[step_facts("A")])
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    db.commit()
    make_path(db, steps=first)
    move_to_newest(db, enrolment.id, 3, actor_id=user.id, now=NOW)
    db.commit()
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert [(s.step.key, s.state) for s in progress.steps] == [("a", "todo"), ("c", "done")]


def test_a_module_done_is_not_the_badge_that_took_its_place(db: Session, make: Factory) -> None:
    user, team = make.user(), make.user("facilitator")
    path = make_path(db, steps=[step_facts("A"), step_facts("B")])
    enrolment = make_enrolment(db, user, path)
    record = make_record(db, enrolment, steps_of(db, path)[0])
    decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
    db.commit()
    make_path(db, steps=[step_facts("A", kind="badge", badge="snt"), step_facts("B")])
    move = plan_move(db, enrolment)
    assert move is not None
    assert [s.key for s in move.kept] == ["b"]
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    db.commit()
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert [s.state for s in progress.steps] == ["todo", "todo"]


def test_what_waits_for_a_step_that_is_gone_waits_for_nobody(db: Session, make: Factory) -> None:
    user, team = make.user(), make.user("facilitator")
    path = make_path(db, steps=[step_facts("A"), step_facts("B"), step_facts("C")])
    enrolment = make_enrolment(db, user, path)
    first, second, _third = steps_of(db, path)
    make_record(db, enrolment, first)
    waiver = ask_waiver(db, enrolment.id, second.id, now=NOW, house=EMPTY, request="Je sais faire.")
    db.commit()
    assert (count_waiting(db, team.id), count_asked(db, team.id)) == (1, 1)
    make_path(db, steps=[step_facts("C")])
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    db.commit()
    assert (count_waiting(db, team.id), count_asked(db, team.id)) == (0, 0)
    assert waiver.reason == "Cette étape n’est plus du parcours suivi."


def test_a_waiver_of_a_step_that_is_gone_can_still_be_taken_back(
    db: Session, make: Factory
) -> None:
    user, team = make.user(), make.user("facilitator")
    path = make_path(db, steps=[step_facts("A"), step_facts("C")])
    enrolment = make_enrolment(db, user, path)
    waiver = grant_waiver(
        db,
        enrolment.id,
        steps_of(db, path)[0].id,
        actor_id=team.id,
        now=NOW,
        house=EMPTY,
        reason="Sait faire.",
    )
    db.commit()
    make_path(db, steps=[step_facts("C")])
    move_to_newest(db, enrolment.id, 2, actor_id=user.id, now=NOW)
    db.commit()
    taken = decide_waiver(
        db, waiver.id, WaiverState.TAKEN_BACK, actor_id=team.id, now=NOW, reason="Erreur."
    )
    assert taken.state is WaiverState.TAKEN_BACK
