"""What progress offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus
from courses.enrolments.queries import (
    count_enrolments,
    get_enrolments,
    list_enrolment_ids,
    list_enrolments,
)
from courses.progress import completing, words
from courses.progress.answering.offers import OFFERS as ANSWERING_OFFERS
from courses.progress.certificates.offers import OFFERS as CERTIFICATE_OFFERS
from courses.progress.completing import find_completed, in_slices
from courses.progress.imports.offers import OFFERS as IMPORT_OFFERS
from courses.progress.joining import count_judged, join_enrolments
from courses.progress.models import StepRecord, StepWaiver
from courses.progress.queries import (
    count_waiting,
    latest_declared,
    list_doubles,
    list_records_of,
    list_strangers,
    list_validated,
    list_waiting,
)
from courses.progress.rules import compute_progress
from courses.progress.scenes import play
from courses.progress.waivers.queries import count_asked, list_waivers_of
from courses.progress.waivers.scenes import play as play_waivers
from tierslieu.attention import Among, Trace
from tierslieu.house import (
    Card,
    Column,
    Figure,
    Finding,
    Happening,
    HomeCard,
    House,
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
from tierslieu.house_reach import COMPLETED, STARTED, FunnelStage
from tierslieu.people.models import FACILITATOR, ROLES
from tierslieu.register import Basis
from tierslieu.web.written import Theirs


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def _step_url(line: StepRecord | StepWaiver) -> str:
    """One's own page of that step; of a step that is gone from the version one follows, of the
    path."""
    url = f"/mes-parcours/{line.enrolment_id}"
    is_here = line.step.version_id == line.enrolment.version_id
    return f"{url}/etapes/{line.step_id}" if is_here else url


def _team_url(line: StepRecord | StepWaiver) -> str:
    return f"/suivi/parcours/{line.enrolment_id}"


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Steps declared and answered; waivers asked for and decided."""
    return _events(db, user_id, _step_url)


