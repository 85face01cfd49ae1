"""One's own paths for programs: beginning one, its progress, pausing, stopping, resuming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _
from pydantic import Field

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.queries import find_living_enrolment, find_own_enrolment, list_enrolments
from courses.enrolments.rules import MAX_REASON, change_status, enrol
from courses.paths.api import base_url
from courses.paths.queries import find_path
from courses.progress.computing import Progress, StepProgress
from courses.progress.desk import progress_of
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.api import (
    Body,
    ListQuery,
    address,
    answer,
    caller,
    listed,
    page_of,
    read_body,
    read_query,
    token,
)
from tierslieu.web.openapi import described

blueprint = Blueprint("enrolments_api", __name__, url_prefix="/api/v1")
SCOPE = "enrolments:write"
Status = Literal["active", "paused", "stopped"]
Cause = Literal[
    "time", "too_hard", "not_what_i_sought", "got_what_i_needed", "personal", "not_said"
]
Standing = Literal["done", "waived", "waiting", "returned", "todo", "locked"]


class EnrolmentCohort(Body):
    """Whom one follows a path with; both days belong to it."""

    title: str
    starts_on: date
    ends_on: date


class EnrolmentStep(Body):
    """Where one step stands. ``at``: since when, where it is no longer to do; ``source``: where
    what makes it done comes from; ``missing``: the keys of the steps that keep it locked."""

    key: str
    title: str
    state: Standing
    at: datetime | None
    source: str
    missing: tuple[str, ...]


class EnrolmentTold(Body):
    """One's own enrolment. ``done`` of ``required`` count what is asked and not waived."""

    id: UUID
    path: str
    version: int
    status: Status
    started_at: datetime
    cohort: EnrolmentCohort | None
    done: int
    required: int
    is_complete: bool
    completed_at: datetime | None
    steps: tuple[EnrolmentStep, ...]
    url: str


class EnrolmentRequest(Body):
    """Which path to follow, by its slug."""

    path: str = Field(max_length=200)


class EnrolmentChange(Body):
    """Pausing, stopping or resuming. ``cause`` is asked for when stopping."""

    status: Status
    cause: Cause | None = None
    reason: str = Field("", max_length=MAX_REASON)


def _tell(enrolments: Sequence[Enrolment]) -> list[EnrolmentTold]:
    progress = progress_of(*enrolments)
    return [_told(enrolment, progress[enrolment.id]) for enrolment in enrolments]


def _told(enrolment: Enrolment, progress: Progress) -> EnrolmentTold:
    cohort = enrolment.cohort
    return EnrolmentTold(
        id=enrolment.id,
        path=enrolment.path.slug,
        version=enrolment.version.number,
        status=enrolment.status.value,
        started_at=enrolment.started_at,
        cohort=EnrolmentCohort(
            title=cohort.title, starts_on=cohort.starts_on, ends_on=cohort.ends_on
        )
        if cohort
        else None,
        done=progress.done,
        required=progress.required,
        is_complete=progress.is_complete,
        completed_at=progress.completed_at,
        steps=tuple(_step(step) for step in progress.steps),
        url=f"{base_url()}/mes-parcours/{enrolment.id}",
    )


def _step(found: StepProgress) -> EnrolmentStep:
    return EnrolmentStep(
        key=found.step.key,
        title=found.step.title,
        state=found.state,
        at=found.at,
        source=found.source.partition(":")[0],
        missing=tuple(step.key for step in found.missing),
    )


def _own(enrolment_id: UUID) -> Enrolment:
    found = find_own_enrolment(db.session(), caller().person_id, enrolment_id)
    if found is None:
        raise NotYours(_("Il n’y a pas d’inscription de cet identifiant."))
    return found


@blueprint.get("/enrolments")
@token(SCOPE)
@described(query=ListQuery, answer=EnrolmentTold, many=True, refusals={400: "cursor_unknown"})
def enrolments() -> Response:
    """List one's own enrolments with their progress: under way first, the newest first."""
    asked, mine = read_query(ListQuery), list_enrolments(db.session(), caller().person_id)
    shown, following = page_of(mine, lambda enrolment: str(enrolment.id), asked)
    return listed(_tell(shown), following)


@blueprint.get("/enrolments/<uuid:enrolment_id>")
@token(SCOPE)
@described(answer=EnrolmentTold, refusals={404: "not_found"})
def show(enrolment_id: UUID) -> Response:
    """Show one of one's own enrolments with its progress, step by step."""
    return answer(_tell([_own(enrolment_id)])[0])


@blueprint.post("/enrolments")
@token(SCOPE)
@described(
    body=EnrolmentRequest,
    answer=EnrolmentTold,
    status=201,
    refusals={404: "not_found", 409: "already_enrolled, retired"},
)
def begin() -> Response:
    """Follow a path, in the version it has now.

    «already_enrolled» comes with its «enrolment_id», so that a call whose answer was lost can be
    made again.
    """
    asked, person_id, session = read_body(EnrolmentRequest), caller().person_id, db.session()
    path = find_path(session, asked.path)
    if path is None:
        raise NotYours(_("Il n’y a pas de parcours de ce nom."))
    path_id = path.id
    try:
        enrolment = enrol(session, person_id, path_id, now=clock.now())
    except Refused as refused:
        session.rollback()
        living = find_living_enrolment(session, person_id, path_id)
        if living is not None:
            refused.more["enrolment_id"] = str(living.id)
        raise
    told = _tell([enrolment])[0]
    session.commit()
    response = answer(told, 201)
    response.headers["Location"] = address(".show", enrolment_id=told.id)
    return response


@blueprint.patch("/enrolments/<uuid:enrolment_id>")
@token(SCOPE)
@described(
    body=EnrolmentChange,
    answer=EnrolmentTold,
    refusals={
        404: "not_found",
        409: "status_unchanged, status_impossible, cause_missing, already_enrolled",
    },
)
def change(enrolment_id: UUID) -> Response:
    """Pause, stop or resume one of one's own enrolments."""
    asked, person_id, session = read_body(EnrolmentChange), caller().person_id, db.session()
    _own(enrolment_id)
    change_status(
        session,
        enrolment_id,
        EnrolmentStatus(asked.status),
        now=clock.now(),
        actor_id=person_id,
        cause=StopReason(asked.cause) if asked.cause else None,
        reason=asked.reason,
    )
    told = _tell([_own(enrolment_id)])[0]
    session.commit()
    return answer(told)
