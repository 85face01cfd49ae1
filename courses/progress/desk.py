"""Where progress is shown: the blueprint, and what its pages take from the application."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app

from courses.enrolments.models import Enrolment
from courses.progress.gathering import compute_progress
from courses.progress.rules import Progress
from tierslieu.db import db
from tierslieu.house import House
from tierslieu.settings import Settings

blueprint = Blueprint("progress", __name__)


def the_house() -> House:
    """Every offer of every feature."""
    house: House = current_app.extensions["tierslieu.house"]
    return house


def the_settings() -> Settings:
    """The place's settings."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def progress_of(*enrolments: Enrolment) -> dict[UUID, Progress]:
    """Where they stand, by enrolment id."""
    return compute_progress(db.session(), enrolments, the_house())
