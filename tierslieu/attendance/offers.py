"""What attendance offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.queries import Filter, list_sessions
from tierslieu.attendance import figures
from tierslieu.attendance.claims import offers as claims
from tierslieu.attendance.jobs import JOBS, RULES
from tierslieu.attendance.joining import join_attendance
from tierslieu.attendance.models import Half, Presence
from tierslieu.attendance.queries import count_roll, latest_presences, list_lines_of
from tierslieu.attendance.rules import forget_person, is_roll_open, span_of_today
from tierslieu.attendance.scenes import play
from tierslieu.attendance.signing import offers as signing
from tierslieu.attention import Among, Trace
from tierslieu.bookings.showing import make_lines
from tierslieu.house import (
    Card,
    Column,
    Evidence,
    HomeCard,
    Indicator,
    Invariant,
    Occasion,
    PersonalData,
    ResearchTable,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.house_reach import CAME, STARTED, FunnelStage
from tierslieu.people.models import FACILITATOR
from tierslieu.register import Basis
from tierslieu.web.written import Theirs


def today_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Today's sessions with their rolls; one's own first, then by hour."""
    since, until = span_of_today(now)
    found = list_sessions(db, Filter(since=since, until=until))
    rolls = count_roll(db, [session.id for session in found])
    rows = [
        {
            "line": line,
            "place": describe_place(line.session, with_address=False),
            "roll": rolls.get(line.session.id),
            "is_open": is_roll_open(line.session, now),
            "expected": sum(pool.taken for pool in line.session.pools),
            "is_own": any(person.id == user_id for person in line.session.facilitators),
        }
        for line in make_lines(db, found, None, now)
    ]
    next_day = list_sessions(db, Filter(since=until), limit=1) if not rows else []
    context = {"rows": rows, "next": next_day[0] if next_day else None}
    yield Card("attendance/_card_today.html", context, urgency=5, span=12)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """The half-days one was at."""
    for line in list_lines_of(db, user_id):
        if line.presence is not Presence.PRESENT:
            continue
        half = _("matin") if line.half is Half.MORNING else _("après-midi")
        yield TimelineEvent(
            line.session.starts_at,
            Theirs(line.session.title),
            _("présence notée, %(half)s", half=half),
            "attendance",
            f"/agenda/{line.session_id}",
        )


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last time somebody was there."""
    return latest_presences(db, among)


def _export(db: Session, user_id: UUID) -> Any:
    return [
        {
            "session": line.session.title,
            "day": line.day.isoformat(),
            "half": line.half.value,
            "mode": line.mode.value,
            "presence": line.presence.value,
            "walked_in": line.walked_in,
            "noted_at": line.noted_at.isoformat(),
            "corrections": [
                {
                    "was": change.was.value if change.was else None,
                    "was_mode": change.was_mode.value if change.was_mode else None,
                    "became": change.became.value,
                    "became_mode": change.became_mode.value,
                    "at": change.at.isoformat(),
                    "by": change.by.name if change.by else None,
                    "why": change.why,
                }
                for change in line.changes
            ],
        }
        for line in list_lines_of(db, user_id)
    ]


OFFERS = (
    FunnelStage(STARTED, figures.list_came),
    FunnelStage(CAME, figures.list_came),
    Joining("attendance", tables=frozenset({"attendance"}), join=join_attendance),
    *signing.OFFERS,
    *claims.OFFERS,
    HomeCard("today", frozenset({FACILITATOR}), today_card),
    Trace("attendance", _l("une présence"), latest_trace),
    TimelineSource("attendance", timeline, timeline),
    PersonalData(
        name="attendance",
        what=_l(
            "Les demi-journées où votre présence ou votre absence a été notée, et ce qui en a été "
            "corrigé : quand, par qui et pourquoi."
        ),
        why=_l(
            "Pour valider l’étape d’un parcours, attester votre présence et compter la "
            "fréquentation du lieu."
        ),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l(
            "Trois ans après la séance, sauf autre durée choisie par le lieu ; ensuite, et si "
            "vous fermez votre compte, la ligne reste sans votre nom, pour les comptes du lieu."
        ),
        export=_export,
        erase=forget_person,
        treatment="attendance",
        grounds=(Basis.CONTRACT,),
        swept_by=("attendance_retention",),
    ),
    Evidence("attendance", figures.find_evidence, figures.list_dated),
    Occasion("after_session", _l("Après une séance"), figures.find_after_session),
    ResearchTable(
        "attendance",
        "Présence par demi-journée",
        (
            Column("path", "string", "Parcours auquel la séance se rattache, vide si aucun"),
            Column(
                "half",
                "string",
                "Moitié de la journée, coupée à 13 h",
                {"am": "matin", "pm": "après-midi"},
            ),
            Column(
                "mode",
                "string",
                "Façon de participer",
                {"onsite": "sur place", "online": "en ligne"},
            ),
            Column(
                "presence",
                "string",
                "Ce que dit l’appel",
                {"present": "présence", "absent": "absence", "excused": "absence annoncée"},
            ),
            Column("walked_in", "boolean", "Venue sans réservation"),
        ),
        figures.research_rows,
    ),
    Indicator(
        "half_days",
        _l("Demi-journées suivies"),
        _l(
            "Demi-journées de présence notées à l’appel, séances finies dans la période, personnes "
            "sans compte comprises."
        ),
        figures.half_days,
    ),
    Indicator(
        "no_shows",
        _l("Places réservées et non occupées"),
        _l(
            "Personnes inscrites, ni venues ni excusées, sur les personnes inscrites, séances "
            "finies dans la période dont l’appel a été fait."
        ),
        figures.no_shows,
    ),
    Invariant(
        "roll_half_days",
        "Chaque ligne d’appel est d’une demi-journée de sa séance",
        figures.check_half_days,
    ),
    Invariant(
        "roll_arrivals",
        "Une arrivée est notée pour les personnes présentes, et elles seules",
        figures.check_arrivals,
    ),
    Invariant(
        "roll_corrections",
        "Chaque ligne d’appel dit ce que dit sa dernière correction",
        figures.check_corrections,
    ),
    Scene("attendance", play),
    *JOBS,
    *RULES,
)
