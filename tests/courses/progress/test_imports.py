"""What a grade report changes: who it is about, what is validated, once."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.rules import change_status
from courses.paths.models import Path, StepKind
from courses.progress.imports.models import (
    Outlook,
    Provider,
)
from courses.progress.imports.queries import list_lines
from courses.progress.imports.rules import (
    draft_import,
    import_file,
)
from courses.progress.imports.usernames import declare_usernames
from courses.progress.models import RecordSource, RecordState
from courses.progress.queries import list_records
from courses.progress.rules import decide
from tests.support.courses import (
    NOW,
    counted_queries,
    make_enrolment,
    make_path,
    make_record,
    step_facts,
    steps_of,
)
from tests.support.factories import Factory
from tests.support.reports import NAME, QUIZ, bring, make_report, one, set_columns, standing
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import OtherAddress, User

pytestmark = pytest.mark.both_databases


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def learner(make: Factory) -> User:
    return make.user(email="ines@example.org", name="Inès Roche")


def test_the_final_grade_validates_every_online_step_with_source_proof_actor_state_and_time(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    counts = bring(
        db, path, make_report([{"email": "Ines@Example.org", "grade": "0.5"}]), team=team
    )
    assert counts == {
        "lines": 1, "matched": 1, "unmatched": 0, "changed": 1, "unchanged": 0, "errors": 0
    }  # fmt: skip
    records = list_records(db, [enrolment.id])
    assert sorted(r.step_id for r in records) == sorted(
        s.id for s in steps_of(db, path) if s.kind is StepKind.ONLINE
    )
    for record in records:
        assert record.source is RecordSource.GRADE_REPORT
        assert record.proof == f"{NAME}, ligne 2\u00a0: 50\u00a0%"
        assert (record.brought_by_id, record.decided_by_id) == (team.id, team.id)
        assert record.state is RecordState.VALIDATED
        assert record.declared_at == record.decided_at == NOW


def test_the_same_file_twice_changes_nothing(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    data = make_report([{"email": learner.email, "grade": 1}])
    assert bring(db, path, data, team=team)["changed"] == 1
    before = [(r.id, r.decided_at, r.proof) for r in list_records(db, [enrolment.id])]
    again = bring(db, path, data, team=team)
    assert (again["changed"], again["unchanged"]) == (0, 1)
    assert [(r.id, r.decided_at, r.proof) for r in list_records(db, [enrolment.id])] == before


def test_a_grade_below_the_threshold_changes_nothing_and_takes_nothing_back(
    db: Session, path: Path, learner: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    assert one(db, path, email=learner.email, grade="0.499")["changed"] == 0
    assert standing(db, enrolment) == []
    one(db, path, email=learner.email, grade="0.5")
    had = standing(db, enrolment)
    one(db, path, email=learner.email, grade="0")
    assert standing(db, enrolment) == had != []


def test_the_threshold_is_that_of_the_path(
    db: Session, path: Path, team: User, learner: User
) -> None:
    make_enrolment(db, learner, path)
    set_columns(db, path, team, threshold=0.6)
    assert one(db, path, email=learner.email, grade="0.59")["changed"] == 0
    assert one(db, path, email=learner.email, grade="60 %")["changed"] == 1


def test_a_step_with_a_column_of_its_own_is_validated_by_that_column_alone(
    db: Session, path: Path, team: User, make: Factory
) -> None:
    first, second, _onsite = steps_of(db, path)
    set_columns(db, path, team, columns={QUIZ: first.key})
    low, high = (make_enrolment(db, make.user(), path) for _ in range(2))
    data = make_report(
        [
            {"email": low.user.email, "grade": "0.9", QUIZ: "0.2"},
            {"email": high.user.email, "grade": "0.1", QUIZ: "0.6"},
        ],
        QUIZ,
    )
    bring(db, path, data)
    assert [r.step_id for r in list_records(db, [low.id])] == [second.id]
    (record,) = list_records(db, [high.id])
    assert record.step_id == first.id
    assert record.proof.endswith(f"ligne 3, {QUIZ}\u00a0: 60\u00a0%")


def test_a_score_that_does_not_read_is_an_error_of_its_line_alone(
    db: Session, path: Path, team: User, make: Factory
) -> None:
    set_columns(db, path, team, columns={QUIZ: steps_of(db, path)[0].key})
    bad, good = (make_enrolment(db, make.user(), path) for _ in range(2))
    data = make_report(
        [
            {"email": bad.user.email, "grade": 1, QUIZ: "bien"},
            {"email": good.user.email, "grade": 1, QUIZ: 1},
        ],
        QUIZ,
    )
    counts = bring(db, path, data)
    assert (counts["errors"], counts["changed"]) == (1, 1)
    assert standing(db, bad) == []


def test_any_proved_address_of_a_person_matches_and_one_not_proved_does_not(
    db: Session, path: Path, learner: User
) -> None:
    make_enrolment(db, learner, path)
    db.add(OtherAddress(user_id=learner.id, email="ines@ecole.example", proved_at=NOW))
    db.add(OtherAddress(user_id=learner.id, email="autre@ecole.example"))
    db.commit()
    assert one(db, path, email="autre@ecole.example", grade=1)["unmatched"] == 1
    assert one(db, path, email="INES@ecole.example", grade=1)["changed"] == 1


def test_a_declared_username_matches_whatever_its_capitals_and_for_its_provider_alone(
    db: Session, path: Path, team: User, learner: User
) -> None:
    make_enrolment(db, learner, path)
    declare_usernames(db, learner.id, {Provider.FUN: "Inès_R"}, now=NOW)
    db.commit()
    set_columns(db, path, team, provider=Provider.EDX)
    assert one(db, path, username="INÈS_r", grade=1)["unmatched"] == 1
    set_columns(db, path, team, provider=Provider.FUN)
    assert one(db, path, username="INE\u0300S_r", grade=1)["changed"] == 1


def test_an_address_is_believed_before_a_username(
    db: Session, path: Path, learner: User, make: Factory
) -> None:
    other = make_enrolment(db, make.user(), path)
    mine = make_enrolment(db, learner, path)
    declare_usernames(db, learner.id, {Provider.FUN: "shared"}, now=NOW)
    db.commit()
    one(db, path, email=other.user.email, username="shared", grade=1)
    assert standing(db, mine) == []
    assert standing(db, other) != []


def test_people_of_one_name_and_addresses_that_differ_by_a_plus_are_told_apart(
    db: Session, path: Path, make: Factory
) -> None:
    emails = ("zoe.lebreton@example.org", "zoe.lebreton+nsi@example.org", "zoe@xn--xemple-9ua.fr")
    people = [make.user(email=email, name="Zoé Le Breton") for email in emails]
    enrolments = [make_enrolment(db, person, path) for person in people]
    lines = [
        {"email": "ZOE.LEBRETON+NSI@example.org", "grade": "0.9"},
        {"email": "zoe.lebreton@example.org", "grade": "0.1"},
        {"email": "Zoe@éxemple.fr", "grade": "0.8"},
    ]
    assert bring(db, path, make_report(lines))["changed"] == 2
    assert [bool(standing(db, one)) for one in enrolments] == [False, True, True]


def test_a_name_never_matches(db: Session, path: Path, learner: User) -> None:
    make_enrolment(db, learner, path)
    assert one(db, path, username="Inès Roche", grade=1)["unmatched"] == 1


def test_whoever_does_not_follow_the_path_is_told_and_left(
    db: Session, path: Path, learner: User, make: Factory, team: User
) -> None:
    stopped = make_enrolment(db, learner, path)
    draft = draft_import(
        db, path.id, make_report([{"email": make.user().email, "grade": 1}]), NAME,
        now=NOW, actor_id=team.id,
    )  # fmt: skip
    db.commit()
    (line,) = list_lines(db, draft.id, outlook=Outlook.UNCHANGED, offset=0, limit=9)
    assert line.words == "ne suit pas ce parcours"
    stop(db, stopped)
    assert one(db, path, email=learner.email, grade=1)["unchanged"] == 1
    assert standing(db, stopped) == []


def stop(db: Session, enrolment: Enrolment) -> None:
    from courses.enrolments.models import EnrolmentStatus, StopReason

    change_status(
        db, enrolment.id, EnrolmentStatus.STOPPED, actor_id=enrolment.user_id, now=NOW,
        cause=StopReason.TIME,
    )  # fmt: skip
    db.commit()


def test_of_two_lines_for_one_person_the_better_counts_and_both_say_so(
    db: Session, path: Path, learner: User, team: User
) -> None:
    make_enrolment(db, learner, path)
    declare_usernames(db, learner.id, {Provider.FUN: "ines"}, now=NOW)
    db.commit()
    data = make_report(
        [{"email": learner.email, "grade": "0.2"}, {"username": "ines", "grade": "0.8"}]
    )
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    lines = list_lines(db, draft.id, outlook=None, offset=0, limit=9)
    assert [line.outlook for line in lines] == [Outlook.UNCHANGED, Outlook.CHANGED]
    assert "une autre ligne de la même personne" in lines[0].words
    assert "l’identifiant qu’elle a déclaré" in lines[1].words


def test_who_left_the_course_is_said_so_and_keeps_what_they_passed(
    db: Session, path: Path, learner: User, team: User
) -> None:
    make_enrolment(db, learner, path)
    data = make_report([{"email": learner.email, "grade": 1, "status": "unenrolled"}])
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    (line,) = list_lines(db, draft.id, outlook=Outlook.CHANGED, offset=0, limit=9)
    assert line.words.endswith("n’est plus inscrite au cours")


def test_a_declared_step_that_waits_is_validated_with_the_report_as_its_proof_and_told_by_mail(
    db: Session, path: Path, learner: User, team: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    record = make_record(db, enrolment, steps_of(db, path)[0])
    bring(db, path, make_report([{"email": learner.email, "grade": 1}]), team=team)
    db.refresh(record)
    assert record.state is RecordState.VALIDATED
    assert record.source is RecordSource.DECLARED
    assert record.proof.startswith(NAME)
    assert (record.decided_by_id, record.evidence_text) == (team.id, "Voici mon travail.")
    mails = db.scalars(select(OutboxMessage).where(OutboxMessage.recipient == learner.email)).all()
    assert [m.template for m in mails if m.template == "progress_answered"] == ["progress_answered"]
    assert len(standing(db, enrolment)) == 2


def test_a_returned_step_is_validated_by_a_new_line_and_the_first_stays_as_history(
    db: Session, path: Path, learner: User, team: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    record = make_record(db, enrolment, steps_of(db, path)[0])
    decide(db, record.id, RecordState.RETURNED, actor_id=team.id, now=NOW, word="À revoir.")
    db.commit()
    one(db, path, email=learner.email, grade=1)
    states = sorted(state for _place, state, _source in standing(db, enrolment))
    assert states == ["returned", "validated", "validated"]


def test_nobody_validates_their_own_steps_with_a_report(
    db: Session, path: Path, team: User
) -> None:
    enrolment = make_enrolment(db, team, path)
    data = make_report([{"email": team.email, "grade": 1}])
    assert bring(db, path, data, team=team)["unchanged"] == 1
    assert standing(db, enrolment) == []


def test_many_lines_take_few_queries(db: Session, path: Path, make: Factory) -> None:
    people = [make_enrolment(db, make.user(), path).user.email for _ in range(30)]

    def counted(emails: list[str]) -> int:
        data = make_report([{"email": email, "grade": 1} for email in emails])
        with counted_queries(db) as seen:
            import_file(db, path.id, data, NAME, now=NOW, is_applied=True)
        db.rollback()
        return len(seen)

    assert counted(people) == counted(people[:2]) <= 8


def test_a_step_locked_or_optional_is_validated_all_the_same(db: Session, learner: User) -> None:
    path = make_path(
        db, "verrou", steps=[step_facts("A", kind="exercise"), step_facts("B", needs=["a"])]
    )
    enrolment = make_enrolment(db, learner, path)
    one(db, path, email=learner.email, grade=1)
    assert [place for place, _state, _source in standing(db, enrolment)] == [2]
