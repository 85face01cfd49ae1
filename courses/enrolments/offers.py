"""What enrolments offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus, StopReason
from courses.enrolments.queries import (
    count_started,
    find_living_enrolment,
    latest_turns,
    list_begun,
    list_enrolments,
    list_enrolments_of,
    list_events,
    list_followed,
    list_strays,
)
from courses.enrolments.scenes import play
from courses.enrolments.words import event_detail, event_title
from courses.paths.models import Path
from tierslieu.attention import Among, Trace
from tierslieu.clock import to_utc
from tierslieu.house import (
    Card,
    Column,
    Figure,
    Finding,
    Happening,
    Indicator,
    Invariant,
    Occasion,
    PathPanel,
    PersonalData,
    ResearchTable,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_reach import ENROLLED, FunnelStage
from tierslieu.register import Basis
from tierslieu.web.written import Theirs, around


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Beginnings, pauses, stops and resumptions; the first and last day of one's cohorts."""
    return _events(db, user_id, "/mes-parcours", by_team=False)


def timeline_for_team(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """The same without why somebody paused or stopped, which the team reads in figures only."""
    return _events(db, user_id, "/suivi/parcours", by_team=True)


def _events(db: Session, user_id: UUID, pages: str, *, by_team: bool) -> Iterable[TimelineEvent]:
    for enrolment, event in list_events(db, [user_id]):
        yield TimelineEvent(
            at=event.at,
            title=around(
                "%(path)s, %(what)s",
                path=Theirs(enrolment.path.short_title),
                what=escape(event_title(event).lower()),
            ),
            detail="" if by_team else event_detail(event),
            kind="path",
            url=f"{pages}/{enrolment.id}",
        )
    for enrolment in list_enrolments_of(db, [user_id]):
        cohort = enrolment.cohort
        if cohort is None or enrolment.status is EnrolmentStatus.STOPPED:
            continue
        for day, words in (
            (cohort.starts_on, _("premier jour")),
            (cohort.ends_on, _("dernier jour")),
        ):
            # At noon: the day alone is meant, wherever it is read.
            at = to_utc(datetime.combine(day, time(12)))
            title = str(_("Promotion %(title)s, %(words)s", title=cohort.title, words=words))
            yield TimelineEvent(
                at, title, Theirs(enrolment.path.short_title), "path", f"{pages}/{enrolment.id}"
            )


def enrolments(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Who began a path, and when."""
    for enrolment in list_begun(db, since, until):
        yield Happening(
            enrolment.user_id,
            enrolment.started_at,
            f"path:{enrolment.path_id}",
            enrolment.path.title,
            enrolment.path_id,
        )


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last turn of somebody's paths."""
    return latest_turns(db, among)


def panel(db: Session, path_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """The button to follow a path, or the way to one's own."""
    path = db.get_one(Path, path_id)
    enrolment = find_living_enrolment(db, user_id, path_id) if user_id else None
    mine = list_enrolments(db, user_id) if user_id else []
    yield Card(
        "enrolments/_panel.html",
        {
            "path": path,
            "enrolment": enrolment,
            "is_visitor": user_id is None,
            "has_stopped": any(e.path_id == path_id for e in mine),
        },
        urgency=0,
        span=12,
        tone="" if enrolment else "ask",
    )


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """A person's enrolments with their history."""
    return [
        {
            "path": enrolment.path.slug,
            "version": enrolment.version.number,
            "status": enrolment.status.value,
            "cohort": enrolment.cohort.title if enrolment.cohort else None,
            "started_at": enrolment.started_at.isoformat(),
            "history": [
                {
                    "at": event.at.isoformat(),
                    "to_status": event.to_status.value,
                    "to_version": event.to_version.number if event.to_version else None,
                    "cause": event.cause.value if event.cause else None,
                    "reason": event.reason,
                }
                for event in enrolment.events
            ],
        }
        for enrolment in list_enrolments_of(db, [user_id])
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Remove the enrolments with their history and their declared steps."""
    for enrolment in list_enrolments_of(db, [user_id]):
        db.delete(enrolment)
    db.flush()


RESEARCH_COLUMNS = (
    Column("path", "string", "Parcours suivi (identifiant du catalogue)"),
    Column("version", "integer", "Version du parcours au moment de l’inscription"),
    Column(
        "to_status",
        "string",
        "État après le changement",
        {"active": "en cours", "paused": "en pause", "stopped": "arrêté"},
    ),
    Column(
        "stop_reason",
        "string",
        "Raison de l’arrêt, parmi une liste",
        {
            StopReason.TIME.value: "manque de temps",
            StopReason.TOO_HARD.value: "trop difficile pour le moment",
            StopReason.NOT_WHAT_I_SOUGHT.value: "pas ce qui était cherché",
            StopReason.GOT_WHAT_I_NEEDED.value: "besoin satisfait",
            StopReason.PERSONAL.value: "raison personnelle",
            StopReason.NOT_SAID.value: "préfère ne pas le dire",
        },
    ),
)


def research_rows(
    db: Session, user_ids: Sequence[UUID]
) -> Iterable[tuple[UUID, datetime, Sequence[Any]]]:
    """One row a change of status; never the words a person wrote."""
    for enrolment, event in list_events(db, user_ids):
        if event.to_version_id is not None:
            continue  # the status did not change
        yield (
            enrolment.user_id,
            event.at,
            (
                enrolment.path.slug,
                enrolment.version.number,
                event.to_status.value,
                event.cause.value if event.cause else None,
            ),
        )


def check_versions(db: Session) -> Finding:
    """The version an enrolment follows is one of its path."""
    count, strays = list_strays(db)
    return Finding(count, [f"enrolment {stray}" for stray in strays])


OFFERS = (
    FunnelStage(ENROLLED, list_followed),
    Occasion("enrolment", _l("Au début d’un parcours"), enrolments),
    TimelineSource("enrolments", timeline, timeline_for_team),
    Trace("enrolments", _l("un changement dans un parcours"), latest_trace),
    PathPanel("enrolment", panel),
    PersonalData(
        "enrolments",
        _l(
            "Les parcours que vous suivez, avec quelle promotion et dans quelle version, vos "
            "pauses, vos arrêts et la raison que vous en donnez."
        ),
        _l("Pour retrouver votre chemin et vous accompagner."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
    ),
    ResearchTable(
        "enrolments", "Inscriptions aux parcours et changements", RESEARCH_COLUMNS, research_rows
    ),
    Indicator(
        "enrolments_started",
        _l("Inscriptions commencées"),
        _l(
            "Nombre d’inscriptions à un parcours commencées pendant la période. Une personne qui "
            "commence deux parcours compte deux fois."
        ),
        lambda db, since, until: Figure(count_started(db, since, until)),
    ),
    Invariant(
        "enrolment_versions", "Chaque inscription suit une version de son parcours", check_versions
    ),
    Scene("enrolments", play),
)
