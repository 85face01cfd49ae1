"""Deadlines of checklists in words."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from tierslieu.clock import days
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.web.formats import NBSP, long_day

LEAP = 2028  # a year that has every day
STALE = days(365)


def say_yearly(month: int | None, day: int | None) -> str:
    """``chaque année vers le 15 octobre, à vérifier``; empty without a day."""
    if month is None or day is None:
        return ""
    said = long_day(date(LEAP, month, day)).removesuffix(f"{NBSP}{LEAP}")
    return str(_("chaque année vers le %(day)s, à vérifier", day=said))


def say_validity(checklist: Checklist) -> str:
    """For which year it holds, and since when somebody verified it."""
    if checklist.verified_on is None:
        return str(_("À vérifier : personne ne l’a encore comparée à la page officielle"))
    day = long_day(checklist.verified_on)
    if checklist.verified_by is None:
        return str(_("Vérifiée le %(day)s", day=day))
    return str(_("Vérifiée le %(day)s par %(name)s", day=day, name=checklist.verified_by.name))


def needs_look(checklist: Checklist, today: date) -> bool:
    """Whether nobody has verified it for a year, or its year is over."""
    if checklist.verified_on is None or today - checklist.verified_on > STALE:
        return True
    return checklist.year is not None and checklist.year < today.year
