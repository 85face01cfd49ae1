"""Who follows what in the demonstration place."""

from __future__ import annotations

from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from courses.paths.queries import list_paths
from tierslieu.clock import days
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
