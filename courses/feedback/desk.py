"""Where reports on the courses are shown: the blueprint, and what its pages ask of the reader."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, request

from courses.feedback.models import FeedbackKind, FeedbackState
from courses.feedback.queries import Filter
from courses.paths.models import Path, Step
from courses.paths.queries import find_path, find_step
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.settings import Settings

blueprint = Blueprint("feedback", __name__)


def settings() -> Settings:
    """What this instance was told from outside."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found


def step_here(step_id: UUID) -> Step:
    """The step of this page."""
    step = find_step(db.session(), step_id)
    if step is None:
        raise NotYours
    return step


def path_here(slug: str) -> Path:
    """The path of this page."""
    path = find_path(db.session(), slug) if slug.isprintable() else None
    if path is None:
        raise NotYours
    return path


def state_of(text: str) -> FeedbackState | None:
    """The state of that code, or None."""
    return FeedbackState(text) if text in {state.value for state in FeedbackState} else None


def asked_filter() -> Filter:
    """The filter in the address; anything strange is no filter."""
    path, kind, state = (request.args.get(name, "") for name in ("parcours", "genre", "etat"))
    return Filter(
        path=path if path.isprintable() and find_path(db.session(), path) else None,
        kind=FeedbackKind(kind) if kind in {k.value for k in FeedbackKind} else None,
        state=state_of(state),
    )
