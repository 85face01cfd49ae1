"""What the pages of signing take from the application."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import find_session
from tierslieu.attendance.signing.codes import Codes
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.settings import Settings


def codes() -> Codes:
    """The codes of this place."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return Codes(settings.secret_key)


def find_held(session_id: UUID) -> LearningSession:
    """The session. Raises :class:`NotYours`."""
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours
    return found
