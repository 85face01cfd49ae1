"""One's own page of attention costs what is one's own, however many others the place has."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW
from tests.tierslieu.support.attention.test_rules import (
    WEEK,
    attended,
    both,
    house_of,
    silent_one,
)
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Presence
from tierslieu.support.attention.speaking import listen


@both
def test_of_one_alone_nobody_elses_absences_are_read(
    app: Flask, db: Session, make: Factory
) -> None:
    own, others = silent_one(db, make, 1), [silent_one(db, make, 1) for _number in range(3)]
    for ago in (2 * WEEK, 4 * WEEK):
        for one in (own, *others):
            attended(db, one, ago, Presence.ABSENT)
    db.commit()
    own_id = own.id
    db.expunge_all()
    read: list[LearningSession] = []

    def note(session: LearningSession, _context: object) -> None:
        read.append(session)

    event.listen(LearningSession, "load", note)
    try:
        found = listen(db, house_of(app), NOW, [own_id])
    finally:
        event.remove(LearningSession, "load", note)
    assert list(found) == [own_id]
    assert len(read) == 2, "the two that this person missed"
