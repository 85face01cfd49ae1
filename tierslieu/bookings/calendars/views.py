"""The agenda: the list, a week, a month, a day. Each shows the same sessions, narrowed the same.

The list of a period stands beside its calendar, so that nothing is said by a grid alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from courses.paths.models import Path
from courses.paths.queries import list_paths
from courses.paths.words import audience_words
from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.days import notes_of
from tierslieu.agenda.models import LearningSession, Room
from tierslieu.agenda.queries import count_sessions, list_rooms, list_sessions
from tierslieu.agenda.warnings import notes_of_days, read_school, say_closures
from tierslieu.bookings.calendars import elsewhere as _elsewhere  # noqa: F401 - on the blueprint
from tierslieu.bookings.calendars import words
from tierslieu.bookings.calendars.grids import month_grid, week_grid
from tierslieu.bookings.calendars.periods import (
    ONE_DAY,
    day_name,
    month_name,
    read_day,
    read_month,
    read_week,
    week_name,
)
from tierslieu.bookings.calendars.queries import list_by_day
from tierslieu.bookings.desk import blueprint, is_facilitator
from tierslieu.bookings.searching import (
    Asked,
    asked_filter,
    asked_within,
    mode_words,
    period_words,
)
from tierslieu.bookings.showing import group_by_day, make_lines
from tierslieu.db import db
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person_or_none, public
from tierslieu.web.paging import Page, asked_page
from tierslieu.web.visitors import same_for_visitors

MOST_IN_A_MONTH = 3  # sessions a day, in a month's grid
MOST_IN_A_WEEK = 20


@blueprint.get("/agenda")
@same_for_visitors
@public
def agenda() -> str:
    """Sessions day by day, narrowed by mode, path, room, public and period."""
    now, session = clock.now(), db.session()
    paths, rooms = list_paths(session), list_rooms(session)
    asked = asked_filter(request.args, paths, rooms, now)
    today = clock.to_local(now).date()
    return render_template(
        "bookings/agenda.html",
        **_list(asked, today),
        **_frame(asked, paths, rooms),
        views=_views(today, asked, "agenda"),
        periods=period_words(),
        is_facilitator=is_facilitator(),
    )


@blueprint.get("/agenda/semaine/<name>")
@same_for_visitors
@public
def week(name: str) -> str:
    """The sessions of an ISO week by day and hour, and their list."""
    period, session = read_week(name), db.session()
    today = clock.to_local(clock.now()).date()
    paths, rooms = list_paths(session), list_rooms(session)
    asked = asked_within(request.args, paths, rooms, period.filter)
    days = list_by_day(session, asked.filter, period.days, most=MOST_IN_A_WEEK)
    before, after = period.first - ONE_DAY, period.last + ONE_DAY
    return render_template(
        "bookings/calendars/week.html",
        **_list(asked, today),
        **_frame(asked, paths, rooms),
        views=_views(today if today in period.days else period.first + 3 * ONE_DAY, asked, "week"),
        steps=_steps(
            "week",
            (words.week_words(before), week_name(before)),
            (_("Cette semaine"), week_name(today)),
            (words.week_words(after), week_name(after)),
        ),
        title=words.week_words(period.first),
        span=words.span_words(period),
        grid=week_grid(days, notes_of_days(session, period.days, the_place().closures), today),
        **_school(period.days),
        count_words=words.count_words,
    )


@blueprint.get("/agenda/mois/<name>")
@same_for_visitors
@public
def month(name: str) -> str:
    """The sessions of a month in a grid of its weeks, and their list."""
    period, session = read_month(name), db.session()
    today = clock.to_local(clock.now()).date()
    paths, rooms = list_paths(session), list_rooms(session)
    asked = asked_within(request.args, paths, rooms, period.filter)
    days = list_by_day(session, asked.filter, period.days, most=MOST_IN_A_MONTH)
    notes = notes_of_days(session, period.days, the_place().closures)
    before, after = period.first - ONE_DAY, period.last + ONE_DAY
    return render_template(
        "bookings/calendars/month.html",
        **_list(asked, today),
        **_frame(asked, paths, rooms),
        views=_views(today if today in period.days else period.first, asked, "month"),
        steps=_steps(
            "month",
            (words.month_words(before, within=period.first.year), month_name(before)),
            (_("Ce mois-ci"), month_name(today)),
            (words.month_words(after, within=period.first.year), month_name(after)),
        ),
        title=words.month_words(period.first),
        grid=month_grid(days, notes, today),
        noted=notes_of(period.days),
        **_school(period.days),
        count_words=words.count_words,
        week_name=week_name,
    )


@blueprint.get("/agenda/jour/<name>")
@same_for_visitors
@public
def day(name: str) -> str:
    """The sessions that touch a day."""
    period, session = read_day(name), db.session()
    today = clock.to_local(clock.now()).date()
    paths, rooms = list_paths(session), list_rooms(session)
    asked = asked_within(request.args, paths, rooms, period.filter)
    the_day = period.first
    before, after = the_day - ONE_DAY, the_day + ONE_DAY
    return render_template(
        "bookings/calendars/day.html",
        **_list(asked, today),
        **_frame(asked, paths, rooms),
        views=_views(the_day, asked, "day"),
        steps=_steps(
            "day",
            (words.day_words(before), day_name(before)),
            (_("Aujourd’hui"), day_name(today)),
            (words.day_words(after), day_name(after)),
        ),
        day=the_day,
        notes=notes_of_days(session, [the_day], the_place().closures).get(the_day, []),
        **_school([the_day]),
    )


def _list(asked: Asked, today: date) -> dict[str, Any]:
    """The page of the list that was asked for, as this reader sees it."""
    session = db.session()
    total = count_sessions(session, asked.filter)
    page: Page[LearningSession] = Page([], asked_page(), total)
    number = min(page.number, page.pages)
    found = list_sessions(
        session, asked.filter, offset=(number - 1) * page.per_page, limit=page.per_page
    )
    person = current_person_or_none()
    lines = make_lines(session, found, person.id if person else None, clock.now())
    days = group_by_day(lines)
    return {
        "days": days,
        "day_notes": notes_of_days(session, [day for day, _lines in days], the_place().closures),
        "page": Page(found, number, total),
        "today": today,
        "describe_place": describe_place,
    }


def _school(days: Sequence[date]) -> dict[str, Any]:
    """What closures of the place and the school year have to say of a period: each of them once,
    and class hours."""
    school = read_school(db.session())
    spans = [*say_closures(days, the_place().closures), *school.spans(days)]
    is_in_holidays = len(school.holidays(days)) == len(days)
    return {"school_spans": spans, "class_hours": [] if is_in_holidays else school.classes.say()}


def _frame(asked: Asked, paths: Sequence[Path], rooms: Sequence[Room]) -> dict[str, Any]:
    """What every page of the agenda may be narrowed by."""
    return {
        "asked": asked,
        "modes": mode_words(),
        "paths": paths,
        "rooms": rooms,
        "audiences": [(audience.value, label) for audience, label in audience_words().items()],
    }


def _views(day: date, asked: Asked, here: str) -> list[dict[str, Any]]:
    """The ways of looking at the agenda around a day, the filters kept."""
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("agenda", _("Liste"), {}),
        ("week", _("Semaine"), {"name": week_name(day)}),
        ("month", _("Mois"), {"name": month_name(day)}),
    ]
    return [
        {
            "url": url_for(f"bookings.{way}", **{**values, **asked.kept}),
            "label": label,
            "is_here": way == here,
        }
        for way, label, values in ways
        if values.get("name") != ""
    ]


def _steps(
    endpoint: str,
    before: tuple[str, str],
    present: tuple[str, str],
    after: tuple[str, str],
) -> dict[str, Any]:
    """Where one goes from a period: a word and a name for each, no name at the end of time."""
    return {"endpoint": f"bookings.{endpoint}", "before": before, "now": present, "after": after}
