"""What weeks do by themselves: freeze the boarding school's sheet and tell what changed since;
erase the needs of stays that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.errors import NotYours
from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.place.showing import the_place
from tierslieu.weeks.queries import find_week, list_past_cutoff, list_sheets
from tierslieu.weeks.stays.needs import erase_needs_over
from tierslieu.weeks.stays.papers import draw_sheet
from tierslieu.weeks.stays.sheet import compose, count_stay, tell_if_changed
from tierslieu.weeks.words import days_words


def _tell_boarding(db: Session, now: datetime) -> int:
    """One week a transaction; each paper is drawn outside it."""
    count = 0
    for week_id in list_past_cutoff(db, now, to_local(now).date()):
        week = find_week(db, week_id, with_drafts=False)
        if week is None:
            continue
        counts, told = count_stay(db, week), list_sheets(db, week.id)
        if told and told[-1].counts == counts:
            continue
        state = str(_("La semaine est annulée")) if week.cancelled_at is not None else ""
        paper = compose(week, counts, days_words(week), state)
        db.rollback()
        pdf = draw_sheet(the_place(), paper)
        try:
            count += tell_if_changed(db, week_id, now=now, pdf=pdf, counted=counts)
            db.commit()
        except NotYours:  # the week is gone meanwhile
            db.rollback()
    return count


def _erase_needs(db: Session, now: datetime) -> int:
    count = erase_needs_over(db, now=now)
    db.commit()
    return count


RULES = (
    Retention(
        "stay_needs",
        label=_l("Besoins de santé pendant un séjour"),
        term=_l("huit jours après le départ, ou le délai dit par la semaine"),
        sweep=lambda db, now: erase_needs_over(db, now=now),
        job="stay_needs_over",
    ),
)
JOBS = (
    Job("boarding_sheets", timedelta(minutes=30), _tell_boarding),
    Job("stay_needs_over", timedelta(hours=6), _erase_needs),
)
