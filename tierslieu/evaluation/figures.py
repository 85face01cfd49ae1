"""The figures of the month beside those of the month before, small numbers of people hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.disclosure import Hiding, ShownShare, protect_count, protect_share
from tierslieu.house import Figure, House, Indicator
from tierslieu.web.formats import month


@dataclass(frozen=True)
class Month:
    """A calendar month in Paris, as a half-open interval of instants."""

    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """``novembre 2026``, on one line."""
        return month(self.since)

    @property
    def before(self) -> Month:
        """The month before."""
        return month_of(self.since - clock.days(1))


def month_of(instant: datetime) -> Month:
    """The month in which ``instant`` falls."""
    first = clock.to_local(instant).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first.replace(day=28) + clock.days(4)).replace(day=1)
    return Month(clock.to_utc(first), clock.to_utc(following))


@dataclass(frozen=True)
class ShownFigure:
    """One figure of one month: ``value`` is a percentage for a share, a count otherwise."""

    value: float | None
    part: int | None
    whole: int | None
    why: Hiding


@dataclass(frozen=True)
class MonthFigure:
    """An indicator this month and the month before."""

    indicator: Indicator
    is_share: bool
    now: ShownFigure
    before: ShownFigure

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why something is hidden, each reason once."""
        found = {self.now.why, self.before.why} - {Hiding.NOTHING}
        return tuple(sorted(found, key=lambda why: why.value))


def show_figure(figure: Figure, *, about_people: bool) -> ShownFigure:
    """A figure as it may be shown."""
    if figure.made_of is not None:
        few = not figure.made_of or protect_count(figure.made_of) is None
        value = None if few else figure.numerator
        return ShownFigure(value, value, None, Hiding.SMALL_CELL if few else Hiding.NOTHING)
    if figure.denominator is None:
        shown = protect_count(figure.numerator) if about_people else figure.numerator
        why = Hiding.SMALL_CELL if shown is None else Hiding.NOTHING
        return ShownFigure(shown, shown, None, why)
    share = (
        protect_share(figure.numerator, figure.denominator)
        if about_people
        else ShownShare(figure.numerator, figure.denominator, Hiding.NOTHING)
    )
    return ShownFigure(share.percent, share.part, share.whole, share.why)


def month_figures(
    db: Session, house: House, now: datetime, first: int | None = None
) -> list[MonthFigure]:
    """Every indicator of the house, or the ``first`` of them, from the first of this month until
    now, and a month before."""
    month = month_of(now)
    before = month.before
    found = []
    for indicator in house.all(Indicator)[:first]:
        this = indicator.compute(db, month.since, now)
        last = indicator.compute(db, before.since, before.until)
        found.append(
            MonthFigure(
                indicator,
                this.denominator is not None,
                show_figure(this, about_people=indicator.about_people),
                show_figure(last, about_people=indicator.about_people),
            )
        )
    return found


def write_figures(figures: Sequence[MonthFigure]) -> dict[str, Any]:
    """Figures as JSON, by indicator: as they may be shown, and nothing else of them."""
    return {
        one.indicator.key: {
            "is_share": one.is_share,
            "now": _write(one.now),
            "before": _write(one.before),
        }
        for one in figures
    }


def _write(figure: ShownFigure) -> list[Any]:
    return [figure.value, figure.part, figure.whole, figure.why.value]


def read_figures(house: House, told: Mapping[str, Any]) -> list[MonthFigure]:
    """The figures that were written, in the order of the house. An indicator that is new since is
    left out, and so is one that is gone."""
    return [
        MonthFigure(
            indicator,
            told[indicator.key]["is_share"],
            _read(told[indicator.key]["now"]),
            _read(told[indicator.key]["before"]),
        )
        for indicator in house.all(Indicator)
        if indicator.key in told
    ]


def _read(told: Sequence[Any]) -> ShownFigure:
    value, part, whole, why = told
    return ShownFigure(value, part, whole, Hiding(why))
