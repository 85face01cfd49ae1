"""Two at the same instant: the place keeps an administrator, an address keeps one account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.people.models import Consent, ConsentKind, User
from tierslieu.people.queries import count_administrators
from tierslieu.people.rules import change_roles, create_user, give_consent

pytestmark = pytest.mark.both_databases


def at_once(app: Flask, *acts: Callable[[Session], object]) -> list[str]:
    """Do each act in a thread and a session of its own, all at once; what each met."""
    barrier = Barrier(len(acts))

    def play(act: Callable[[Session], object]) -> str:
        with app.app_context():
            session = database.session()
            session.execute(select(1))  # already reading, as a request is
            barrier.wait(timeout=20)
            try:
                act(session)
                session.commit()
            except Refused as refused:
                session.rollback()
                return refused.code
            finally:
                database.session.remove()
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(play, acts))


def test_two_administrators_cannot_each_remove_the_other(
    app: Flask, db: Session, make: Factory
) -> None:
    for _ in range(5):
        first, second = make.user("administrator").id, make.user("administrator").id
        db.rollback()
        met = at_once(
            app,
            lambda s, who=first: change_roles(s, who, take=["administrator"]),  # type: ignore[misc]
            lambda s, who=second: change_roles(s, who, take=["administrator"]),  # type: ignore[misc]
        )
        assert met == ["done", "last_administrator"]
        assert count_administrators(db) == 1
        (left,) = (u for u in (first, second) if db.get_one(User, u).holds("administrator"))
        db.get_one(User, left).roles = []
        db.commit()


def test_an_address_opened_four_times_at_once_is_one_account(app: Flask, db: Session) -> None:
    now = clock.now()

    def open_account(session: Session) -> None:
        create_user(session, email="ada@example.org", name="Ada", now=now)

    met = at_once(app, *[open_account] * 4)
    assert met == ["already_known"] * 3 + ["done"]
    assert db.scalar(select(func.count()).select_from(User)) == 1


def test_a_yes_said_four_times_at_once_is_one_yes(app: Flask, db: Session, make: Factory) -> None:
    user = make.user().id
    db.rollback()
    now = clock.now()

    def agree(session: Session) -> None:
        give_consent(session, user, ConsentKind.RESEARCH, now=now)

    assert at_once(app, *[agree] * 4) == ["done"] * 4
    assert db.scalar(select(func.count()).select_from(Consent)) == 1
