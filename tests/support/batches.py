"""Batches as tests need them: a badge for who attended nothing in particular, files, the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards import queries
from badges.awards.batches import jobs, rules
from badges.awards.batches.csv_lines import read_lines
from badges.awards.batches.queries import list_lines
from badges.awards.keys import Signer
from badges.awards.models import Award, AwardBatch, AwardBatchLine
from badges.designs.models import BadgeClass
from tests.support.badges import NOW, finish_path, house_here, make_path_badge, open_badges
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people.models import User


def csv_of(*rows: str, header: str = "e-mail;nom;note") -> bytes:
    """A file as a French spreadsheet saves it."""
    return "\r\n".join([header, *rows, ""]).encode("utf-8-sig")


def make_draft(db: Session, badge: BadgeClass, actor: User, data: bytes) -> AwardBatch:
    """The dry run of this file, committed."""
    batch = rules.draft_batch(
        db,
        badge.id,
        read_lines(data),
        house=house_here(),
        now=NOW,
        actor_id=actor.id,
        filename="liste.csv",
    )
    db.commit()
    return batch


def confirm(db: Session, batch: AwardBatch, actor: User, ground: str = "Vu à l’atelier.") -> None:
    """Its author says yes."""
    rules.confirm_batch(db, batch.id, ground=ground, now=NOW, actor_id=actor.id)
    db.commit()


def work(db: Session, signer: Signer, *, is_over: Callable[[], bool] = lambda: False) -> int:
    """The worker, until nothing is left."""
    with clock.fixed_at(NOW):
        return jobs.flow(db, signer, house_here(), is_over=is_over)


def addresses(count: int) -> Iterable[str]:
    """Addresses nobody here has."""
    return (f"inconnue{number}@example.org" for number in range(count))


def ids(people: Iterable[User]) -> list[UUID]:
    """Their identifiers."""
    return [person.id for person in people]


class Setting:
    """A badge, those who earned it, those who did not, and who gives it."""

    def __init__(self, db: Session, make: Factory) -> None:
        self.db = db
        self.signer = open_badges(db)
        self.team, self.other = make.user("facilitator"), make.user("facilitator")
        self.badge, self.path = make_path_badge(db)
        self.ready = [make.user(name=name) for name in ("Ada", "Bea", "Cleo")]
        for person in self.ready:
            finish_path(db, person, self.path, self.other)
        self.late = make.user(name="Dora")
        finish_path(db, self.late, self.path, self.other, steps=1)

    def draft(self, *rows: str) -> AwardBatch:
        return make_draft(self.db, self.badge, self.team, csv_of(*rows))

    def lines(self, batch: AwardBatch) -> list[AwardBatchLine]:
        self.db.rollback()
        return list(list_lines(self.db, batch.id, 0, 1000))

    def awards(self) -> list[Award]:
        self.db.rollback()
        return list(queries.list_all_awards(self.db))
