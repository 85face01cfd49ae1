"""Making a week: its days, its places, its stay. Locks in one order, everywhere in
weeks: the week, its sessions, the house, then the counted beds and meals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step
from tierslieu.agenda.planning import instant_of
from tierslieu.among import is_among
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, Audience, User
from tierslieu.web.formats import day
from tierslieu.weeks.applications.models import StayMeal, StayNight, WeekApplication
from tierslieu.weeks.models import (
    NEEDS_DAYS,
    BoardingHouse,
    Meal,
    Moment,
    Week,
    WeekMeal,
    WeekQuota,
    WeekStep,
)
from tierslieu.weeks.words import meal_words, night_words

LONGEST = 14  # days: beyond, it is a date that was mistyped
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WeekPlan:
    """What the team plans. Instants are what the clock on the wall shows (naive, Paris); nights
    are [nights_from, nights_until). ``meals``: how many of each are served a day."""

    title: str
    first_day: date
    last_day: date
    places: int
    opens_local: datetime
    closes_local: datetime
    cutoff_local: datetime
    description: str = ""
    path_id: UUID | None = None
    quotas: dict[Audience, int] = field(default_factory=dict)
    quotas_until_local: datetime | None = None
    house_id: UUID | None = None
    nights_from: date | None = None
    nights_until: date | None = None
    meals: dict[Meal, int] = field(default_factory=dict)
    needs_days: int = NEEDS_DAYS
    team_ids: tuple[UUID, ...] = ()
    access: str = ""
    plan_url: str = ""
    contacts: str = ""
    bring: str = ""


def lock_week(db: Session, week_id: UUID) -> Week:
    """The week, read anew and held until the end of the transaction. Raises :class:`NotYours`."""
    lock_for_writing(db)
    week = db.get(Week, week_id, with_for_update=True, populate_existing=True)
    if week is None:
        raise NotYours
    return week


def check_stands(week: Week) -> None:
    """Raises :class:`Refused` with ``cancelled`` for a week that was called off."""
    if week.cancelled_at is not None:
        raise Refused(_("Cette semaine est annulée."), code="cancelled")


def save_week(
    db: Session, week_id: UUID | None, plan: WeekPlan, *, now: datetime, actor_id: UUID
) -> Week:
    """A new week (``week_id`` None), a draft, or a change of one. Raises :class:`Refused` with
    the field it is about; what people already hold is never taken from them by it."""
    lock_for_writing(db)
    week = Week(created_by_id=actor_id, created_at=now) if week_id is None else None
    if week is None:
        assert week_id is not None
        week = lock_week(db, week_id)
        check_stands(week)
    _check_days(week, plan, now)
    _check_instants(plan)
    _check_places(week, plan)
    _check_stay(db, week, plan)
    if plan.path_id is not None and db.get(Path, plan.path_id) is None:
        raise Refused(_("Ce parcours n’existe plus : choisissez-en un autre."), field="path")
    if plan.path_id != week.path_id:
        week.steps = []
    week.team = _facilitators(db, plan.team_ids)
    week.title, week.description, week.path_id = plan.title, plan.description, plan.path_id
    week.first_day, week.last_day, week.places = plan.first_day, plan.last_day, plan.places
    week.opens_at = instant_of(plan.opens_local, "opens")
    week.closes_at = instant_of(plan.closes_local, "closes")
    week.cutoff_at, week.needs_days = instant_of(plan.cutoff_local, "cutoff"), plan.needs_days
    until = plan.quotas_until_local
    week.quotas_until = instant_of(until, "quotas_until") if until is not None else None
    week.house_id = plan.house_id
    week.nights_from, week.nights_until = plan.nights_from, plan.nights_until
    week.access, week.plan_url = plan.access, plan.plan_url
    week.contacts, week.bring = plan.contacts, plan.bring
    _set_quotas(week, plan.quotas)
    db.add(week)
    db.flush()
    _set_meals(db, week, plan)
    _forget_what_is_not_served(db, week)
    db.flush()
    return week


def set_steps(db: Session, week_id: UUID, chosen: Mapping[Moment, Sequence[UUID]]) -> Week:
    """The steps of the week's path that come before and after it; a step is on one side only."""
    week = lock_week(db, week_id)
    check_stands(week)
    sides = {step_id: moment for moment in Moment for step_id in chosen.get(moment, ())}
    if sum(len(set(ids)) for ids in chosen.values()) != len(sides):
        raise Refused(_("Une étape est avant la semaine ou après elle, pas les deux."))
    of_path = set(
        db.scalars(
            select(Step.id)
            .join(PathVersion, PathVersion.id == Step.version_id)
            .where(PathVersion.path_id == week.path_id)
            .order_by(Step.id)
        )
    )
    if not set(sides) <= of_path:
        raise Refused(
            _("Ces étapes ne sont pas du parcours de la semaine : choisissez de nouveau.")
        )
    known = {one.step_id: one for one in week.steps}
    for step_id, one in known.items():
        if step_id not in sides:
            week.steps.remove(one)
    for step_id, moment in sides.items():
        if step_id in known:
            known[step_id].moment = moment
        else:
            week.steps.append(WeekStep(step_id=step_id, moment=moment))
    db.flush()
    return week


