"""Where the place is and when one finds somebody there, for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.agenda.hours import Week, say_spans
from tierslieu.agenda.queries import list_rooms
from tierslieu.db import db
from tierslieu.home.desk import blueprint
from tierslieu.place import colours as tones
from tierslieu.place.queries import find_picture
from tierslieu.place.showing import the_place
from tierslieu.web.access import public
from tierslieu.web.unseen import unseen

ICON = Path(__file__).parents[1] / "static/img/favicon.svg"
GROUND, SIGN = "#a8401f", "#fff"  # the two colours it is drawn in
SUFFIXES = {"image/svg+xml": "svg", "image/png": "png"}


@blueprint.get("/lieu")
@public
def place() -> str:
    """The place: what it is, where, when it is open, whom to write to."""
    return render_template("home/place.html", rooms=list_rooms(db.session()), **visit_facts())


@blueprint.get("/lieu/couleurs/<digest>.css")
@public
@unseen
def colours(digest: str) -> Response:
    """The colour the place chose, as a stylesheet. ``digest``: of its content, so that it may be
    kept for a year; a page that still names an older one gets what holds now, for once.
    """
    accent = the_place().accent
    if not accent:
        abort(404)
    answer = make_response(tones.stylesheet(accent))
    answer.mimetype = "text/css"
    holds = digest == tones.digest(accent)
    kept = "public, max-age=31536000, immutable" if holds else "public, no-cache"
    answer.headers["Cache-Control"] = kept
    answer.set_etag(tones.digest(accent))
    answer.make_conditional(request)
    return answer


@blueprint.get("/lieu/icone/<any(light, dark):scheme>/<digest>.svg")
@public
@unseen
def icon(scheme: str, digest: str) -> Response:
    """The sign of the house in the colour of the place, for the tab of a page. ``digest`` as for
    the stylesheet of that colour."""
    accent = the_place().accent
    if not accent:
        abort(404)
    tone = tones.tones(accent, scheme)
    drawn = ICON.read_text("utf-8").replace(GROUND, tone.accent).replace(SIGN, tone.ink)
    answer = make_response(drawn)
    answer.mimetype = "image/svg+xml"
    holds = digest == tones.digest(accent)
    kept = "public, max-age=31536000, immutable" if holds else "public, no-cache"
    answer.headers["Cache-Control"] = kept
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(f"{tones.digest(accent)}-{scheme}")
    answer.make_conditional(request)
    return answer


@blueprint.get("/lieu/logo/<digest>.<any(svg, png):suffix>")
@public
@unseen
def logo(digest: str, suffix: str) -> Response:
    """The logo, named by its content: it may be kept for ever. Opened by itself it runs nothing."""
    kept = find_picture(db.session(), digest)
    if kept is None or SUFFIXES[kept.media_type] != suffix:
        abort(404)
    answer = make_response(kept.data)
    answer.mimetype = kept.media_type
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(digest)
    answer.make_conditional(request)
    return answer


def visit_facts() -> dict[str, Any]:
    """When the place is open in a usual week, and when it will be closed all the same."""
    found, today = the_place(), clock.to_local(clock.now()).date()
    return {"hours": Week.read(found.opening).say(), "closures": found.closures_from(today)}


def say_today() -> str:
    """Whether the place is open today, in a few words; empty where its hours are not said, unless
    today is a day on which it is closed."""
    found, today = the_place(), clock.to_local(clock.now()).date()
    week = Week.read(found.opening)
    spans = week.days[today.weekday()]
    is_closed = any(one.first <= today <= one.last for one in found.closures)
    if is_closed or (week and not spans):
        return str(_("Fermé aujourd’hui"))
    if not week:
        return ""
    return str(_("Ouvert aujourd’hui : %(hours)s", hours=say_spans(spans)))
