"""What weeks offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.attention import Among, Trace
from tierslieu.clock import to_local, to_utc
from tierslieu.db import lock_for_writing
from tierslieu.house import (
    Card,
    Happening,
    HomeCard,
    Invariant,
    Occasion,
    PathPanel,
    PersonalData,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.people.models import FACILITATOR, ROLES
from tierslieu.register import Basis
from tierslieu.web.written import Theirs
from tierslieu.weeks import figures, joining, words
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.queries import (
    count_to_decide,
    find_needs,
    latest_applications,
    list_accepted_between,
    list_own,
    list_readings,
    rank_of,
)
from tierslieu.weeks.applications.rules import LIVING, forget_person, say_window
from tierslieu.weeks.demand import DEMAND
from tierslieu.weeks.jobs import JOBS, RULES
from tierslieu.weeks.models import Week
from tierslieu.weeks.queries import list_weeks
from tierslieu.weeks.scenes import play
from tierslieu.weeks.stays.needs import forget_needs

SHOWN = 3


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Where one's applications stand; the weeks one may still apply for."""
    today, applied = to_local(now).date(), set()
    for one in list_own(db, user_id):
        applied.add(one.week_id)
        if one.state not in LIVING or one.week.ends_on < today:
            continue
        asks = one.state is ApplicationState.TO_COMPLETE
        context = {"own": one, "week": one.week, "words": words, "rank": rank_of(db, one)}
        yield Card(
            "weeks/_card_own.html",
            context,
            urgency=1 if asks else 7,
            span=6,
            tone="ask" if asks else "",
        )
    found = [week for week in _open_weeks(db, now) if week.id not in applied]
    if found:
        context = {"weeks": found[:SHOWN], "words": words}
        yield Card("weeks/_card_open.html", context, urgency=45, span=6)


def _open_weeks(db: Session, now: datetime) -> list[Week]:
    to_come = list_weeks(db, with_drafts=False, since=to_local(now).date(), limit=20)
    return [week for week in to_come if say_window(week, now) is None]


def team_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """The applications that wait for an answer, week by week."""
    rows = count_to_decide(db, user_id, now)
    if rows:
        yield Card("weeks/_card_decide.html", {"rows": rows}, urgency=12, span=6, tone="ask")


