"""Where paths are shown: the blueprint of the catalogue and of the pages that write it."""

from __future__ import annotations

from flask import Blueprint

from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person_or_none

blueprint = Blueprint("paths", __name__)


def is_of_the_team() -> bool:
    """Whether the reader writes paths."""
    person = current_person_or_none()
    return person is not None and person.holds(FACILITATOR)
