"""What outcomes change here: foreseen for a dry run, written once, by the same code.

Nothing is ever taken back: a step validated before, by whatever way, stays so. Idempotent by what
stands, not by the file: applied twice, the second finds everything as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import insert
from sqlalchemy.orm import Session

from courses.paths.models import Step, StepKind
from courses.paths.queries import list_steps
from courses.paths.words import names_of
from courses.progress.imports.matching import AT_ONCE, Match, match_people
from courses.progress.imports.models import Outlook
from courses.progress.imports.outcomes import Answer, Origin, Outcome
from courses.progress.imports.queries import (
    living_enrolments,
    lock_path,
    standing_records,
    waiting_records,
)
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.rules import answer_letter
from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.mail.rules import write_mails

# A step of another kind is known from elsewhere (the roll, a badge, a path) and never graded.
GRADED = (StepKind.ONLINE, StepKind.EXERCISE, StepKind.PREPARATION)


@dataclass(frozen=True)
class Import:
    """One import of outcomes into a path: who brings it, when. ``actor_id``: None on the command
    line."""

    path_id: UUID
    origin: Origin
    now: datetime
    actor_id: UUID | None = None


@dataclass
class _Writing:
    """What is to be written for some people, gathered before it is written at once."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[UUID, str] = field(default_factory=dict)  # record, and its proof


def foresee(db: Session, order: Import, outcomes: Sequence[Outcome]) -> list[Answer]:
    """The dry run: what each line would do. Writes nothing."""
    return _go_through(db, order, outcomes, None, is_applied=False)


def apply(
    db: Session,
    order: Import,
    outcomes: Sequence[Outcome],
    matches: Sequence[Match | None] | None = None,
) -> list[Answer]:
    """Validate what the outcomes say; what each line did. Whoever had declared such a step and
    waits for the answer is told by mail.

    One at a time for each path; the enrolments concerned are locked. ``matches``: who each outcome
    is about, where that is known already.
    """
    lock_for_writing(db)
    lock_path(db, order.path_id)
    return _go_through(db, order, outcomes, matches, is_applied=True)


def _go_through(
    db: Session,
    order: Import,
    outcomes: Sequence[Outcome],
    matches: Sequence[Match | None] | None,
    *,
    is_applied: bool,
) -> list[Answer]:
    if matches is None:
        matches = match_people(db, outcomes, order.origin.provider)
    best = _best_lines(outcomes, matches)
    people, answers = list(best), dict[UUID, tuple[Outlook, str]]()
    steps: dict[UUID, list[Step]] = {}
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        mine = {user_id: outcomes[best[user_id]] for user_id in part}
        writing = _Writing()
        answers |= _foresee_part(db, order, mine, steps, writing, is_applied=is_applied)
        if is_applied:
            _write(db, order, writing)
    return [
        _answer(outcome, match, index, best, answers)
        for index, (outcome, match) in enumerate(zip(outcomes, matches, strict=True))
    ]


def _best_lines(outcomes: Sequence[Outcome], matches: Sequence[Match | None]) -> dict[UUID, int]:
    """Which line counts for each person: the best grade, the first of equals."""
    best: dict[UUID, int] = {}
    for index, match in enumerate(matches):
        if match is None:
            continue
        had = best.get(match.user_id)
        if had is None or outcomes[index].merit > outcomes[had].merit:
            best[match.user_id] = index
    return best


def _foresee_part(
    db: Session,
    order: Import,
    outcomes: dict[UUID, Outcome],
    steps: dict[UUID, list[Step]],
    writing: _Writing,
    *,
    is_applied: bool,
) -> dict[UUID, tuple[Outlook, str]]:
    """The answer for each of some hundreds of people, and what is to be written for them."""
    enrolments = living_enrolments(db, order.path_id, list(outcomes), locked=is_applied)
    _add_steps(db, steps, {version for _enrolment, version in enrolments.values()})
    ids = [enrolment for enrolment, _version in enrolments.values()]
    standing = standing_records(db, ids, locked=is_applied)
    found: dict[UUID, tuple[Outlook, str]] = {}
    for user_id, outcome in outcomes.items():
        if user_id not in enrolments:
            found[user_id] = Outlook.UNCHANGED, str(_("ne suit pas ce parcours"))
        elif user_id == order.actor_id:
            words = _("c’est vous : quelqu’un d’autre de l’équipe importera vos notes")
            found[user_id] = Outlook.UNCHANGED, str(words)
        else:
            enrolment_id, version_id = enrolments[user_id]
            reached = _reached(steps[version_id], outcome, order.origin)
            new = []
            for step, proof in reached:
                record = standing.get((enrolment_id, step.id))
                if record is not None and record[1] is RecordState.VALIDATED:
                    continue
                new.append(step)
                if record is not None:
                    writing.waiting[record[0]] = proof
                else:
                    when = outcome.times.get(step.key, order.now)
                    writing.rows.append(_row(order, enrolment_id, step.id, proof, when))
            found[user_id] = _say(order, new, is_reached=bool(reached))
    return found


