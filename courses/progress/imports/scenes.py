"""A grade report in the demonstration: looked at by a facilitator, not applied yet."""

from __future__ import annotations

import csv
import io

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.enrolments.queries import get_enrolments, list_enrolment_ids
from courses.progress.imports.models import Provider
from courses.progress.imports.rules import draft_import
from courses.progress.imports.usernames import declare_usernames
from tierslieu.clock import days
from tierslieu.house import Stage

SLUG, MODULES, LEARNERS = "nsi", ("Quiz 1: Bloc 1", "Quiz 2: Bloc 2"), 8
GRADES = ("0.82", "0.41", "0.5", "0.97", "0.0", "0.63", "Not Attempted", "0.74")


def play(db: Session, stage: Stage) -> None:
    """A report of FUN with people of here, a stranger, and a line that does not read."""
    facilitator = stage.props["facilitators"][0]
    learner = stage.props["people"]["learner@example.org"]
    declare_usernames(db, learner, {Provider.FUN: "ines_r"}, now=stage.today - days(20))
    followers = [
        enrolment
        for enrolment in get_enrolments(db, list_enrolment_ids(db, before=stage.today))
        if enrolment.path.slug == SLUG
        and enrolment.status is not EnrolmentStatus.STOPPED
        and enrolment.user_id != facilitator
    ][:LEARNERS]
    if followers:
        draft_import(
            db,
            followers[0].path_id,
            _report(followers),
            f"inria_41029_session01_grade_report_{stage.today:%Y-%m-%d}-0830.csv",
            now=stage.today,
            actor_id=facilitator,
        )


def _report(followers: list[Enrolment]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    columns = ("Student ID", "Email", "Username", "Grade", *MODULES, "Enrollment Status")
    writer.writerow(columns)
    for number, (one, grade) in enumerate(zip(followers, GRADES, strict=False), start=1):
        quizzes = (grade, "Not Attempted")
        writer.writerow((number, one.user.email, f"fun{number}", grade, *quizzes, "enrolled"))
    writer.writerow((90, "", "ines_r", "0.66", "0.66", "0.66", "enrolled"))
    writer.writerow((91, "ailleurs@example.org", "ailleurs", "0.9", "0.9", "0.9", "unenrolled"))
    writer.writerow((92, "casse@example.org", "casse", "bien", "0.9", "0.9", "enrolled"))
    return out.getvalue().encode()
