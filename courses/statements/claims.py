"""Successes under a username that somebody declared: the team looks before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.paths.queries import list_steps
from courses.progress.models import RecordSource, StepRecord
from courses.progress.queries import find_standing_record
from courses.statements.models import XapiStatement


def proof_of(one: XapiStatement) -> str:
    """What is kept beside the step: the activity, what was said of it, and the statement's id."""
    title = (one.activity.name or one.activity.iri) if one.activity is not None else ""
    return f"xAPI, {title}\u00a0: {one.verb}, {one.statement_id}"


def ask_team(
    db: Session, statements: Sequence[XapiStatement], following: Mapping[UUID, tuple[UUID, UUID]]
) -> None:
    """Put each in the queue, once for a step; ``following``: the enrolment and version of each
    person. What waits or is done already stays as it is."""
    versions = sorted({following[one.user_id][1] for one in statements if one.user_id is not None})
    steps = {(step.version_id, step.key): step.id for step in list_steps(db, versions)}
    for one in sorted(statements, key=lambda said: (said.received_at, said.id)):
        if one.user_id is None or one.activity is None or one.happened_at is None:
            continue
        enrolment_id, version_id = following[one.user_id]
        step_id = steps[version_id, one.activity.step_key]
        if find_standing_record(db, enrolment_id, step_id) is not None:
            continue
        db.add(
            StepRecord(
                enrolment_id=enrolment_id,
                step_id=step_id,
                source=RecordSource.XAPI,
                proof=proof_of(one),
                evidence_text=str(
                    _(
                        "Un autre site dit que cette étape est réussie, pour un identifiant que la "
                        "personne a déclaré être le sien : vérifiez qu’il l’est."
                    )
                ),
                declared_at=one.happened_at,
            )
        )
        db.flush()
