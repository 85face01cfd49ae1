"""Where progress is shown: the blueprint, and what its pages take from the application."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import find_enrolment_for
from courses.progress.gathering import compute_progress
from courses.progress.rules import Progress
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.house import House
from tierslieu.web.access import current_person

blueprint = Blueprint("progress", __name__)


def the_house() -> House:
    """Every offer of every feature."""
    house: House = current_app.extensions["tierslieu.house"]
    return house


def progress_of(*enrolments: Enrolment) -> dict[UUID, Progress]:
    """Where they stand, by enrolment id."""
    return compute_progress(db.session(), enrolments, the_house())


def own_enrolment(enrolment_id: UUID) -> Enrolment:
    """The reader's own, or nothing is there."""
    enrolment = find_enrolment_for(db.session(), current_person(), enrolment_id)
    if enrolment is None:
        raise NotYours
    return enrolment
