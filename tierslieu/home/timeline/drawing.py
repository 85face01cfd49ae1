"""The geometry of the picture: lines of things over at most a dozen spans of time. Pure.

Places along the line are percentages, so that the same picture fits a phone and a sheet of paper;
heights are pixels, so that words keep their size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tierslieu.home.timeline.gathering import Moment, Timeline
from tierslieu.home.timeline.phases import Phase
from tierslieu.web.formats import month_abbr

MOST_COLUMNS = 12
LEAST_COLUMNS = 3
# Months a column may hold. Each divides the year or is made of whole ones: columns begin with the
# school year.
SPANS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240)
TOP, LINE, FOOT = 58, 44, 40


@dataclass(frozen=True)
class Dot:
    """The events of a line in a column: where, how many, whether some are past or to come."""

    x: float
    count: int
    has_past: bool
    has_next: bool


@dataclass(frozen=True)
class Lane:
    """A line of the picture."""

    label: str
    y: int
    dots: Sequence[Dot]
    past: int
    ahead: int


@dataclass(frozen=True)
class Column:
    """A span of time; ``label`` may be empty where the neighbour's takes the room."""

    x: float
    label: str
    year: str


@dataclass(frozen=True)
class Band:
    """A phase over its columns."""

    phase: Phase
    x: float
    width: float


@dataclass(frozen=True)
class Picture:
    """All that is drawn. ``today``: where today is; None outside. Lengths along the line in
    percent, heights in pixels."""

    height: int
    lanes: Sequence[Lane]
    columns: Sequence[Column]
    bands: Sequence[Band]
    today: float
    first: date
    last: date


def draw(timeline: Timeline, labels: Mapping[str, str]) -> Picture | None:
    """The picture of these moments, today within it; None where there is nothing to draw."""
    moments = timeline.moments
    if not moments:
        return None
    days = [*(one.day for one in moments), timeline.today]
    starts, months = _columns(min(days), max(days))
    edges = [_day_of(start) for start in (*starts, starts[-1] + months)]
    width = 100 / len(starts)

    def column_of(day: date) -> int:
        return (_number_of(day) - starts[0]) // months

    def place_of(day: date) -> float:
        index = column_of(day)
        length = (edges[index + 1] - edges[index]).days
        return width * (index + (day - edges[index]).days / length)

    lanes: list[Lane] = []
    by_line: dict[str, list[Moment]] = defaultdict(list)
    for one in moments:
        by_line[one.line].append(one)
    for line, label in labels.items():
        found = by_line.get(line, [])
        if not found:
            continue
        past = Counter(column_of(one.day) for one in found if one.at <= timeline.now)
        ahead = Counter(column_of(one.day) for one in found if one.at > timeline.now)
        dots = [
            Dot(round(width * (n + 0.5), 2), past[n] + ahead[n], bool(past[n]), bool(ahead[n]))
            for n in sorted(past.keys() | ahead.keys())
        ]
        y = TOP + LINE * len(lanes)
        lanes.append(Lane(label, y, dots, past.total(), ahead.total()))
    return Picture(
        height=TOP + LINE * len(lanes) + FOOT,
        lanes=lanes,
        columns=_labelled(starts, months, width),
        bands=_bands(timeline, edges, width) if timeline.has_phases else [],
        today=round(place_of(timeline.today), 2),
        first=min(days),
        last=max(days),
    )


def _number_of(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def _day_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _columns(first: date, last: date) -> tuple[list[int], int]:
    """The first month of each column, and how many months each holds."""
    since, until = _number_of(first), _number_of(last)
    for months in SPANS:
        start = since - (since - 8) % months  # September is month 8 of its year
        count = (until - start) // months + 1
        if count <= MOST_COLUMNS:
            break
    short = max(0, LEAST_COLUMNS - count)
    start = max(12, start - months * (short // 2))  # the first month that a calendar has
    return [start + months * n for n in range(max(count, LEAST_COLUMNS))], months


def _labelled(starts: Sequence[int], months: int, width: float) -> list[Column]:
    """Each second column has its month where there are many; the year stands where it changes."""
    step = 2 if len(starts) > 6 else 1
    columns, year = [], 0
    for n, start in enumerate(starts):
        day = _day_of(start)
        is_shown = n % step == 0
        label = ""
        if is_shown:
            label = str(day.year) if months >= 12 else month_abbr(day)
        told = str(day.year) if is_shown and months < 12 and day.year != year else ""
        year = day.year if is_shown else year
        columns.append(Column(round(width * n, 2), label, told))
    return columns


def _bands(timeline: Timeline, edges: Sequence[date], width: float) -> list[Band]:
    """The phase in which each column ends, neighbours of one phase together."""
    bands: list[Band] = []
    for n, edge in enumerate(edges[1:]):
        phase = timeline.borders.phase_of(edge - timedelta(days=1))
        if bands and bands[-1].phase is phase:
            last = bands[-1]
            bands[-1] = Band(phase, last.x, round(width * (n + 1) - last.x, 2))
        else:
            bands.append(Band(phase, round(width * n, 2), round(width, 2)))
    return bands
