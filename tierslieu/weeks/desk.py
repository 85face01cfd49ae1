"""Where weeks are shown: the blueprint, and what its pages ask of the reader."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person_or_none
from tierslieu.weeks.models import Week
from tierslieu.weeks.queries import find_week

blueprint = Blueprint("weeks", __name__)


def is_facilitator() -> bool:
    """Whether the reader is of the team, who sees drafts too."""
    person = current_person_or_none()
    return person is not None and person.holds(FACILITATOR)


def week_here(week_id: UUID) -> Week:
    """The week of this page, if the reader may see it."""
    found = find_week(db.session(), week_id, with_drafts=is_facilitator())
    if found is None:
        raise NotYours
    return found
