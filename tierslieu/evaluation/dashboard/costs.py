"""What the place costs for each hour and each person, by calendar year, as accounts are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.attendance.held import Held, count_held
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.evaluation.dashboard.models import PlaceCost
from tierslieu.evaluation.disclosure import STAFF

FIRST_YEAR = 2000
MOST = 20_000_000 * 100  # cents


@dataclass(frozen=True)
class YearCost:
    """A calendar year: what it cost (euros, None: not entered), how many hours were attended by
    how many people. Both None where the people are too few; 0 where nobody came."""

    year: int
    euros: float | None
    note: str
    hours: float | None
    people: int | None

    @property
    def per_hour(self) -> float | None:
        """Euros for an hour of one person."""
        return self.euros / self.hours if self.euros is not None and self.hours else None

    @property
    def per_person(self) -> float | None:
        """Euros for each person who came."""
        return self.euros / self.people if self.euros is not None and self.people else None


def list_costs(db: Session) -> list[PlaceCost]:
    """What was entered, the latest year first."""
    return list(db.scalars(select(PlaceCost).order_by(PlaceCost.year.desc())))


# Hours attended in a year by how many people; both None where the people are too few.
ShownHeld = tuple[float | None, int | None]


def compute_costs(db: Session, held: Mapping[int, ShownHeld] | None = None) -> list[YearCost]:
    """Each year whose cost was entered, the latest first. ``held``: what was measured before, by
    year; what is missing there is measured now."""
    known = held or {}
    return [
        _cost_of(one, known[one.year] if one.year in known else measure_held(db, one.year))
        for one in list_costs(db)
    ]


def measure_held(db: Session, year: int) -> ShownHeld:
    """What was held in a calendar year, as it may be shown."""
    held = _held_in(db, year)
    return (None, None) if 0 < held.people < STAFF.respondents else (held.hours, held.people)


def find_cost(db: Session, year: int) -> tuple[PlaceCost, Held] | None:
    """What was entered for a year, and what was held in it; None where nothing was entered.

    As they are: what is shown of it is for the caller to protect.
    """
    found = db.scalar(select(PlaceCost).where(PlaceCost.year == year))
    return (found, _held_in(db, year)) if found is not None else None


def _held_in(db: Session, year: int) -> Held:
    first, following = (
        clock.to_utc(datetime(number, 1, 1))  # noqa: DTZ001 - wall time
        for number in (year, year + 1)
    )
    return count_held(db, first, following)


def _cost_of(cost: PlaceCost, held: ShownHeld) -> YearCost:
    return YearCost(cost.year, cost.cents / 100, cost.note, *held)


def save_cost(db: Session, year: int, cents: int | None, note: str, *, now: datetime) -> None:
    """Enter what a year cost, or enter it anew; ``cents`` None takes it away.

    Raises :class:`Refused` for a year that is to come or long past, for nothing and for too much.
    """
    if not FIRST_YEAR <= year <= clock.to_local(now).year:
        raise Refused(
            _("Cette année n’est pas possible : indiquez une année passée ou celle en cours."),
            code="bad_year",
            field="year",
            status=422,
        )
    if cents is not None and not 0 < cents <= MOST:
        raise Refused(
            _("Ce montant n’est pas possible : indiquez plus de 0 et 20 millions d’euros au plus."),
            code="bad_amount",
            field="amount",
            status=422,
        )
    lock_for_writing(db)
    found = db.scalar(select(PlaceCost).where(PlaceCost.year == year).with_for_update())
    if cents is None:
        if found is not None:
            db.delete(found)
    elif found is None:
        db.add(PlaceCost(year=year, cents=cents, note=note, entered_at=now))
    else:
        found.cents, found.note, found.entered_at = cents, note, now
    db.flush()
