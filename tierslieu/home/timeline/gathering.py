"""All the events of a person, from every feature that has some, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.home.timeline.phases import Borders, Phase, settle
from tierslieu.home.timeline.queries import find_borders
from tierslieu.home.timeline.words import line_of, local_day, month_name, say_when, school_year
from tierslieu.house import House, TimelineEvent, TimelineSource


@dataclass(frozen=True)
class Moment:
    """An event as the page and the paper show it. ``opens``: it is the first shown of its phase."""

    at: datetime
    day: date
    when: str
    title: str
    detail: str
    line: str
    phase: Phase
    url: str | None
    opens: bool = False


@dataclass(frozen=True)
class Month:
    """The moments of a month, in the order they are shown."""

    name: str
    moments: Sequence[Moment]


@dataclass(frozen=True)
class Year:
    """A school year, with its months."""

    name: str
    months: Sequence[Month]


@dataclass(frozen=True)
class Timeline:
    """A person's moments, the earliest first, and where their phases begin."""

    moments: Sequence[Moment]
    borders: Borders
    is_said: bool  # the borders are the person's own
    has_phases: bool  # they are shown: to the person alone
    now: datetime

    @property
    def today(self) -> date:
        """Today, on the wall."""
        return local_day(self.now)

    @property
    def phase(self) -> Phase:
        """The phase today falls in."""
        return self.borders.phase_of(self.today)

    def of_line(self, line: str) -> Timeline:
        """The same, of one line only; of all for none."""
        kept = [one for one in self.moments if not line or one.line == line]
        return replace(self, moments=kept)

    def next(self) -> list[Year]:
        """What is to come, the soonest first."""
        return _grouped([one for one in self.moments if one.at > self.now])

    def behind(self) -> list[Year]:
        """What was, the latest first."""
        return _grouped([one for one in reversed(self.moments) if one.at <= self.now])

    def in_order(self) -> list[Year]:
        """All of it, the earliest first."""
        return _grouped(self.moments)


def gather(
    db: Session, house: House, user_id: UUID, now: datetime, *, for_team: bool = False
) -> Timeline:
    """A person's timeline: all of it for themselves; for the team, what each feature lets it see,
    and nothing of the phases, which are the person's alone."""
    events: list[TimelineEvent] = []
    for source in house.all(TimelineSource):
        find = source.for_team if for_team else source.events
        if find is not None:
            events += find(db, user_id, now)
    events.sort(key=lambda one: (one.at, one.title, one.detail))
    said = None if for_team else find_borders(db, user_id)
    first = next((local_day(one.at) for one in events if one.kind == "path"), None)
    borders = settle(
        said.studies_from if said is not None else None,
        said.job_from if said is not None else None,
        first,
    )
    moments = [_moment(one, borders) for one in events]
    return Timeline(moments, borders, said is not None, not for_team, now)


def _moment(event: TimelineEvent, borders: Borders) -> Moment:
    day = local_day(event.at)
    return Moment(
        at=event.at,
        day=day,
        when=say_when(event.at, event.kind),
        title=event.title,
        detail=event.detail,
        line=line_of(event.kind),
        phase=borders.phase_of(day),
        url=event.url,
    )


def _grouped(moments: Sequence[Moment]) -> list[Year]:
    shown: list[Moment] = []
    for one in moments:
        is_first = not shown or shown[-1].phase is not one.phase
        shown.append(replace(one, opens=is_first))
    return [
        Year(
            year,
            [
                Month(month, list(of_month))
                for month, of_month in groupby(of_year, key=lambda one: month_name(one.day))
            ],
        )
        for year, of_year in groupby(shown, key=lambda one: school_year(one.day))
    ]
