"""Where enrolments are shown: the blueprint, and the reader's own."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import find_enrolment_for
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.web.access import current_person

blueprint = Blueprint("enrolments", __name__)


def own_enrolment(enrolment_id: UUID) -> Enrolment:
    """The reader's own, or nothing is there."""
    enrolment = find_enrolment_for(db.session(), current_person(), enrolment_id)
    if enrolment is None:
        raise NotYours
    return enrolment