def _check_days(week: Week, plan: WeekPlan, now: datetime) -> None:
    if plan.last_day < plan.first_day:
        raise Refused(_("La semaine finit avant de commencer."), field="last_day")
    if (plan.last_day - plan.first_day).days >= LONGEST:
        raise Refused(
            _("Une semaine dure %(days)s jours au plus : vérifiez les dates.", days=LONGEST),
            field="last_day",
        )
    if week.first_day != plan.first_day and plan.first_day <= to_local(now).date():
        raise Refused(_("Ce jour est déjà passé : choisissez une date à venir."), field="first_day")
    for session in week.standing if week.id is not None else ():
        if not plan.first_day <= session.starts_local.date() <= plan.last_day:
            raise Refused(
                _(
                    "« %(title)s », %(day)s, est du programme : ôtez d’abord cette demi-journée.",
                    title=session.title,
                    day=day(session.starts_local),
                ),
                field="first_day",
            )


def _check_instants(plan: WeekPlan) -> None:
    if plan.closes_local <= plan.opens_local:
        raise Refused(_("Les candidatures se ferment avant de s’ouvrir."), field="closes")
    if plan.closes_local.date() > plan.first_day:
        raise Refused(
            _("Les candidatures se ferment au plus tard le premier jour."), field="closes"
        )
    first = min(plan.first_day, plan.nights_from or plan.first_day)
    if plan.cutoff_local.date() >= first:
        raise Refused(
            _("La liste pour l’internat s’arrête avant le premier jour : choisissez plus tôt."),
            field="cutoff",
        )
    if (plan.house_id or any(plan.meals.values())) and plan.cutoff_local < plan.closes_local:
        raise Refused(
            _(
                "L’internat aurait sa liste avant que les candidatures ne soient closes : "
                "choisissez plus tard."
            ),
            field="cutoff",
        )
    if plan.quotas and plan.quotas_until_local is None:
        raise Refused(_("Jusqu’à quand ces places sont-elles gardées ?"), field="quotas_until")


def _check_places(week: Week, plan: WeekPlan) -> None:
    if plan.places < (week.accepted or 0):
        raise Refused(
            ngettext(
                "%(num)s personne est déjà acceptée : gardez au moins autant de places.",
                "%(num)s personnes sont déjà acceptées : gardez au moins autant de places.",
                week.accepted,
            ),
            field="places",
        )
    kept = sum(plan.quotas.values())
    if kept > plan.places:
        raise Refused(
            _(
                "%(kept)s places sont gardées sur %(places)s : gardez-en moins.",
                kept=kept,
                places=plan.places,
            ),
            field="places",
        )


def _check_stay(db: Session, week: Week, plan: WeekPlan) -> None:
    given = [plan.house_id, plan.nights_from, plan.nights_until]
    if any(one is not None for one in given) and None in given:
        raise Refused(
            _("Pour un hébergement, choisissez la maison, la première nuit et le départ."),
            field="house",
        )
    if plan.house_id is not None and db.get(BoardingHouse, plan.house_id) is None:
        raise Refused(_("Cette maison n’existe plus : choisissez-en une autre."), field="house")
    if plan.nights_from is not None and plan.nights_until is not None:
        if plan.nights_until <= plan.nights_from:
            raise Refused(
                _("Le départ est le lendemain de la première nuit au plus tôt."),
                field="nights_until",
            )
        if plan.nights_from < plan.first_day - _DAY or plan.nights_until > plan.last_day + _DAY:
            raise Refused(
                _("On arrive au plus tôt la veille, et on part au plus tard le lendemain."),
                field="nights_from",
            )
    if week.id is None:
        return
    slept = db.scalars(
        select(StayNight.night)
        .join(WeekApplication, WeekApplication.id == StayNight.application_id)
        .where(WeekApplication.week_id == week.id, StayNight.room_id.is_not(None))
        .order_by(StayNight.night)
    ).all()
    if slept and plan.house_id != week.house_id:
        raise Refused(
            _("Des personnes y ont déjà un lit : la maison ne change plus."), field="house"
        )
    for night in slept:
        if not (plan.nights_from and plan.nights_until) or not (
            plan.nights_from <= night < plan.nights_until
        ):
            raise Refused(
                _("Une personne a déjà un lit pour la %(night)s.", night=night_words(night)),
                field="nights_from",
            )


