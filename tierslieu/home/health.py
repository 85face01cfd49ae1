"""Whether the place is well: asked by ``/healthz``, by monitors, by ``make run``."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tierslieu import clock
from tierslieu.clockwork import WorkerBeat
from tierslieu.db import db
from tierslieu.house import Check, House
from tierslieu.schema import current_revision, newest_revision

WORKER_SILENT_AFTER = timedelta(minutes=3)


def ask_health() -> dict[str, str]:
    """What is wrong, by name; empty if all is well. Needs an application context."""
    wrong: dict[str, str] = {}
    try:
        db.session.execute(text("SELECT 1"))
        if current_revision() != newest_revision():
            return {"migrations": "the database is not up to date"}
    except SQLAlchemyError as error:
        return {"database": type(error).__name__}
    heart = db.session.get(WorkerBeat, "worker")
    if heart is None or heart.at < clock.now() - WORKER_SILENT_AFTER:
        wrong["worker"] = "the background worker is silent"
    house: House = current_app.extensions["tierslieu.house"]
    for check in house.all(Check):
        if check.is_vital and (said := check.ask(db.session(), clock.now())):
            wrong[check.name] = said
    return wrong
