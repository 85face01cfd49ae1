"""Where following a person is shown: one blueprint for all its rooms."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.settings import Settings
from tierslieu.web.access import current_person

blueprint = Blueprint("support", __name__)


def settings() -> Settings:
    """What this place is told from outside."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found


def attendee() -> tuple[str, str]:
    """The reader's name and address."""
    person = current_person()
    return person.name, person.email