def timeline_for_team(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """The same, on the pages of the team."""
    return _events(db, user_id, _team_url)


def _events(
    db: Session, user_id: UUID, url_of: Callable[[StepRecord | StepWaiver], str]
) -> Iterable[TimelineEvent]:
    for record in list_records_of(db, [user_id]):
        for event in words.record_events(record):
            path = record.enrolment.path.short_title
            url = url_of(record)
            detail = Theirs(f"{event.detail} ({path})")
            yield TimelineEvent(event.at, event.title, detail, "path", url)
    for waiver in list_waivers_of(db, user_id):
        url = url_of(waiver)
        for event in words.waiver_events(waiver):
            detail = Theirs(f"{event.detail} ({waiver.enrolment.path.short_title})")
            yield TimelineEvent(event.at, event.title, detail, "path", url)


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last step somebody did."""
    return latest_declared(db, among)


def learner_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Each path under way, as a line of steps, with what is next; and what is paused."""
    mine = list_enrolments(db, user_id)
    active = [e for e in mine if e.status is EnrolmentStatus.ACTIVE]
    paused = [e for e in mine if e.status is EnrolmentStatus.PAUSED]
    if paused:
        yield Card("progress/_card_paused.html", {"enrolments": paused}, urgency=50, span=6)
    progress = compute_progress(db, active, _house())
    for enrolment in active:
        p = progress[enrolment.id]
        if p.is_complete:
            continue
        is_returned = p.next is not None and p.next.state == "returned"
        yield Card(
            "progress/_card_path.html",
            {
                "enrolment": enrolment,
                "progress": p,
                "frise_steps": words.frise_steps(enrolment, p),
                "words": words,
            },
            urgency=10 if is_returned else 20,
            span=12,
        )


def facilitator_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """How many declared steps wait, and since when."""
    count = count_waiting(db, user_id)
    oldest = list_waiting(db, user_id, limit=3)
    waivers = count_asked(db, user_id)
    yield Card(
        "progress/_card_queue.html",
        {"count": count, "oldest": oldest, "waivers": waivers},
        urgency=10 if count or waivers else 60,
        span=6,
        tone="ask" if count or waivers else "",
    )


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """A person's declared steps with what they showed and what was answered."""
    return [
        {
            "path": record.enrolment.path.slug,
            "step": record.step.title,
            "state": record.state.value,
            "declared_at": record.declared_at.isoformat(),
            "text": record.evidence_text,
            "link": record.evidence_url,
            "file": record.upload.filename if record.upload else None,
            "answered_at": record.decided_at.isoformat() if record.decided_at else None,
            "answer": record.word,
            "source": record.source.value,
            "proof": record.proof,
        }
        for record in list_records_of(db, [user_id])
    ]


def export_waivers(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """The waivers a person asked for or was given, with what both sides wrote."""
    return [
        {
            "path": waiver.enrolment.path.slug,
            "step": waiver.step.title,
            "state": waiver.state.value,
            "asked_at": waiver.asked_at.isoformat(),
            "request": waiver.request,
            "answered_at": waiver.decided_at.isoformat() if waiver.decided_at else None,
            "reason": waiver.reason,
        }
        for waiver in list_waivers_of(db, user_id)
    ]


def erase_waivers(db: Session, user_id: UUID) -> None:
    """Remove the waivers with what was written."""
    for waiver in list_waivers_of(db, user_id):
        db.delete(waiver)
    db.flush()


def erase(db: Session, user_id: UUID) -> None:
    """Remove the declared steps; their files go with the uploads."""
    for record in list_records_of(db, [user_id]):
        db.delete(record)
    db.flush()


RESEARCH_COLUMNS = (
    Column("path", "string", "Parcours (identifiant du catalogue)"),
    Column("version", "integer", "Version du parcours"),
    Column("step", "integer", "Rang de l’étape dans cette version"),
    Column(
        "state",
        "string",
        "État de la déclaration",
        {"declared": "en attente", "validated": "validée", "returned": "à reprendre"},
    ),
    Column(
        "source",
        "string",
        "D’où vient la ligne : la personne, ou un relevé d’un autre système",
        {
            "declared": "déclarée par la personne",
            "grade_report": "relevé de notes",
            "moodle": "Moodle",
            "badge": "badge",
            "certificate": "attestation",
            "xapi": "xAPI",
        },
    ),
    Column("shows_text", "boolean", "La preuve comporte un texte"),
    Column("shows_link", "boolean", "La preuve comporte un lien"),
    Column("shows_file", "boolean", "La preuve comporte un fichier"),
    Column("answered_after_days", "integer", "Jours entiers entre la déclaration et la réponse"),
)


def research_rows(
    db: Session, user_ids: Sequence[UUID]
) -> Iterable[tuple[UUID, datetime, Sequence[Any]]]:
    """One row a declared step; never what was written, linked or handed in."""
    for record in list_records_of(db, user_ids):
        waited = record.decided_at - record.declared_at if record.decided_at else None
        yield (
            record.enrolment.user_id,
            record.declared_at,
            (
                record.enrolment.path.slug,
                record.enrolment.version.number,
                record.step.position,
                record.state.value,
                record.source.value,
                bool(record.evidence_text),
                bool(record.evidence_url),
                record.upload_id is not None,
                waited.days if waited is not None else None,  # coarse: staff know the exact hour
            ),
        )


def ends_of_path(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Who came to the end of a path, and when."""
    for enrolment, progress in find_completed(db, _house(), since, until):
        assert progress.completed_at is not None
        yield Happening(
            user_id=enrolment.user_id,
            at=progress.completed_at,
            subject=f"path:{enrolment.path_id}",
            label=enrolment.path.title,
            path_id=enrolment.path_id,
        )


def count_completed(db: Session, since: datetime, until: datetime) -> Figure:
    """Enrolments completed in the period, of all those begun before its end."""
    completed = sum(1 for _ in find_completed(db, _house(), since, until))
    return Figure(completed, count_enrolments(db, until))


def check_standing(db: Session) -> Finding:
    """No step stands twice, and none is of another path than the enrolment's."""
    count, doubles = list_doubles(db)
    broken = [f"enrolment {e}, step {s}: twice" for e, s in doubles]
    broken += [f"record {record}: step of another path" for record in list_strangers(db)]
    return Finding(count, broken)


def check_progress(db: Session) -> Finding:
    """Progress stays between none and all of the required steps."""
    ids = list_enrolment_ids(db)
    broken = []
    for part in in_slices(ids):
        for p in compute_progress(db, get_enrolments(db, part), _house()).values():
            if not 0 <= p.done <= p.required or p.is_complete != (0 < p.required == p.done):
                broken.append(f"enrolment {p.enrolment_id}: {p.done} of {p.required}")
    return Finding(len(ids), broken)


def list_completed(db: Session, since: datetime, until: datetime) -> Iterable[tuple[UUID, UUID]]:
    """Who of those who began in the period has come to the end."""
    return completing.list_completed(db, _house(), since, until)


OFFERS = (
    FunnelStage(STARTED, list_validated),
    FunnelStage(COMPLETED, list_completed),
    Joining(
        "progress",
        frozenset({"answer_habits", "outside_username"}),
        frozenset({"enrolment"}),
        join_enrolments,
        judged=count_judged,
    ),
    Trace("progress", _l("une étape"), latest_trace),
    TimelineSource("progress", timeline, timeline_for_team),
    HomeCard("my_paths", frozenset(ROLES), learner_cards),
    HomeCard("waiting_steps", frozenset({FACILITATOR}), facilitator_cards),
    PersonalData(
        "step_records",
        _l("Les étapes que vous déclarez, ce que vous montrez, et les réponses de l’équipe."),
        _l("Pour valider votre progression et vous aider à avancer."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
    ),
    PersonalData(
        "step_waivers",
        _l("Les dispenses d’étapes que vous demandez, ce que vous en dites, et les réponses."),
        _l("Pour adapter un parcours à ce que vous savez déjà faire."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export_waivers,
        erase_waivers,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
    ),
    ResearchTable("progress", "Étapes déclarées et réponses", RESEARCH_COLUMNS, research_rows),
    Occasion("end_of_path", _l("À la fin d’un parcours"), ends_of_path),
    Indicator(
        "enrolments_completed",
        _l("Parcours terminés"),
        _l(
            "Inscriptions dont la dernière étape exigée a été faite pendant la période, parmi "
            "toutes les inscriptions commencées avant la fin de la période."
        ),
        count_completed,
    ),
    Invariant(
        "steps_stand_once", "Aucune étape n’est validée deux fois dans un parcours", check_standing
    ),
    Invariant("progress_in_bounds", "La progression reste entre rien et tout", check_progress),
    Scene("progress", play),
    Scene("waivers", play_waivers),
    *ANSWERING_OFFERS,
    *CERTIFICATE_OFFERS,
    *IMPORT_OFFERS,
)
