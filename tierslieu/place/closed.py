"""The days closed, as they were told over time: what a calendar read before must hear. Pure.

The newest version of the place says which days are closed; a program that has read our calendar
also wants to know of those that were taken back. A closure has no row of its own: it is known by
its days, as it is where it is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tierslieu import clock
from tierslieu.place.said import Closure, closures_of


@dataclass(frozen=True)
class ToldClosure:
    """A closure of the place, and what became of it. ``sequence`` rises with each change of it;
    ``told_at``: the first time; ``is_taken_back``: the place is open on those days after all."""

    first: date
    last: date
    why: str
    told_at: datetime
    changed_at: datetime
    sequence: int = 0
    is_taken_back: bool = False


def closures_told(versions: Iterable[tuple[Mapping[str, Any], datetime]]) -> list[ToldClosure]:
    """Every closure that some version said, in the order of their days. ``versions``: what each
    said and when it was made, the first first."""
    told: dict[tuple[date, date], ToldClosure] = {}
    for said, at in versions:
        now = {(one.first, one.last): one for one in closures_of(said)}
        for days, one in now.items():
            told[days] = _told_again(told.get(days), one, at)
        for days, known in told.items():
            # One that was over by then is let go of, not taken back.
            is_over = known.last < clock.to_local(at).date()
            if days not in now and not is_over and not known.is_taken_back:
                told[days] = _changed(known, at, is_taken_back=True)
    return [told[days] for days in sorted(told)]


def _told_again(known: ToldClosure | None, one: Closure, at: datetime) -> ToldClosure:
    if known is None:
        return ToldClosure(one.first, one.last, one.why, at, at)
    if known.is_taken_back or known.why != one.why:
        return _changed(known, at, why=one.why, is_taken_back=False)
    return known


def _changed(known: ToldClosure, at: datetime, **what: Any) -> ToldClosure:
    return replace(known, changed_at=at, sequence=known.sequence + 1, **what)
