"""The same rule by several at the same instant, in threads of one application."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask
from sqlalchemy.orm import Session

from tierslieu.db import db as database
from tierslieu.errors import Refused

AT_ONCE = 6


def at_once(app: Flask, act: Callable[[Session, int], object]) -> list[str]:
    """Run ``act`` in several threads started together; gives ``done`` or the refusal's code."""
    barrier, outcomes = Barrier(AT_ONCE), [""] * AT_ONCE

    def run(number: int) -> None:
        with app.app_context():
            session = database.session()
            barrier.wait(timeout=30)
            try:
                act(session, number)
                session.commit()
                outcomes[number] = "done"
            except Refused as refused:
                session.rollback()
                outcomes[number] = refused.code
            finally:
                database.session.remove()

    threads = [Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes
