"""Transactions: one that will write says so, and reads nothing stale."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.db import lock_for_writing
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


def test_what_was_read_before_the_lock_is_read_again(
    db: Session, app: Flask, make: Factory
) -> None:
    user = make.user(name="Avant")
    assert db.get_one(User, user.id).name == "Avant"
    with app.app_context():
        database.session.get_one(User, user.id).name = "Après"
        database.session.commit()
    lock_for_writing(db)
    assert db.get_one(User, user.id).name == "Après"


def test_a_read_that_turns_into_a_write_does_not_fail_on_its_old_snapshot(
    db: Session, app: Flask, make: Factory
) -> None:
    user = make.user(name="Avant")
    assert db.get_one(User, user.id).name == "Avant"
    with app.app_context():
        database.session.get_one(User, user.id).email = "autre@example.org"
        database.session.commit()
    user.name = "Après"
    db.commit()
    db.expire_all()
    assert (user.name, user.email) == ("Après", "autre@example.org")


def test_locking_with_changes_pending_is_refused(db: Session, make: Factory) -> None:
    user = make.user()
    user.name = "Perdu"
    with pytest.raises(RuntimeError):
        lock_for_writing(db)
