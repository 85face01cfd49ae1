"""The planning of a session, and the calendar anybody may subscribe to."""

from __future__ import annotations

from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.calendars import Entry, make_calendar
from tierslieu.agenda.desk import blueprint
from tierslieu.agenda.forms import SessionForm, offer_choices, session_values
from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.places import views as _places  # noqa: F401 - on the same blueprint
from tierslieu.agenda.places.views import planning_aids
from tierslieu.agenda.queries import (
    Filter,
    find_session,
    list_sessions,
)
from tierslieu.agenda.rules import plan_session
from tierslieu.agenda.series.rules import Every, check_days, list_days, plan_series
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.place.queries import list_closures_told
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, public, roles

Answer = str | BaseResponse | tuple[str, int]
# What a copy does not take over.
COUNTED_FROM_THE_DAY = ("day", "bookable_from", "bookable_until", "kept", "kept_until")
NOT_AGAIN = ("csrf_token", "dates", "confirmer", "bundle")
FEED_PAST = clock.days(90)  # a calendar keeps a season of what was


@blueprint.route("/agenda/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_session() -> Answer:
    """Plan a session; ``?copie=`` begins as another, but for its day and what counts from it."""
    session = db.session()
    person_id = current_person().id
    copied = _copied()
    values = {"facilitators": [person_id]}
    if copied is not None:
        values = session_values(copied) | dict.fromkeys(COUNTED_FROM_THE_DAY)
    form = SessionForm(data=values)
    if "revenir" in request.form:  # from the dates of a series, with all that was typed
        offer_choices(session, form)
        return render_template("agenda/plan.html", form=form, copied=None, **planning_aids(session))
    if form.validate_on_submit() and form.repeat.data:
        return _plan_series(form, person_id)
    if form.validate_on_submit():
        try:
            planned = plan_session(session, form.plan(), now=clock.now(), actor_id=person_id)
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La séance est à l’agenda : on peut s’y inscrire."), "success")
            return redirect(url_for("bookings.show_session", session_id=planned.id))
    copied = _copied()
    offer_choices(session, form, copied)
    page = render_template("agenda/plan.html", form=form, copied=copied, **planning_aids(session))
    return (page, 422) if form.errors else page


def _copied() -> LearningSession | None:
    """The session that the new one is to be like."""
    text = request.args.get("copie", "")
    try:
        return find_session(db.session(), UUID(text)) if text else None
    except ValueError:
        return None


def _plan_series(form: SessionForm, person_id: UUID) -> Answer:
    """First every date with what would hinder it, then those that are kept."""
    session, now, plan = db.session(), clock.now(), form.plan()
    every, chosen = Every(form.repeat.data), set(request.form.getlist("dates"))
    try:
        days = list_days(every, plan.starts_local.date(), form.times.data or 0)
        if "confirmer" in request.form:
            kept = [day for day in days if day.isoformat() in chosen]
            made = plan_series(
                session,
                plan,
                every,
                kept,
                now=now,
                actor_id=person_id,
                is_bundle=bool(form.bundle.data),
            )
            session.commit()
            flash(
                ngettext(
                    "%(num)s séance est à l’agenda.", "%(num)s séances sont à l’agenda.", len(made)
                ),
                "success",
            )
            return redirect(url_for("bookings.show_session", session_id=made[0].id))
    except Refused as refused:
        session.rollback()
        form.refuse(refused)
        if refused.field is not None:
            offer_choices(session, form)
            aids = planning_aids(session)
            return render_template("agenda/plan.html", form=form, copied=None, **aids), 422
    found = check_days(session, plan, days, now=now, actor_id=person_id)
    session.rollback()
    page = render_template(
        "agenda/series.html",
        form=form,
        found=found,
        chosen=chosen if "confirmer" in request.form else None,
        sent=[pair for pair in request.form.items(multi=True) if pair[0] not in NOT_AGAIN],
    )
    return (page, 422) if form.errors or form.form_errors else page


@blueprint.get("/agenda.ics")
@public
def public_calendar() -> Response:
    """Every session, from a season ago on, and the days closed, for any calendar program."""
    now, session = clock.now(), db.session()
    since = now - FEED_PAST
    body = make_calendar(
        the_place().name_here,
        [Entry(one) for one in list_sessions(session, Filter(since=since))],
        current_app.config["TIERSLIEU"].base_url,
        now,
        closures=list_closures_told(session, clock.to_local(since).date()),
    )
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=600"
    return answer
