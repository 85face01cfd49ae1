"""Where questions are asked and written: the blueprint, and what its pages look up."""

from __future__ import annotations

from flask import Blueprint, current_app

from courses.paths.models import Path
from courses.paths.queries import find_path
from courses.positioning.models import QuizVersion
from courses.positioning.queries import current_quiz
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.house import House

blueprint = Blueprint("positioning", __name__)


def the_house() -> House:
    """Every offer of every feature."""
    house: House = current_app.extensions["tierslieu.house"]
    return house


def path_of(slug: str) -> Path:
    """The path of that slug, or nothing is there."""
    path = find_path(db.session(), slug) if slug.isprintable() else None
    if path is None:
        raise NotYours
    return path


def quiz_of(path: Path) -> QuizVersion:
    """The questions asked now, or nothing is there."""
    version = current_quiz(db.session(), path.id)
    if version is None:
        raise NotYours
    return version
