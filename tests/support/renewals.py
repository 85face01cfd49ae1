"""A badge valid for a year, and what is done with it, as tests of its end need it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.making import Recipient, draft_awards, record_awards, remember
from badges.awards.models import Award
from badges.awards.renewals import jobs as renewal_jobs
from badges.awards.renewals.terms import WINDOW
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_path_badge,
    open_badges,
)
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

END = NOW.replace(year=2027)  # of what is awarded NOW for twelve months
OPENS = END - WINDOW
SECOND = timedelta(seconds=1)


class Place:
    """A badge valid for a year, and Ada who earned it."""

    def __init__(self, db: Session, make: Factory, **changes: Any) -> None:
        self.db, self.make = db, make
        self.signer = open_badges(db)
        self.team, self.other = make.user("facilitator"), make.user("facilitator")
        self.ada = make.user(name="Ada Lovelace")
        self.badge, self.path = make_path_badge(db, **{"valid_months": 12, **changes})
        finish_path(db, self.ada, self.path, self.other)

    def give(
        self, now: datetime = NOW, person: User | None = None, badge: BadgeClass | None = None
    ) -> Award:
        made = rules.award(
            self.db,
            (badge or self.badge).id,
            (person or self.ada).id,
            self.signer,
            house=house_here(),
            now=now,
            actor_id=self.team.id,
        )
        self.db.commit()
        return made

    def leave_waiting(self, email: str, now: datetime = NOW) -> Award:
        """An award for who has no account."""
        badge = get_badge(self.db, self.badge.id)
        assert badge is not None
        told = remember(badge, self.signer)
        recipient = Recipient(None, email, "", ["Vue à l’atelier."])
        (draft,) = draft_awards(
            self.db, badge, [recipient], self.signer, now=now, actor_id=self.team.id
        )
        for refusal in record_awards(self.db, badge.id, [draft], told=told, now=now).values():
            raise refusal
        self.db.commit()
        return draft

    def refused(self, now: datetime, **who: Any) -> Refused:
        with pytest.raises(Refused) as refused:
            self.give(now, **who)
        self.db.rollback()
        return refused.value

    def mails(self, template: str) -> list[OutboxMessage]:
        self.db.rollback()
        query = select(OutboxMessage).where(OutboxMessage.template == template)
        return list(self.db.scalars(query.order_by(OutboxMessage.created_at)))

    def tell(self, now: datetime) -> int:
        self.db.rollback()
        return renewal_jobs.tell_endings(self.db, now)
