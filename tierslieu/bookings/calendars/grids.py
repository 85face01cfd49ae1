"""How the days of a week or a month are laid out in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tierslieu.bookings.calendars.queries import Block, Day


@dataclass(frozen=True)
class Cell:
    """A day of a grid; ``notes`` are a public holiday or the change of hour, in words."""

    day: date
    sessions: Day
    notes: Sequence[str]
    is_today: bool


@dataclass(frozen=True)
class WeekGrid:
    """A week by day and hour: a row for each hour at which something begins, and no other.

    ``from_before``: what began the evening before, day by day. ``hours``: (hour, the blocks that
    begin in it, day by day).
    """

    cells: Sequence[Cell]
    from_before: Sequence[Sequence[Block]]
    hours: Sequence[tuple[int, Sequence[Sequence[Block]]]]

    @property
    def has_from_before(self) -> bool:
        """Whether something goes on from one day into another."""
        return any(self.from_before)

    @property
    def has_more(self) -> bool:
        """Whether a day has more than its column can hold."""
        return any(cell.sessions.more for cell in self.cells)


def week_grid(
    days: Mapping[date, Day], notes: Mapping[date, Sequence[str]], today: date
) -> WeekGrid:
    """The seven days beside one another."""
    blocks = [day.blocks for day in days.values()]
    begun = [[b for b in of_day if not b.is_from_before] for of_day in blocks]
    hours = sorted({b.starts_local.hour for of_day in begun for b in of_day})
    return WeekGrid(
        [_cell(day, found, notes, today) for day, found in days.items()],
        [[b for b in of_day if b.is_from_before] for of_day in blocks],
        [
            (hour, [[b for b in of_day if b.starts_local.hour == hour] for of_day in begun])
            for hour in hours
        ],
    )


def month_grid(
    days: Mapping[date, Day], notes: Mapping[date, Sequence[str]], today: date
) -> list[tuple[date, list[Cell | None]]]:
    """The weeks of a month, each with its Monday; None for a day of another month."""
    first, last = min(days), max(days)
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= last:
        row = [monday + timedelta(days=n) for n in range(7)]
        cells = [_cell(day, days[day], notes, today) if day in days else None for day in row]
        weeks.append((monday, cells))
        monday += timedelta(days=7)
    return weeks


def _cell(day: date, found: Day, notes: Mapping[date, Sequence[str]], today: date) -> Cell:
    return Cell(day, found, notes.get(day, ()), day == today)
