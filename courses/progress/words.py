"""Where one stands, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape

from courses.enrolments.models import Enrolment
from courses.enrolments.words import event_detail, event_title
from courses.paths.models import StepKind
from courses.paths.words import names_of, step_detail, step_name
from courses.progress.computing import Progress, StepProgress
from courses.progress.models import (
    RecordSource,
    RecordState,
    StepRecord,
    StepWaiver,
    WaiverState,
)
from tierslieu.web.formats import long_day
from tierslieu.web.written import Theirs, around

TONES = {
    "done": "ok",
    "waived": "ok",
    "waiting": "sun",
    "returned": "terra",
    "todo": "mer",
    "locked": "plain",
}
RECORDED = frozenset(source.value for source in RecordSource)


def state_words() -> dict[str, str]:
    """Where one step stands."""
    return {
        "done": _("faite"),
        "waived": _("dispensée"),
        "waiting": _("en attente de réponse"),
        "returned": _("à reprendre"),
        "todo": _("à faire"),
        "locked": _("pas encore ouverte"),
    }


def remaining(progress: Progress) -> str:
    """What is left, in a sentence: never a percentage."""
    left = progress.required - progress.done
    if progress.is_complete:
        return str(_("Toutes les étapes demandées sont faites"))
    if not progress.required:
        return str(_("Aucune étape n’est demandée"))
    return str(ngettext("Il reste %(num)s étape", "Il reste %(num)s étapes", left))


def detail(step: StepProgress) -> str:
    """One short line under a step of the frise."""
    if step.state == "done" and step.at is not None:
        date = str(_("le %(date)s", date=long_day(step.at)))
        # What the evidence is called: a session, a badge.
        return (
            around("%(date)s, %(label)s", date=escape(date), label=step.label)
            if step.label
            else date
        )
    if step.state == "waiting" and step.at is not None:
        return str(_("déclarée le %(date)s", date=long_day(step.at)))
    if step.state == "waived" and step.at is not None:
        return str(_("dispense du %(date)s", date=long_day(step.at)))
    if step.state == "locked":
        return str(_("après %(steps)s", steps=names_of(step.missing)))
    return step_detail(step.step)


@dataclass(frozen=True)
class FriseStep:
    """A step as the frise draws it."""

    title: str
    detail: str
    state: str
    url: str | None


def frise_steps(enrolment: Enrolment, progress: Progress) -> list[FriseStep]:
    """The steps of one enrolment, the next one marked as such."""
    is_active = enrolment.status.value == "active"
    next_step = progress.next if is_active else None
    return [
        FriseStep(
            Theirs(step_name(s.step)),
            detail(s),
            "now" if s is next_step and s.state == "todo" else s.state,
            f"/mes-parcours/{enrolment.id}/etapes/{s.step.id}",
        )
        for s in progress.steps
    ]


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    title: str
    detail: str


def record_events(record: StepRecord) -> list[Event]:
    """A step declared, and the answer to it; what a report brought was declared by nobody."""
    name, events = step_name(record.step), []
    if record.source is RecordSource.DECLARED:
        events.append(Event(record.declared_at, str(_("Étape déclarée")), Theirs(name)))
    if record.decided_at is not None:
        validated = record.state is RecordState.VALIDATED
        title = str(_("Étape validée") if validated else _("Étape à reprendre"))
        told = f"{name} · {record.proof}" if record.proof else name
        events.append(Event(record.decided_at, title, Theirs(told)))
    return events


def waiver_events(waiver: StepWaiver) -> list[Event]:
    """A waiver asked for, and the answer with its reason."""
    name, events = step_name(waiver.step), []
    if waiver.request:
        events.append(Event(waiver.asked_at, str(_("Dispense demandée")), Theirs(name)))
    titles = {
        WaiverState.GRANTED: _("Dispense accordée"),
        WaiverState.REFUSED: _("Dispense refusée"),
        WaiverState.TAKEN_BACK: _("Dispense retirée"),
    }
    if waiver.decided_at is not None:
        title = str(titles[waiver.state])
        events.append(Event(waiver.decided_at, title, Theirs(f"{name} : {waiver.reason}")))
    return events


def history(
    enrolment: Enrolment,
    progress: Progress,
    records: Iterable[StepRecord],
    waivers: Iterable[StepWaiver],
    *,
    by_team: bool = False,
) -> list[Event]:
    """All that happened in an enrolment, newest first. ``by_team``: without why somebody paused or
    stopped, which the team reads in figures only, never with a name."""
    events = [
        Event(e.at, event_title(e), "" if by_team else event_detail(e)) for e in enrolment.events
    ]
    for record in records:
        events += record_events(record)
    for waiver in waivers:
        events += waiver_events(waiver)
    events += [
        Event(s.at, str(_("Étape faite")), Theirs(f"{step_name(s.step)} · {s.label}"))
        for s in progress.steps
        if s.at is not None and s.state == "done" and s.source not in RECORDED
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def is_attested(step: StepProgress) -> bool:
    """Whether this step is known from elsewhere, so that there is nothing to declare."""
    return step.step.kind in (StepKind.ATTENDANCE, StepKind.BADGE, StepKind.SUBPATH)


def who_waives(team: Sequence[str]) -> str:
    """``Claire Petit, Hugo Roux ou quelqu’un d’autre de l’équipe``: whom to ask."""
    if not team:
        return str(_("L’équipe"))
    return str(_("%(names)s ou quelqu’un d’autre de l’équipe", names=", ".join(team)))


def where_from(record: StepRecord) -> str:
    """Where a line of progress comes from, and on what it rests."""
    sources = {
        RecordSource.DECLARED: _("votre déclaration"),
        RecordSource.GRADE_REPORT: _("un relevé de notes"),
        RecordSource.MOODLE: _("Moodle"),
        RecordSource.BADGE: _("un badge reçu ailleurs"),
        RecordSource.CERTIFICATE: _("un certificat"),
        RecordSource.XAPI: _("un autre service"),
    }
    said = str(sources[record.source])
    return f"{said} ({record.proof})" if record.proof else said


def shown_kinds(record: StepRecord) -> str:
    """``un texte, un fichier``: what a declared step shows."""
    kinds = [
        (record.evidence_text, _("un texte")),
        (record.evidence_url, _("un lien")),
        (record.upload, _("un fichier")),
    ]
    return ", ".join(str(word) for has, word in kinds if has)
