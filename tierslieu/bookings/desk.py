"""Where bookings are made and shown: the blueprint, and what its pages ask of the reader."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.people.models import FACILITATOR
from tierslieu.settings import Settings
from tierslieu.web.access import current_person_or_none

blueprint = Blueprint("bookings", __name__)
api_blueprint = Blueprint("bookings_api", __name__, url_prefix="/api/v1")  # for programs


def is_facilitator() -> bool:
    """Whether the reader is of the team that keeps the desk."""
    person = current_person_or_none()
    return person is not None and person.holds(FACILITATOR)


def base_url() -> str:
    """The public address of the place."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings.base_url
