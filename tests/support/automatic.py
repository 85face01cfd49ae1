"""A process that awards the automatic badges one by one, to be killed in its midst."""

from __future__ import annotations

from datetime import datetime
from threading import Event
from typing import Any

from tierslieu.settings import Settings


def work(settings: Settings, now: datetime) -> None:
    """Run the job with slices of one; after the second award, wait to be killed."""
    from badges.awards import issuing, jobs
    from tierslieu.app import create_app
    from tierslieu.db import db

    app = create_app(settings, TESTING=True)
    really_sign = issuing.sign_award
    signed = []

    def sign_and_wait(*args: Any, **kwargs: Any) -> str:
        if len(signed) == 2:
            Event().wait()  # for ever: the kill comes, and nothing of this one is written
        signed.append(1)
        return really_sign(*args, **kwargs)

    jobs.SLICE = 1
    issuing.sign_award = sign_and_wait
    with app.app_context():
        jobs.award_automatic(db.session(), app.extensions["tierslieu.house"], settings, now=now)