def _facilitators(db: Session, ids: Iterable[UUID]) -> list[User]:
    wanted = set(ids)
    people = list(
        db.scalars(select(User).where(is_among(User.id, wanted)).order_by(User.name, User.id))
    )
    if len(people) < len(wanted) or not all(person.holds(FACILITATOR) for person in people):
        raise Refused(
            _("Une des personnes choisies n’anime plus ici : vérifiez la liste."), field="team"
        )
    return people


def _set_quotas(week: Week, quotas: dict[Audience, int]) -> None:
    known = {one.audience: one for one in week.quotas}
    for audience, one in known.items():
        if not quotas.get(audience):
            week.quotas.remove(one)
    for audience, places in quotas.items():
        if audience in known and places:
            known[audience].places = places
        elif places:
            week.quotas.append(WeekQuota(audience=audience, places=places))


def list_served(plan: WeekPlan) -> dict[tuple[date, Meal], int]:
    """Which meals are served: breakfast after each night, lunch on each day, dinner on the eve of
    each night; where nobody sleeps, dinner on each day but the last."""
    days = [plan.first_day + n * _DAY for n in range((plan.last_day - plan.first_day).days + 1)]
    nights = days[:-1]
    if plan.nights_from is not None and plan.nights_until is not None:
        count = (plan.nights_until - plan.nights_from).days
        nights = [plan.nights_from + n * _DAY for n in range(count)]
    moments = {
        Meal.BREAKFAST: [night + _DAY for night in nights] if plan.house_id else [],
        Meal.LUNCH: days,
        Meal.DINNER: nights,
    }
    return {
        (on, meal): plan.meals[meal]
        for meal, all_days in moments.items()
        if plan.meals.get(meal)
        for on in all_days
    }


def _set_meals(db: Session, week: Week, plan: WeekPlan) -> None:
    served = list_served(plan)
    known = {
        (one.day, one.meal): one
        for one in db.scalars(
            select(WeekMeal)
            .where(WeekMeal.week_id == week.id)
            .order_by(WeekMeal.day, WeekMeal.meal)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for key, one in known.items():
        if served.get(key, 0) < one.taken:
            raise Refused(
                _(
                    "%(count)s repas sont déjà retenus (%(meal)s, %(day)s) : servez-en au moins "
                    "autant.",
                    count=one.taken,
                    meal=meal_words()[one.meal],
                    day=day(one.day),
                ),
                field=one.meal.value,
            )
        if key not in served:
            week.meals.remove(one)
    for (on, meal), capacity in served.items():
        if (on, meal) in known:
            known[on, meal].capacity = capacity
        else:
            week.meals.append(WeekMeal(day=on, meal=meal, capacity=capacity, taken=0))
    db.flush()


def _forget_what_is_not_served(db: Session, week: Week) -> None:
    """Who waits to be chosen no longer wants what there no longer is."""
    of_week = select(WeekApplication.id).where(WeekApplication.week_id == week.id)
    db.execute(
        delete(StayNight).where(
            StayNight.application_id.in_(of_week),
            StayNight.room_id.is_(None),
            StayNight.night.not_in(week.nights),
        )
    )
    served = {(one.day, one.meal) for one in week.meals}
    wanted = db.scalars(
        select(StayMeal)
        .where(StayMeal.application_id.in_(of_week), StayMeal.is_taken.is_(False))
        .order_by(StayMeal.application_id, StayMeal.day, StayMeal.meal)
    )
    for one in wanted:
        if (one.day, one.meal) not in served:
            db.delete(one)
