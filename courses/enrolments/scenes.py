"""Who follows what in the demonstration place."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.cohorts.rules import CohortPlan, join_cohort, open_cohort
from courses.enrolments.queries import list_following
from courses.enrolments.rules import enrol
from courses.paths.queries import list_paths
from tierslieu.clock import days, to_local
from tierslieu.house import Stage
from tierslieu.people.models import Profile


def play(db: Session, stage: Stage) -> None:
    """Most learners follow one path made for people like them, some follow two."""
    random = Random(f"{stage.seed}:enrolments")  # noqa: S311 - a demonstration, not a secret
    people, paths = stage.props["people"], list_paths(db)
    by_slug = {path.slug: path.id for path in paths}
    learners: list[UUID] = stage.props["learners"]
    made = [
        (people["learner@example.org"], by_slug["snt"], 38),
        (people["learner@example.org"], by_slug["ai4t"], 70),
        (people["learner2@example.org"], by_slug["nsi"], 61),
    ]
    for user_id in learners[2:]:
        if random.random() < 0.12:
            continue  # came to a session, follows no path
        profile = db.get(Profile, user_id)
        audience = profile.audience.value if profile else "anybody"
        suited = [path.id for path in paths if audience in path.audiences]
        for path_id in random.sample(suited, 2 if random.random() < 0.18 else 1):
            made.append((user_id, path_id, random.randint(3, 90)))
    stage.props["enrolments"] = [
        enrol(db, user_id, path_id, now=stage.today - days(ago)).id
        for user_id, path_id, ago in made
    ]
    _open_cohort(db, stage, by_slug["snt"])


def _open_cohort(db: Session, stage: Stage, path_id: UUID) -> None:
    """Every second person on this path goes on with a cohort."""
    today = to_local(stage.today).date()
    cohort = open_cohort(
        db,
        path_id,
        CohortPlan(
            title="Automne",
            starts_on=today - timedelta(days=40),
            ends_on=today + timedelta(days=30),
            facilitator_id=stage.props["facilitators"][0],
            forum_url="https://example.org/forum/snt-automne",
            note="On se retrouve en ligne un jeudi sur deux, à 18 h.",
            is_open=True,
        ),
        now=stage.today - days(45),
    )
    followers = list_following(db, path_id, offset=0, limit=100)
    for enrolment in followers[::2]:
        join_cohort(db, enrolment.id, cohort.id, now=stage.today, by_team=True)
