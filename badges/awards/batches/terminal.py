"""Awarding from a CSV file in a terminal: the same dry run, the same slices, no worker needed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.batches import jobs, rules
from badges.awards.batches.csv_lines import read_lines
from badges.awards.batches.queries import report
from badges.awards.keys import Signer
from tierslieu import clock
from tierslieu.house import House

# Lines that became what was asked, or were so before: a second run of the same file is well.
WELL = frozenset({"awarded", "claimable", "held", "waiting"})


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    data: bytes
    filename: str
    session_id: UUID | None
    actor_id: UUID | None
    ground: str
    dry_run: bool


def award_file(
    db: Session, badge_id: UUID, order: Order, signer: Signer, house: House
) -> dict[str, int]:
    """Award the badge to every line that may have it; the counts of :func:`report`.

    A dry run writes nothing and counts what would be. Raises :class:`Refused` as the rules do,
    with nothing written.
    """
    batch_id = rules.draft_batch(
        db,
        badge_id,
        read_lines(order.data),
        house=house,
        now=clock.now(),
        actor_id=order.actor_id,
        filename=order.filename,
        session_id=order.session_id,
    ).id
    counts = report(db, batch_id, foreseen=True)
    if order.dry_run or not counts["awarded"] + counts["claimable"]:
        db.rollback()
        return counts
    rules.confirm_batch(db, batch_id, ground=order.ground, now=clock.now(), actor_id=order.actor_id)
    jobs.flow(db, signer, house, is_over=lambda: False, batch_id=batch_id)
    return report(db, batch_id)


def is_well(counts: dict[str, int]) -> bool:
    """Whether every line was awarded, would be, or is held."""
    return all(name in WELL or name == "lines" or not count for name, count in counts.items())