def path_panel(db: Session, path_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """The weeks of this path for which one may apply."""
    found = [week for week in _open_weeks(db, now) if week.path_id == path_id]
    if found:
        context = {"weeks": found[:SHOWN], "words": words}
        yield Card("weeks/_card_open.html", context, urgency=25, span=12)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Each turn of one's applications, and the week itself once one comes."""
    for one in list_own(db, user_id):
        url = f"/semaines/{one.week_id}/candidature"
        for event in one.events:
            said = str(words.event_words()[event.to_state])
            yield TimelineEvent(event.at, said, Theirs(one.week.title), "week", url)
        if one.state is ApplicationState.ACCEPTED:
            starts = to_utc(datetime.combine(one.week.first_day, time(8)))
            days = words.days_words(one.week)
            yield TimelineEvent(
                starts, Theirs(one.week.title), days, "week", f"/semaines/{one.week_id}/accueil"
            )


def timeline_for_team(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """The weeks somebody comes to; what they applied for and did not get is between them and who
    selects."""
    for one in list_own(db, user_id):
        if one.state is ApplicationState.ACCEPTED:
            starts = to_utc(datetime.combine(one.week.first_day, time(8)))
            url = f"/semaines/{one.week_id}"
            yield TimelineEvent(
                starts, Theirs(one.week.title), words.days_words(one.week), "week", url
            )


def before_weeks(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Who is accepted for a week, at eight on its first morning."""
    return _around(db, Week.first_day, time(8), since, until)


def after_weeks(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Who was accepted for a week, at six on its last evening."""
    return _around(db, Week.last_day, time(18), since, until)


def _around(
    db: Session, day: Any, hour: time, since: datetime, until: datetime
) -> Iterable[Happening]:
    for one in list_accepted_between(db, day, to_local(since).date(), to_local(until).date()):
        week = one.week
        at = to_utc(datetime.combine(getattr(week, day.key), hour))
        if since <= at < until:
            yield Happening(one.user_id, at, f"week:{week.id}", week.title, week.path_id)


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last time somebody applied."""
    return latest_applications(db, among)


def _export(db: Session, user_id: UUID) -> Any:
    return [
        {
            "week": one.week.title,
            "first_day": one.week.first_day.isoformat(),
            "state": one.state.value,
            "audience": one.audience.value,
            "motivation": one.motivation,
            "path": one.path.slug if one.path is not None else None,
            "nights": [night.night.isoformat() for night in one.nights],
            "room": next((n.room.name for n in one.nights if n.room is not None), None),
            "meals": [{"day": meal.day.isoformat(), "meal": meal.meal.value} for meal in one.meals],
            "sharing": one.sharing.value,
            "wish": one.wish,
            "history": [
                {"at": event.at.isoformat(), "to": event.to_state.value, "word": event.word}
                for event in one.events
            ],
        }
        for one in list_own(db, user_id)
    ]


def _erase(db: Session, user_id: UUID) -> None:
    forget_person(db, user_id, clock.now())


def _export_needs(db: Session, user_id: UUID) -> Any:
    return [
        {
            "week": one.week.title,
            "diet": needs.diet.value if needs.diet else None,
            "allergies": needs.allergies,
            "other_allergy": needs.other_allergy,
            "access": needs.access,
            "consented_at": needs.consented_at.isoformat(),
            "text_version": needs.text_version,
            "erased_on": one.week.needs_end_on.isoformat(),
            "read_at": [reading.at.isoformat() for reading in list_readings(db, one.id)],
        }
        for one in list_own(db, user_id)
        if (needs := find_needs(db, one.id)) is not None
    ]


def _erase_needs(db: Session, user_id: UUID) -> None:
    lock_for_writing(db)
    for one in list_own(db, user_id):
        forget_needs(db, one.id)


OFFERS = (
    DEMAND,
    Occasion("before_week", _l("Avant une semaine intensive"), before_weeks, is_ahead=True),
    Occasion("after_week", _l("Après une semaine intensive"), after_weeks),
    Joining(
        "weeks",
        frozenset({"week_team"}),
        frozenset({"week_application"}),
        joining.join_weeks,
        joining.blocks,
    ),
    HomeCard("weeks", frozenset(ROLES), home_cards),
    HomeCard("weeks_to_decide", frozenset({FACILITATOR}), team_cards),
    PathPanel("weeks", path_panel),
    Trace("weeks", _l("une candidature à une semaine"), latest_trace),
    TimelineSource("weeks", timeline, timeline_for_team),
    PersonalData(  # before the applications, to which they belong
        name="stay_needs",
        what=_l(
            "Régime, allergies et besoins d’accès pendant un séjour, si vous les avez dits ; "
            "qui de l’équipe a lu vos besoins d’accès."
        ),
        why=_l("Pour que la cuisine et l’équipe préparent votre séjour."),
        basis=_l("Votre accord, que vous retirez quand vous voulez (RGPD, article 9.2.a)."),
        how_long=_l(
            "Huit jours après le départ, sauf délai plus court ou plus long dit par la "
            "semaine ; aussitôt si vous les effacez ou si vous ne venez pas."
        ),
        export=_export_needs,
        erase=_erase_needs,
        treatment="weeks",
        grounds=(Basis.EXPLICIT,),
        swept_by=("stay_needs_over",),
    ),
    PersonalData(
        name="weeks",
        what=_l(
            "Vos candidatures aux semaines intensives : ce que vous avez écrit, vos nuits et "
            "vos repas, avec qui vous partagez une chambre, les réponses de l’équipe."
        ),
        why=_l("Pour choisir qui vient, et retenir places, lits et repas."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l("Jusqu’à la fermeture de votre compte."),
        export=_export,
        erase=_erase,
        treatment="weeks",
        grounds=(Basis.CONTRACT,),
    ),
    Invariant("beds_not_oversold", "Jamais plus de personnes que de lits", figures.check_beds),
    Invariant(
        "stay_meals_counted", "Jamais plus de repas que la cuisine n’en sert", figures.check_meals
    ),
    Invariant(
        "week_places_counted",
        "Jamais plus de personnes acceptées que de places",
        figures.check_places,
    ),
    Invariant(
        "accepted_are_seated",
        "Qui est accepté a une place à chaque demi-journée",
        figures.check_sessions,
    ),
    Scene("weeks", play),
    *JOBS,
    *RULES,
)
