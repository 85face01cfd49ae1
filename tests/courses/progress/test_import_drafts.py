"""Looking at a report before it is applied; how reports are read; what one is called elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.imports.models import (
    GradeImport,
    GradeImportLine,
    OutsideUsername,
    Provider,
)
from courses.progress.imports.rules import (
    apply_import,
    discard_import,
    draft_import,
    forget_imports,
    look_again,
)
from courses.progress.imports.usernames import declare_usernames
from tests.support.courses import (
    NOW,
    make_enrolment,
    make_path,
    steps_of,
)
from tests.support.factories import Factory
from tests.support.reports import NAME, QUIZ, bring, make_report, set_columns, standing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

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


def test_a_dry_run_writes_no_progress_and_applying_it_does_once(
    db: Session, path: Path, learner: User, team: User
) -> None:
    enrolment = make_enrolment(db, learner, path)
    data = make_report([{"email": learner.email, "grade": 1}, {"email": "x@y.fr", "grade": 1}])
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    assert standing(db, enrolment) == []
    assert (draft.changed, draft.unmatched, draft.lines) == (1, 1, 2)
    apply_import(db, draft.id, actor_id=team.id, now=NOW)
    db.commit()
    assert len(standing(db, enrolment)) == 2
    assert draft.content is None
    with pytest.raises(Refused) as refused:
        apply_import(db, draft.id, actor_id=team.id, now=NOW)
    assert refused.value.code == "already_applied"


def test_applying_looks_anew_at_who_follows_the_path(
    db: Session, path: Path, learner: User, team: User
) -> None:
    data = make_report([{"email": learner.email, "grade": 1}])
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    assert draft.changed == 0
    enrolment = make_enrolment(db, learner, path)
    apply_import(db, draft.id, actor_id=team.id, now=NOW)
    db.commit()
    assert len(standing(db, enrolment)) == 2


def test_a_dry_run_is_its_author_s(db: Session, path: Path, team: User, make: Factory) -> None:
    data = make_report([{"email": "x@y.fr", "grade": 1}])
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    other = make.user("facilitator").id
    for act in (apply_import, look_again):
        with pytest.raises(NotYours):
            act(db, draft.id, actor_id=other, now=NOW)
    with pytest.raises(NotYours):
        discard_import(db, draft.id, actor_id=other)


def test_new_settings_change_what_a_dry_run_foresees(
    db: Session, path: Path, learner: User, team: User
) -> None:
    make_enrolment(db, learner, path)
    data = make_report([{"email": learner.email, "grade": "0.4"}])
    draft = draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id)
    db.commit()
    assert draft.changed == 0
    set_columns(db, path, team, threshold=0.4)
    look_again(db, draft.id, actor_id=team.id, now=NOW)
    db.commit()
    assert (draft.changed, draft.lines) == (1, 1)


def test_a_file_of_errors_is_refused_and_writes_nothing(db: Session, path: Path) -> None:
    with pytest.raises(Refused) as refused:
        bring(db, path, b"Student ID,Username,Error\n1,a,0.9\n")
    assert refused.value.code == "report_errors"
    db.rollback()
    assert db.scalar(select(func.count()).select_from(GradeImport)) == 0


def test_after_a_day_dry_runs_are_forgotten_and_applied_ones_name_nobody(
    db: Session, path: Path, learner: User, team: User
) -> None:
    data = make_report([{"email": learner.email, "grade": 1}])
    drafts = [draft_import(db, path.id, data, NAME, now=NOW, actor_id=team.id).id for _ in range(2)]
    apply_import(db, drafts[0], actor_id=team.id, now=NOW)
    db.commit()
    assert forget_imports(db, NOW + timedelta(hours=23)) == 0
    assert forget_imports(db, NOW + timedelta(hours=25)) == 2
    db.commit()
    (left,) = db.scalars(select(GradeImport))
    assert (left.id, left.lines) == (drafts[0], 1)
    assert db.scalar(select(func.count()).select_from(GradeImportLine)) == 0


@pytest.mark.parametrize("threshold", [0, -0.1, 1.01, float("nan")])
def test_a_threshold_out_of_bounds_is_refused(
    db: Session, path: Path, team: User, threshold: float
) -> None:
    with pytest.raises(Refused) as refused:
        set_columns(db, path, team, threshold=threshold)
    assert (refused.value.code, refused.value.field) == ("bad_threshold", "threshold")


def test_a_column_is_about_a_graded_step_of_this_path_only(
    db: Session, path: Path, team: User
) -> None:
    onsite = steps_of(db, path)[2]
    for key in ("unknown", onsite.key):
        with pytest.raises(Refused) as refused:
            set_columns(db, path, team, columns={QUIZ: key})
        assert refused.value.code == "unknown_step"


def test_a_username_belongs_to_one_person_and_is_taken_back_by_leaving_it_empty(
    db: Session, learner: User, make: Factory
) -> None:
    declare_usernames(db, learner.id, {Provider.FUN: " Ines "}, now=NOW)
    db.commit()
    other = make.user()
    with pytest.raises(Refused) as refused:
        declare_usernames(db, other.id, {Provider.FUN: "iNES"}, now=NOW)
    assert (refused.value.code, refused.value.field) == ("username_taken", "fun")
    db.rollback()
    declare_usernames(db, other.id, {Provider.EDX: "ines"}, now=NOW)
    declare_usernames(db, learner.id, {Provider.FUN: ""}, now=NOW)
    db.commit()
    assert [one.provider for one in db.scalars(select(OutsideUsername))] == [Provider.EDX]


@pytest.mark.parametrize("text", ["a b", "<b>", "x" * 151, "a\nb"])
def test_what_is_no_username_is_refused_beside_its_field(
    db: Session, learner: User, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        declare_usernames(db, learner.id, {Provider.FUN: text}, now=NOW)
    assert (refused.value.code, refused.value.field) == ("bad_username", "fun")
