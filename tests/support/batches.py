"""Batches as tests need them: a badge for who attended nothing in particular, files, the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.batches import jobs, rules
from badges.awards.batches.csv_lines import read_lines
from badges.awards.keys import Signer
from badges.awards.models import AwardBatch
from badges.designs.models import BadgeClass
from tests.support.badges import NOW, house_here
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
