"""The worker makes the figures of the night, one page's at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.nightly import rules
from tierslieu.evaluation.nightly.making import make_content
from tierslieu.house import House, Job
from tierslieu.settings import Settings
from tierslieu.surveys.pseudonyms import find_key

NAME = "nightly_figures"


def make_due(db: Session, now: datetime) -> int:
    """Make what comes first of what is due; gives how many were made, one or none.

    Raises what kept it from being made: it is left alone for a while, and the next run goes on
    with the others.
    """
    settings: Settings = current_app.config["TIERSLIEU"]
    house: House = current_app.extensions["tierslieu.house"]
    keys = settings.keys
    name = rules.lease_next(db, now)
    if name is None:
        rules.forget_gone(db, now)
        db.commit()
        return 0
    db.commit()
    content = make_content(db, house, name, partial(find_key, keys), now=now)
    db.rollback()  # nothing was written, and reading may have taken minutes
    rules.keep_figures(db, name, content, made_at=now)
    db.commit()
    return 1


def _run(db: Session, now: datetime) -> int:
    return make_due(db, clock.now())


JOB = Job(NAME, timedelta(minutes=10), _run, goes_on=True, by_any_clock=True)
