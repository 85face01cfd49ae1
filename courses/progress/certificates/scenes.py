"""Two certificates in the demonstration, waiting to be opened."""

from __future__ import annotations

from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus
from courses.enrolments.queries import get_enrolments, list_enrolment_ids
from courses.progress.certificates.links import link_of
from courses.progress.certificates.queries import BY_DEFAULT, find_worth, list_fulfilled
from courses.progress.certificates.rules import give_certificate
from courses.progress.queries import find_standing_record
from tierslieu.clock import days
from tierslieu.house import Stage

CODES = ("k7v2m9x4qa", "3f8t1zc6wd0")


def play(db: Session, stage: Stage) -> None:
    """Of those who follow Elements of AI and are not at its end, two show their certificate."""
    codes = iter(CODES)
    for enrolment in get_enrolments(db, list_enrolment_ids(db, before=stage.today)):
        if (
            enrolment.status is not EnrolmentStatus.ACTIVE
            or not enrolment.path.slug.startswith(BY_DEFAULT)
            or enrolment.user_id in stage.props["facilitators"]
        ):
            continue
        steps = list_fulfilled(db, enrolment.version_id, find_worth(db, enrolment.path))
        if all(find_standing_record(db, enrolment.id, step.id) for step in steps):
            continue
        code = next(codes, None)
        if code is None:
            return
        give_certificate(db, enrolment.id, link_of(code), now=stage.today - days(1))