def _add_steps(db: Session, steps: dict[UUID, list[Step]], versions: set[UUID]) -> None:
    """Read the steps of versions that were not met yet."""
    new = sorted(versions - steps.keys())
    if new:
        for version_id in new:
            steps[version_id] = []
        for step in list_steps(db, new):
            steps[step.version_id].append(step)


def _reached(steps: Sequence[Step], outcome: Outcome, origin: Origin) -> list[tuple[Step, str]]:
    """The steps that this line says are done, with the proof of each."""
    found = []
    for step in steps:
        if step.key in origin.apart:
            if step.key in outcome.done and step.kind in GRADED:
                found.append((step, outcome.done[step.key]))
        elif outcome.is_passed and step.kind is StepKind.ONLINE:
            found.append((step, outcome.proof))
    return found


def _row(
    order: Import, enrolment_id: UUID, step_id: UUID, proof: str, when: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "enrolment_id": enrolment_id,
        "step_id": step_id,
        "state": RecordState.VALIDATED,
        "source": order.origin.source,
        "proof": proof,
        "brought_by_id": order.actor_id,
        "evidence_text": "",
        "evidence_url": "",
        "declared_at": when,
        "decided_at": when,
        "decided_by_id": order.actor_id,
        "word": "",
    }


def _write(db: Session, order: Import, writing: _Writing) -> None:
    if writing.rows:
        db.execute(insert(StepRecord), writing.rows)
    if not writing.waiting:
        return
    # Declared, and now attested: the person's own word stays the source, the report is its proof.
    records = waiting_records(db, list(writing.waiting))
    for record in records:
        record.state = RecordState.VALIDATED
        record.proof = writing.waiting[record.id]
        record.brought_by_id = record.decided_by_id = order.actor_id
        record.decided_at = order.now
    db.flush()
    write_mails(db, [answer_letter(record) for record in records], now=order.now)


def _say(order: Import, new: Sequence[Step], *, is_reached: bool) -> tuple[Outlook, str]:
    if new:
        words = ngettext(
            "%(num)s étape validée : %(names)s",
            "%(num)s étapes validées : %(names)s",
            len(new),
            names=names_of(new),
        )
        return Outlook.CHANGED, str(words)
    if is_reached:
        return Outlook.UNCHANGED, str(_("tout est déjà validé"))
    if order.origin.source is RecordSource.GRADE_REPORT:
        return Outlook.UNCHANGED, str(_("le seuil n’est pas atteint"))
    return Outlook.UNCHANGED, str(_("aucune étape n’est terminée"))


def _answer(
    outcome: Outcome,
    match: Match | None,
    index: int,
    best: dict[UUID, int],
    answers: dict[UUID, tuple[Outlook, str]],
) -> Answer:
    if outcome.fault:
        return Answer(outcome, Outlook.ERROR, outcome.fault)
    if match is None:
        words = _("personne ici n’a cette adresse, ni cet identifiant")
        return Answer(outcome, Outlook.UNMATCHED, _join(str(words), outcome.note))
    if best[match.user_id] != index:
        outlook = Outlook.UNCHANGED
        words = _("une autre ligne de la même personne est meilleure ou égale : elle seule compte")
    else:
        outlook, words = answers[match.user_id]
    by = _("reconnue à l’identifiant qu’elle a déclaré") if match.by_username else ""
    return Answer(outcome, outlook, _join(str(words), str(by), outcome.note), match.user_id)


def _join(*parts: str) -> str:
    return " ; ".join(part for part in parts if part)
