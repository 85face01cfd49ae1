"""Two workers, two devices at once: one invitation, one sheet, sent once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import (
    answers_for,
    happening,
    make_invitation,
    make_study,
    occasions,
    questionnaire_of,
    study_key,
)
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.surveys.models import Invitation, ResponseSheet
from tierslieu.surveys.rules import invite_due, save_page

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT_ONCE = 4


def at_once(app: Flask, do: Callable[[Session], object]) -> list[object]:
    """What each of several threads got, starting together, each with its own session."""
    start = threading.Barrier(AT_ONCE)
    got: list[object] = []

    def one() -> None:
        with app.app_context():
            start.wait()
            try:
                done = do(database.session())
                database.session.commit()
                got.append(done)
            except Refused as refused:
                database.session.rollback()
                got.append(refused.code)
            finally:
                database.session.remove()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_workers_at_the_same_happenings_invite_each_person_once(
    app: Flask, db: Session, make: Factory
) -> None:
    make_study(db)
    found = [happening(make.user(), at=NOW - timedelta(hours=1)) for _ in range(5)]
    got = at_once(app, lambda mine: len(invite_due(mine, occasions({"after_session": found}), NOW)))
    assert sorted(str(one) for one in got) == ["0", "0", "0", "5"]
    db.rollback()
    assert db.scalar(select(func.count()).select_from(Invitation)) == 5
    assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 5


def test_sending_from_several_devices_at_once_sends_once(
    app: Flask, db: Session, make: Factory
) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOW)
    asked, key, which = questionnaire_of(invitation), study_key(study), invitation.id
    save_page(db, which, key, 0, answers_for(asked, 0), now=NOW)
    db.commit()
    got = at_once(
        app, lambda mine: save_page(mine, which, key, 2, {"keeps": "x"}, now=NOW).is_submitted
    )
    assert sorted(str(one) for one in got) == ["True"] + ["already_answered"] * 3
    db.rollback()
    assert db.scalar(select(func.count()).select_from(ResponseSheet)) == 1


def test_beginning_on_two_devices_at_once_makes_one_sheet(
    app: Flask, db: Session, make: Factory
) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOW)
    asked, key, which = questionnaire_of(invitation), study_key(study), invitation.id
    db.rollback()
    values = answers_for(asked, 0)
    at_once(app, lambda mine: save_page(mine, which, key, 0, values, now=NOW).page)
    db.rollback()
    [sheet] = db.scalars(select(ResponseSheet))
    assert len(sheet.answers) == 3
