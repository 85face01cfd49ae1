"""Reports in each state, for the demonstration place."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib.resources import files
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from courses.feedback.models import FeedbackKind, FeedbackState
from courses.feedback.rules import change_state, report
from courses.paths.queries import current_version, find_path
from tierslieu import clock
from tierslieu.clock import days
from tierslieu.house import Stage

CONFIRMED, SENT = FeedbackState.CONFIRMED, FeedbackState.SENT
FIXED, REFUSED = FeedbackState.FIXED, FeedbackState.REFUSED

WORDS = {
    CONFIRMED: ("Vu aussi de notre côté, merci.", "Reproduit en séance.", ""),
    SENT: ("Transmis avec les retours de la semaine.", ""),
    FIXED: ("Corrigé dans le cours, vérifié ce matin.",),
}
OFFICE = (9, 18)  # local hours between which somebody of the team answers


def _in_office(at: datetime) -> datetime:
    """The same day, at an hour when somebody is there to answer."""
    hour = clock.to_local(at).hour
    opens, closes = OFFICE
    if opens <= hour < closes:
        return at
    return at + timedelta(hours=opens + hour % (closes - opens) - hour)


def play(db: Session, stage: Stage) -> None:
    """Each report is made by a learner, and followed by facilitators, over the last weeks."""
    random = Random(f"{stage.seed}:feedback")  # noqa: S311 - a demonstration, not a secret
    learners, facilitators = stage.props["learners"], stage.props["facilitators"]
    mine = stage.props["people"]["learner@example.org"]
    for number, facts in enumerate(_read_reports()):
        path = find_path(db, facts["path"])
        version = current_version(db, path.id) if path else None
        if version is None:
            continue
        step, states = version.steps[facts["step"] - 1], facts["states"]
        at = stage.today - days(random.uniform(12, 40) if states else random.uniform(0.2, 6))
        found = report(
            db,
            mine if number in (0, 1) else random.choice(learners[2:]),
            step.id,
            kind=FeedbackKind(facts["kind"]),
            body=facts["body"],
            unit=step.units[facts["unit"] - 1] if facts["unit"] else "",
            location=facts["location"],
            now=at,
        )
        for state in map(FeedbackState, states):
            at = _in_office(at + days(random.uniform(1, 3.5)))
            change_state(
                db,
                found.id,
                state,
                actor_id=random.choice(facilitators),
                now=at,
                word=facts["why"] if state is REFUSED else random.choice(WORDS[state]),
            )


def _read_reports() -> list[dict[str, Any]]:
    text = files("courses.feedback").joinpath("demonstration.json").read_text("utf-8")
    reports: list[dict[str, Any]] = json.loads(text)["reports"]
    return reports
