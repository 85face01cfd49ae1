"""The welcome pack of an accepted person: what the page and the paper say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import list_enrolments
from courses.paths.models import Step
from courses.paths.words import step_name
from courses.progress.computing import StepProgress
from courses.progress.rules import compute_progress
from courses.progress.words import detail
from tierslieu.agenda.calendars import describe_place
from tierslieu.bookings.models import BookingStatus
from tierslieu.clock import to_local
from tierslieu.house import House
from tierslieu.web.formats import day, long_day, span, upper_first
from tierslieu.web.written import Theirs
from tierslieu.weeks.applications.models import WeekApplication
from tierslieu.weeks.applications.queries import list_seats
from tierslieu.weeks.models import Meal, Moment, Week
from tierslieu.weeks.stays.beds import find_room_mate
from tierslieu.weeks.stays.wishes import find_partner
from tierslieu.weeks.words import days_words, meal_words, night_words


@dataclass(frozen=True)
class HalfDay:
    """One of the programme. ``is_held``: the person has their seat there."""

    hours: str
    title: str
    place: str
    led_by: str
    is_held: bool


@dataclass(frozen=True)
class Night:
    """Where one sleeps: which night, which room."""

    words: str
    room: str


@dataclass(frozen=True)
class StepToDo:
    """A step before or after the week: where it stands, as the frise draws it."""

    title: str
    detail: str
    state: str
    url: str


@dataclass(frozen=True)
class Pack:
    """All of it, in words."""

    name: str
    title: str
    days: str
    access: str
    plan_url: str
    programme: Sequence[tuple[str, Sequence[HalfDay]]]
    nights: Sequence[Night]
    house: str
    house_address: str
    house_access: str
    mate: str
    meals: Sequence[tuple[str, Sequence[str]]]
    contacts: Sequence[str]
    bring: Sequence[str]
    before: Sequence[StepToDo]
    after: Sequence[StepToDo]
    made_on: str


def compose(
    db: Session, week: Week, application: WeekApplication, house: House, now: datetime
) -> Pack:
    """What this person must know of their week. ``house`` tells where their steps stand."""
    partner = find_partner(db, application)
    mate = find_room_mate(db, application, partner)
    sleeps_here = any(one.room is not None for one in application.nights)
    steps = _steps(db, week, application, house)
    return Pack(
        name=application.user.name,
        title=week.title,
        days=days_words(week),
        access=week.access,
        plan_url=week.plan_url,
        programme=_programme(db, week, application),
        nights=[
            Night(upper_first(night_words(one.night)), one.room.name)
            for one in application.nights
            if one.room is not None
        ],
        house=week.house.name if week.house is not None and sleeps_here else "",
        house_address=week.house.address if week.house is not None and sleeps_here else "",
        house_access=week.house.access if week.house is not None and sleeps_here else "",
        mate=mate.user.name if mate is not None else "",
        meals=_meals(application),
        contacts=_lines(week.contacts),
        bring=_lines(week.bring),
        before=steps[Moment.BEFORE],
        after=steps[Moment.AFTER],
        made_on=long_day(to_local(now)),
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _programme(
    db: Session, week: Week, application: WeekApplication
) -> list[tuple[str, list[HalfDay]]]:
    held = {
        seat.booking.session_id
        for seat in list_seats(db, application.id)
        if seat.booking.status is BookingStatus.CONFIRMED
    }
    return [
        (
            day(on),
            [
                HalfDay(
                    span(one.starts_local, one.ends_local),
                    one.title,
                    describe_place(one, with_address=False),
                    ", ".join(person.name for person in one.facilitators),
                    one.id in held,
                )
                for one in group
            ],
        )
        for on, group in groupby(week.standing, key=lambda one: one.starts_local.date())
    ]


def _meals(application: WeekApplication) -> list[tuple[str, list[str]]]:
    names, order = meal_words(), list(Meal)
    taken = sorted(
        (one for one in application.meals if one.is_taken),
        key=lambda one: (one.day, order.index(one.meal)),
    )
    return [
        (day(on), [str(names[one.meal]) for one in group])
        for on, group in groupby(taken, key=lambda one: one.day)
    ]


def _steps(
    db: Session, week: Week, application: WeekApplication, house: House
) -> dict[Moment, list[StepToDo]]:
    """The week's own steps as this person's path has them: a path that was begun keeps the version
    it began with, in which the step of the same key stands for the week's."""
    enrolments = [
        one
        for one in list_enrolments(db, application.user_id)
        if one.path_id == week.path_id and one.status.value != "stopped"
    ]
    progress = compute_progress(db, enrolments, house)
    found: dict[Moment, list[StepToDo]] = {moment: [] for moment in Moment}
    for one in sorted(week.steps, key=lambda each: (each.step.version_id, each.step.position)):
        own = next(
            (
                (enrolment, state)
                for enrolment in enrolments
                for state in progress[enrolment.id].steps
                if _is_same(state, one.step)
            ),
            None,
        )
        found[one.moment].append(_to_do(week, one.step, own))
    return found


def _is_same(state: StepProgress, step: Step) -> bool:
    return state.step.key == step.key


def _to_do(week: Week, step: Step, own: tuple[Enrolment, StepProgress] | None) -> StepToDo:
    if own is None:
        slug = week.path.slug if week.path is not None else ""
        return StepToDo(Theirs(step_name(step)), "", "todo", f"/parcours/{slug}")
    enrolment, state = own
    url = f"/mes-parcours/{enrolment.id}/etapes/{state.step.id}"
    return StepToDo(Theirs(step_name(state.step)), detail(state), state.state, url)
