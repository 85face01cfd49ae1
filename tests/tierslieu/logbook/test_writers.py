"""Many writers at once: one chain, no hole, no row twice, nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.db import lock_for_writing
from tierslieu.logbook.acts import Act
from tierslieu.logbook.checks import check_logbook
from tierslieu.logbook.models import LogEntry
from tierslieu.logbook.rules import note
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases

WRITERS, EACH = 6, 8


def test_writers_at_once_make_one_chain_in_the_order_of_their_commits(
    app: Flask, db: Session, make: Factory
) -> None:
    one, other = make.user().id, make.user().id
    db.rollback()
    begin = Barrier(WRITERS)

    def write(number: int) -> None:
        with app.app_context():
            session = database.session()
            begin.wait()
            for turn in range(EACH):
                lock_for_writing(session)
                # A row of their own first, then the end of the chain: never the other way round.
                locked = session.get_one(User, (one, other)[number % 2], with_for_update=True)
                note(session, Act.ROLE_GIVEN, subject_id=locked.id, actor_id=uuid4())
                note(session, Act.ROLE_TAKEN, subject_id=locked.id)
                if turn % 4 == 3:
                    session.rollback()  # what was not done is not written
                else:
                    session.commit()
            session.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, number) for number in range(WRITERS)]:
            done.result(timeout=60)
    db.rollback()
    expected = WRITERS * (EACH - EACH // 4) * 2
    assert db.scalar(select(func.count()).select_from(LogEntry)) == expected
    finding = check_logbook(db)
    assert list(finding.broken) == []
    assert finding.note.startswith(f"head {expected}:")
