"""Preparing a report of a year and publishing it, once and for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.yearly.figures import Told, make_snapshot
from tierslieu.evaluation.yearly.models import YearlyReport
from tierslieu.evaluation.yearly.queries import POSSIBLE, find_report, first_instant
from tierslieu.house import House
from tierslieu.web.languages import MAIN, speaking


@dataclass(frozen=True)
class Words:
    """What the coordinator writes (Markdown), and the targets by indicator."""

    summary: str
    obstacles: str
    levers: str
    targets: Mapping[str, str]


def years_of(db: Session, now: datetime) -> list[int]:
    """The years a report can be made of, the latest first: since the place lives."""
    last = to_local(now).year
    first = first_instant(db)
    begun = min(to_local(first).year, last) if first is not None else last
    return list(range(last, begun - 1, -1))


def open_report(db: Session, year: int, now: datetime) -> YearlyReport:
    """The report of that year, begun now if there is none. Raises :class:`NotYours` for a year
    without anything in it."""
    found = find_report(db, year)
    if found is not None:
        return found
    if year not in years_of(db, now):
        raise NotYours
    return YearlyReport(year=year, summary="", obstacles="", levers="", targets={}, revision=0)


def _hold(db: Session, year: int, now: datetime) -> YearlyReport:
    lock_for_writing(db)
    if year not in POSSIBLE:
        raise NotYours
    found = db.get(YearlyReport, year, with_for_update=True, populate_existing=True)
    if found is None:
        found = open_report(db, year, now)
        try:
            with db.begin_nested():
                db.add(found)
        except IntegrityError:  # somebody begins the same at the same instant
            found = db.get_one(YearlyReport, year, with_for_update=True, populate_existing=True)
    if found.published_at is not None:
        raise Refused(
            _("Le rapport de %(year)s est publié : il ne change plus.", year=year),
            code="published",
        )
    return found


def write_words(
    db: Session, year: int, words: Words, *, revision: int, now: datetime
) -> YearlyReport:
    """Keep what the coordinator wrote. ``revision``: the one that was read.

    Raises :class:`NotYours`, :class:`Refused` ``published``, ``changed_meanwhile``.
    """
    report = _hold(db, year, now)
    if report.revision != revision:
        raise Refused(
            _(
                "Quelqu’un a changé ce rapport pendant que vous écriviez : vos mots sont toujours "
                "ci-dessous, mais ne sont pas encore gardés. Reprenez-y ce que vous voulez de ce "
                "que cette personne a gardé, montré au-dessus, puis gardez de nouveau : vos mots "
                "remplaceront alors les siens."
            ),
            code="changed_meanwhile",
        )
    report.summary, report.obstacles = words.summary, words.obstacles
    report.levers, report.targets = words.levers, dict(words.targets)
    report.revision += 1
    db.flush()
    return report


def publish_report(
    db: Session, house: House, year: int, key: bytes | None, *, revision: int, now: datetime
) -> YearlyReport:
    """Fix the figures of the year as they are now, and show the report to everybody.

    Two dates of one figure would tell who came between: a year is published once, when it is over.
    ``revision``: the one that was read.

    Raises :class:`NotYours`, :class:`Refused` ``published``, ``changed_meanwhile``,
    ``year_not_over``.
    """
    report = _hold(db, year, now)
    if report.revision != revision:
        raise Refused(
            _(
                "Quelqu’un a changé ce rapport depuis que vous avez ouvert la page : rien n’est "
                "publié. Le voici tel qu’il est maintenant ; relisez l’aperçu, puis publiez."
            ),
            code="changed_meanwhile",
        )
    with speaking(MAIN):  # what is published is in the language of the place
        snapshot = make_snapshot(db, house, year, report.targets, key, now=now)
    if not snapshot["is_whole"]:
        raise Refused(
            _(
                "L’année %(year)s n’est pas finie : son rapport se publie une fois, avec tous ses "
                "chiffres, à partir du 1er janvier.",
                year=year,
            ),
            code="year_not_over",
        )
    report.snapshot, report.published_at = snapshot, now
    db.flush()
    return report


def preview(
    db: Session, house: House, report: YearlyReport, key: bytes | None, *, now: datetime
) -> Told:
    """The figures it would have now, by the same rules."""
    with speaking(MAIN):
        return make_snapshot(db, house, report.year, report.targets, key, now=now)


def with_targets(snapshot: Mapping[str, Any], targets: Mapping[str, str]) -> Told:
    """Figures made before, beside the targets as they are written now."""
    indicators = [one | {"target": targets.get(one["key"], "")} for one in snapshot["indicators"]]
    return dict(snapshot) | {"indicators": indicators}
