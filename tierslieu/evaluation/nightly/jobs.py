"""The worker makes the figures of the night, one page's at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.nightly import rules
from tierslieu.evaluation.nightly.making import make_content
from tierslieu.house import House, Job
from tierslieu.settings import Settings
from tierslieu.surveys.pseudonyms import has_key, read_key
from tierslieu.surveys.studies.opening import STUDY_SLUG

NAME = "nightly_figures"
_log = logging.getLogger(__name__)


def make_due(db: Session, now: datetime) -> int:
    """Make what comes first of what is due; gives how many were made, one or none.

    What cannot be made is said in the log and keeps nothing else back. Raises what kept all of it
    from being made.
    """
    settings: Settings = current_app.config["TIERSLIEU"]
    house: House = current_app.extensions["tierslieu.house"]
    folder = settings.keys_folder
    key = read_key(folder, STUDY_SLUG) if has_key(folder, STUDY_SLUG) else None
    failure = None
    for name in rules.list_due(db, now):
        try:
            content = make_content(db, house, name, key, now=now)
            db.rollback()  # nothing was written, and reading may have taken minutes
            rules.keep_figures(db, name, content, made_at=now)
            db.commit()
        except Exception as mistake:
            db.rollback()
            # Its type alone: its words may hold what somebody wrote.
            _log.error("figures were not made: %s", type(mistake).__name__)
            failure = mistake
        else:
            return 1
    if failure is not None:
        raise failure
    rules.forget_gone(db, now)
    db.commit()
    return 0


def _run(db: Session, now: datetime) -> int:
    return make_due(db, clock.now())


JOB = Job(NAME, timedelta(minutes=10), _run, goes_on=True, lease=timedelta(hours=1))
