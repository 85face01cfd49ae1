"""People in a group of mutual aid, as tests need them; each call commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from courses.enrolments.models import Cohort
from courses.paths.models import Path
from tests.support.courses import make_enrolment, make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.community.aid.asks.rules import answer, ask_for_help
from tierslieu.community.aid.groups.queries import Group, Reader, reader_of
from tierslieu.community.aid.groups.rules import charter_number, join_aid
from tierslieu.community.aid.models import AidAsk, AidMessage, Notices
from tierslieu.people.models import User


class Aid:
    """A path with its group."""

    def __init__(self, db: Session, make: Factory, slug: str = "nsi") -> None:
        self.db, self.make = db, make
        self.path: Path = make_path(db, slug)
        self.keys = [step.key for step in steps_of(db, self.path)]

    def follower(self, *roles: str, name: str = "Camille Dubois") -> User:
        """Somebody who follows the path and did not join."""
        person = self.make.user(*roles, name=name)
        make_enrolment(self.db, person, self.path)
        return person

    def member(
        self, name: str = "Camille Dubois", *, notices: Notices = Notices.NONE, now: datetime = NOW
    ) -> User:
        """Somebody who follows the path and joined under their whole name."""
        person = self.follower(name=name)
        self.join(person, notices=notices, now=now)
        return person

    def join(self, person: User, *, notices: Notices = Notices.NONE, now: datetime = NOW) -> None:
        """This person agrees to the charter in force."""
        join_aid(
            self.db,
            person.id,
            shown_name=person.name,
            accepts=charter_number(self.db),
            notices=notices,
            now=now,
        )
        self.db.commit()

    def reader(self, person: User) -> Reader:
        """This person as mutual aid sees them now."""
        return reader_of(self.db, person)

    def ask(
        self,
        person: User,
        title: str = "Qui peut m’aider sur la récursivité ?",
        *,
        cohort: Cohort | None = None,
        now: datetime = NOW,
        **more: Any,
    ) -> AidAsk:
        """A question to the group of the path, or of a cohort."""
        values = {"words": "Ma fonction ne s’arrête pas.", "step_key": "", **more}
        ask = ask_for_help(
            self.db,
            self.reader(person),
            Group(self.path, cohort),
            title=title,
            steps=self.keys,
            now=now,
            **values,
        )
        self.db.commit()
        return ask

    def answer(
        self, person: User, ask: AidAsk, words: str = "Je peux aider.", *, now: datetime = NOW
    ) -> AidMessage:
        """An answer in a thread."""
        message = answer(self.db, self.reader(person), ask.id, words, now=now)
        self.db.commit()
        return message
