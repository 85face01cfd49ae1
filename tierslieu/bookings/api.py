"""The agenda, and taking a seat, for programs: by the same rules as the pages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import Response, current_app
from flask_babel import gettext as _
from pydantic import Field, WithJsonSchema

from courses.paths.queries import list_paths
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.queries import Filter, find_session, list_sessions_beyond
from tierslieu.bookings.desk import api_blueprint as blueprint
from tierslieu.bookings.telling import Mode, SessionTold, tell_sessions
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.settings import Settings
from tierslieu.web.api import answer, listed, read_query, token
from tierslieu.web.openapi import described
from tierslieu.web.periods import PeriodQuery, unsaid, write_cursor

READ = "sessions:read"


class AgendaQuery(PeriodQuery):
    """What of the agenda: a period, a mode, a path by its slug."""

    mode: Annotated[
        Mode | None, WithJsonSchema({"type": "string", "enum": [mode.value for mode in SeatMode]})
    ] = Field(default_factory=unsaid)
    path: str = Field("", max_length=200)


def _base_url() -> str:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings.base_url


def _find(session_id: UUID) -> LearningSession:
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours(_("Il n’y a pas de séance de cet identifiant."))
    return found


def _path_id(slug: str) -> UUID | None:
    if not slug:
        return None
    for path in list_paths(db.session()):
        if path.slug == slug:
            return path.id
    raise Refused(
        _("Il n’y a pas de parcours de ce nom : voyez les adresses de « /parcours »."),
        code="path_unknown",
        status=400,
    )


@blueprint.get("/sessions")
@token(READ)
@described(
    query=AgendaQuery,
    answer=SessionTold,
    many=True,
    refusals={400: "cursor_unknown, period_empty, path_unknown"},
)
def sessions() -> Response:
    """List the sessions of a period, in the order of time.

    Those that have not ended, unless «from» says otherwise; a session is of the period when any
    part of it is. A date is its midnight in Paris. Cancelled sessions are told, and say so.
    """
    asked, session = read_query(AgendaQuery), db.session()
    asked.check()
    wanted = Filter(
        since=asked.since,
        until=asked.until,
        mode=SeatMode(asked.mode) if asked.mode else None,
        path_id=_path_id(asked.path),
    )
    found = list_sessions_beyond(session, wanted, asked.key, asked.limit + 1)
    shown = found[: asked.limit]
    following = None
    if len(found) > len(shown):
        following = write_cursor((shown[-1].starts_at, shown[-1].id))
    return listed(tell_sessions(session, shown, clock.now(), _base_url()), following)


@blueprint.get("/sessions/<uuid:session_id>")
@token(READ)
@described(answer=SessionTold, refusals={404: "not_found"})
def show_session(session_id: UUID) -> Response:
    """Say when and where a session is, and what is left of its seats."""
    found = _find(session_id)
    return answer(tell_sessions(db.session(), [found], clock.now(), _base_url())[0])
