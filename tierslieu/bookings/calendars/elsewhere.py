"""The next sessions on other people's sites: a page to frame, the same as JSON, and how to.

Both are for anybody and the same for everybody: no cookie changes what they say, they set none, and
whoever carries them may keep them for some minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, render_template, request

from courses.paths.models import Path
from courses.paths.queries import list_paths
from courses.paths.words import audience_words
from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.queries import Filter, list_sessions
from tierslieu.bookings.desk import blueprint
from tierslieu.bookings.searching import Asked, asked_within, mode_words
from tierslieu.bookings.showing import Line, make_lines
from tierslieu.clock import PARIS
from tierslieu.db import db
from tierslieu.place.showing import the_place
from tierslieu.web.access import public
from tierslieu.web.headers import FRAMED_POLICY
from tierslieu.web.languages import MAIN, current
from tierslieu.web.unseen import unseen

USUAL, MOST = 5, 20
KEPT_FOR = "public, max-age=300"


@blueprint.get("/agenda/integrer")
@public
def embedding() -> str:
    """How another site shows the next sessions: the code to paste, for what one chooses."""
    paths = list_paths(db.session())
    asked, count = _asked(paths), _asked_count()
    # What is framed is the same for everybody: the language of who copies the code is in it.
    language = {} if current() == MAIN else {"langue": current()}
    chosen = {**asked.kept, "nombre": str(count), **language}
    base_url = current_app.config["TIERSLIEU"].base_url
    return render_template(
        "bookings/calendars/embedding.html",
        asked=asked,
        count=count,
        most=MOST,
        paths=paths,
        modes=mode_words(),
        audiences=[(audience.value, label) for audience, label in audience_words().items()],
        page_address=f"{base_url}/agenda/liste?{urlencode(chosen)}",
        json_address=f"{base_url}/agenda/prochaines.json?{urlencode(chosen)}",
        # A line for the title, one for the link below, and what a session takes with its tags.
        height=90 + 165 * count,
    )


@blueprint.get("/agenda/liste")
@public
@unseen
def embedded() -> Response:
    """The next sessions on a page without doors, which any site may frame."""
    asked = _asked(list_paths(db.session()))
    settings = current_app.config["TIERSLIEU"]
    page = render_template(
        "bookings/calendars/embedded.html",
        lines=_next_lines(asked),
        agenda_address=f"{settings.base_url}/agenda?{urlencode(asked.kept)}".rstrip("?"),
        base_url=settings.base_url,
        this_year=clock.to_local(clock.now()).year,
        describe_place=describe_place,
    )
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = FRAMED_POLICY
    answer.headers["Cache-Control"] = KEPT_FOR
    return answer


@blueprint.get("/agenda/prochaines.json")
@public
@unseen
def next_sessions() -> Response:
    """The next sessions for a program on any site."""
    asked = _asked(list_paths(db.session()))
    settings = current_app.config["TIERSLIEU"]
    answer = jsonify(
        place=the_place().name_here,
        url=f"{settings.base_url}/agenda",
        items=[_as_json(line, settings.base_url) for line in _next_lines(asked)],
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = KEPT_FOR
    return answer


def _asked(paths: Sequence[Path]) -> Asked:
    """What the address narrows, among sessions that have not ended and are not called off."""
    return asked_within(request.args, paths, (), Filter(since=clock.now(), standing=True))


def _asked_count() -> int:
    """How many: 1 to 20; anything strange is the usual five."""
    text = request.args.get("nombre", "")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        return USUAL
    return min(max(int(text), 1), MOST)


def _next_lines(asked: Asked) -> list[Line]:
    session = db.session()
    found = list_sessions(session, asked.filter, limit=_asked_count())
    return make_lines(session, found, None, clock.now())


def _as_json(line: Line, base_url: str) -> dict[str, Any]:
    session = line.session
    path = session.step.version.path if session.step else None
    return {
        "id": str(session.id),
        "title": session.title,
        "starts_at": session.starts_at.astimezone(PARIS).isoformat(),
        "ends_at": session.ends_at.astimezone(PARIS).isoformat(),
        "place": describe_place(session),
        "path": {"slug": path.slug, "title": path.title} if path else None,
        "audience": session.audience.value if session.audience else None,
        "admission": session.admission.value,
        "is_bookable": line.state == "to_come" and not line.window,
        "seats": [
            {"mode": s.mode.value, "capacity": s.capacity, "free": s.free, "words": s.words}
            for s in line.seats
        ],
        "url": f"{base_url}/agenda/{session.id}",
    }
