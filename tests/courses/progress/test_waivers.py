"""A waiver: asked for, granted, refused, taken back, each with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.progress.models import RecordState, StepWaiver, WaiverState
from courses.progress.offers import erase_waivers, export_waivers
from courses.progress.rules import Progress, compute_progress, decide
from courses.progress.waivers.rules import ask_waiver, decide_waiver, grant_waiver
from tests.support.at_once import at_once
from tests.support.courses import NOW, make_enrolment, make_path, make_record, step_facts, steps_of
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases
EMPTY = House(())


class Case:
    """A path of which the second step needs the first; somebody on it; somebody of the team."""

    def __init__(self, db: Session, make: Factory) -> None:
        path = make_path(db, "prep", steps=[step_facts("P"), step_facts("A", needs=["p"])])
        self.db, self.user = db, make.user(name="Inès Roche")
        self.team = make.user("facilitator")
        self.enrolment = make_enrolment(db, self.user, path)
        self.first, self.second = steps_of(db, path)

    def ask(self, request: str = "J’ai une licence d’informatique.") -> StepWaiver:
        found = ask_waiver(
            self.db, self.enrolment.id, self.first.id, now=NOW, house=EMPTY, request=request
        )
        self.db.commit()
        return found

    def grant(self, reason: str = "Diplôme vu.", *, by: UUID | None = None) -> StepWaiver:
        found = grant_waiver(
            self.db,
            self.enrolment.id,
            self.first.id,
            actor_id=by or self.team.id,
            now=NOW,
            house=EMPTY,
            reason=reason,
        )
        self.db.commit()
        return found

    def decide(self, waiver: StepWaiver, state: WaiverState, reason: str = "Vu ensemble.") -> None:
        decide_waiver(self.db, waiver.id, state, actor_id=self.team.id, now=NOW, reason=reason)
        self.db.commit()

    def progress(self) -> Progress:
        return compute_progress(self.db, [self.enrolment], EMPTY)[self.enrolment.id]

    def states(self) -> list[str]:
        return [s.state for s in self.progress().steps]

    def mails(self) -> list[tuple[str, Any]]:
        found = self.db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()
        return [(m.recipient, m.context["state"]) for m in found if m.template == "progress_waiver"]


@pytest.fixture
def case(db: Session, make: Factory) -> Case:
    return Case(db, make)


def test_a_waiver_opens_what_was_locked_and_counts_as_nothing_done(case: Case) -> None:
    assert case.states() == ["todo", "locked"]
    waiver = case.ask()
    assert case.states() == ["todo", "locked"]
    case.decide(waiver, WaiverState.GRANTED)
    progress = case.progress()
    assert case.states() == ["waived", "todo"]
    assert (progress.done, progress.required) == (0, 1)
    assert progress.steps[0].label == "Vu ensemble."
    assert case.mails() == [(case.user.email, "granted")]


def test_a_waiver_that_is_taken_back_asks_the_step_again(case: Case) -> None:
    waiver = case.grant()
    case.decide(waiver, WaiverState.TAKEN_BACK, "Le diplôme portait sur autre chose.")
    assert case.states() == ["todo", "locked"]
    assert sorted(state for _who, state in case.mails()) == ["granted", "taken_back"]
    assert case.ask().state is WaiverState.ASKED  # one may ask anew


def test_a_refused_waiver_changes_nothing_and_says_why(case: Case) -> None:
    waiver = case.ask()
    case.decide(waiver, WaiverState.REFUSED, "Le contenu est différent de votre licence.")
    assert case.states() == ["todo", "locked"]
    assert case.mails() == [(case.user.email, "refused")]


def test_no_waiver_without_a_reason(case: Case) -> None:
    for reason in ("", "  \n"):
        with pytest.raises(Refused) as no:
            case.grant(reason)
        assert (no.value.code, no.value.field) == ("reason_missing", "reason")
        case.db.rollback()
    with pytest.raises(Refused) as asked:
        case.ask("  ")
    assert asked.value.code == "request_missing"


def test_nobody_waives_their_own_step(case: Case) -> None:
    with pytest.raises(Refused) as no:
        case.grant(by=case.user.id)
    assert no.value.code == "own_waiver"


def test_one_asks_once_and_granting_answers_what_was_asked(case: Case) -> None:
    waiver = case.ask()
    with pytest.raises(Refused) as twice:
        case.ask()
    assert twice.value.code == "waiver_asked"
    case.db.rollback()
    assert case.grant().id == waiver.id
    with pytest.raises(Refused) as again:
        case.grant()
    assert again.value.code == "waiver_granted"


def test_what_is_done_is_not_waived_and_stays_done(case: Case) -> None:
    case.grant()
    record = make_record(case.db, case.enrolment, case.first)
    decide(case.db, record.id, RecordState.VALIDATED, actor_id=case.team.id, now=NOW)
    case.db.commit()
    assert case.states() == ["done", "todo"]
    assert (case.progress().done, case.progress().required) == (1, 2)
    waiver = case.db.scalar(select(StepWaiver))
    assert waiver is not None
    case.decide(waiver, WaiverState.TAKEN_BACK)
    with pytest.raises(Refused) as no:
        case.grant()
    assert no.value.code == "already_done"


def test_a_waiver_asked_for_a_step_that_is_then_validated_waits_no_more(case: Case) -> None:
    waiver = case.ask()
    record = make_record(case.db, case.enrolment, case.first)
    decide(case.db, record.id, RecordState.VALIDATED, actor_id=case.team.id, now=NOW)
    case.db.commit()
    case.db.refresh(waiver)
    assert (waiver.state, waiver.reason) == (WaiverState.TAKEN_BACK, "L’étape est validée.")
    assert case.mails() == []


def test_a_step_of_another_path_is_not_there(case: Case) -> None:
    other = steps_of(case.db, make_path(case.db, "autre"))[0]
    with pytest.raises(NotYours):
        ask_waiver(
            case.db, case.enrolment.id, other.id, now=NOW, house=EMPTY, request="Je sais faire."
        )


def test_of_several_who_answer_at_once_one_is_heard(app: Flask, db: Session, make: Factory) -> None:
    case = Case(db, make)
    waiver_id, team_id = case.ask().id, case.team.id
    states = [WaiverState.GRANTED, WaiverState.REFUSED]

    def answer(session: Session, number: int) -> None:
        decide_waiver(
            session,
            waiver_id,
            states[number % 2],
            actor_id=team_id,
            now=NOW,
            reason=f"Réponse {number}",
        )

    outcomes = at_once(app, answer)
    assert sorted(outcomes).count("done") == 1
    assert set(outcomes) == {"done", "waiver_decided"}
    db.rollback()
    assert len(case.mails()) == 1


def test_a_person_reads_all_their_waivers_and_they_go_with_the_person(case: Case) -> None:
    case.ask("Parce que.")
    assert [
        (w["step"], w["state"], w["request"]) for w in export_waivers(case.db, case.user.id)
    ] == [("Étape P", "asked", "Parce que.")]
    erase_waivers(case.db, case.user.id)
    assert export_waivers(case.db, case.user.id) == []
