"""Batches for programs: what many recipients became, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Response
from flask_babel import gettext as _

from badges.awards.batches import jobs, queries, rules, words
from badges.awards.desk import SCOPE, house, wake
from badges.awards.desk import api_blueprint as blueprint
from badges.awards.models import AwardBatch, AwardBatchLine, LineState
from badges.designs.models import BadgeClass
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.api import Body, ListQuery, address, answer, caller, listed, read_query, token
from tierslieu.web.openapi import described


class BatchTold(Body):
    """How far it is, in recipients. ``unknown``: addresses without an account, told once, in the
    answer that starts it; nothing is made for them."""

    id: UUID
    badge: str
    state: Literal["draft", "running", "done", "stopped"]
    recipients: int
    awarded: int
    waiting: int
    refused: int
    hindrance: str
    confirmed_at: datetime | None
    ended_at: datetime | None
    url: str
    unknown: list[str] | None = None


class LineTold(Body):
    """What became of one recipient; ``message`` says why for one who received nothing."""

    recipient: str | None
    state: Literal["awarded", "waiting", "refused", "stopped"]
    award_id: UUID | None
    message: str


def start(
    badge: BadgeClass, accounts: dict[str, UUID], unknown: Sequence[str], session_id: UUID | None
) -> Response:
    """Have the worker award this badge to these accounts; 202 and where to read how far it is."""
    batch = rules.award_people(
        db.session(),
        badge.id,
        list(accounts.values()),
        house=house(),
        now=clock.now(),
        actor_id=caller().person_id,
        session_id=session_id,
    )
    batch_id = batch.id
    db.session.commit()
    wake(jobs.NAME)
    told = _told(_found(batch_id)).model_copy(update={"unknown": list(unknown)})
    response = answer(told, 202)
    response.headers["Location"] = told.url
    return response


def _found(batch_id: UUID) -> AwardBatch:
    batch = queries.find_batch_for(db.session(), caller().person_id, batch_id)
    if batch is None:
        raise NotYours(_("Il n’y a pas d’attribution en nombre de cet identifiant."))
    return batch


def _told(batch: AwardBatch) -> BatchTold:
    tally = queries.count_lines(db.session(), [batch.id])[batch.id]
    return BatchTold(
        id=batch.id,
        badge=batch.badge.slug,
        state=batch.state.value,
        recipients=tally.total,
        awarded=tally.done,
        waiting=tally.waiting,
        refused=tally.total - tally.done - tally.waiting,
        hindrance=batch.hindrance,
        confirmed_at=batch.confirmed_at,
        ended_at=batch.ended_at,
        url=address("awards_api.show_batch", batch_id=batch.id),
    )


_STATES: dict[LineState, Literal["awarded", "waiting", "refused", "stopped"]] = {
    LineState.DONE: "awarded",
    LineState.WAITING: "waiting",
    LineState.LEFT_OUT: "refused",
    LineState.REFUSED: "refused",
    LineState.STOPPED: "stopped",
}


def _line(line: AwardBatchLine) -> LineTold:
    state = _STATES[line.state]
    why = line.words or words.say_line(line).words if state in {"refused", "stopped"} else ""
    return LineTold(
        recipient=line.email or (line.user.email if line.user is not None else None),
        state=state,
        award_id=line.award_id,
        message=why,
    )


@blueprint.get("/award-batches/<uuid:batch_id>")
@token(SCOPE)
@described(answer=BatchTold, refusals={404: "not_found"})
def show_batch(batch_id: UUID) -> Response:
    """Say how far an awarding in number is."""
    return answer(_told(_found(batch_id)))


@blueprint.get("/award-batches/<uuid:batch_id>/recipients")
@token(SCOPE)
@described(
    query=ListQuery,
    answer=LineTold,
    many=True,
    refusals={400: "cursor_unknown", 404: "not_found"},
)
def batch_recipients(batch_id: UUID) -> Response:
    """List what became of each recipient, in the order they were given.

    Thirty days after the end, recipients are forgotten here; the counts and the awards stay.
    """
    asked = read_query(ListQuery)
    batch = _found(batch_id)
    if asked.after and not asked.after.isdecimal():
        raise Refused(
            _("Cette suite de liste n’existe plus : reprenez-la du début."),
            code="cursor_unknown",
            status=400,
        )
    beyond = int(asked.after[:9] or 0)
    lines = queries.list_lines_beyond(db.session(), batch.id, beyond, asked.limit + 1)
    shown = lines[: asked.limit]
    following = str(shown[-1].position) if len(lines) > asked.limit else None
    return listed([_line(line) for line in shown], following)
