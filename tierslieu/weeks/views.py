"""The weeks, each week's page, and the pages on which the team makes one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, current_person_or_none, public, roles
from tierslieu.web.paging import Page, asked_page
from tierslieu.web.written import Theirs
from tierslieu.weeks import words
from tierslieu.weeks.applications import views as _applications  # noqa: F401 - same blueprint
from tierslieu.weeks.applications.claims import has_begun
from tierslieu.weeks.applications.queries import count_states, find_own, list_living
from tierslieu.weeks.applications.rules import LIVING, say_window
from tierslieu.weeks.calling_off import abandon_draft, call_off_week
from tierslieu.weeks.desk import blueprint, is_facilitator, week_here
from tierslieu.weeks.forms import (
    CallOffWeekForm,
    ChooseForm,
    HalfDayForm,
    StepsForm,
    WeekForm,
    offer_programme_choices,
    offer_week_choices,
    quota_fields,
    week_values,
)
from tierslieu.weeks.models import Moment, Week
from tierslieu.weeks.programme import add_half_day, add_session, remove_session
from tierslieu.weeks.publishing import publish_week, unpublish_week
from tierslieu.weeks.queries import (
    count_weeks,
    list_free_sessions,
    list_own_session_ids,
    list_sheets,
    list_weeks,
)
from tierslieu.weeks.rules import save_week, set_steps
from tierslieu.weeks.selection import views as _selection  # noqa: F401 - likewise
from tierslieu.weeks.stays import views as _stays  # noqa: F401 - likewise
from tierslieu.weeks.welcome import views as _welcome  # noqa: F401 - likewise

Answer = str | Response | tuple[str, int]
PER_PAGE = 20


@blueprint.get("/semaines")
@public
def weeks() -> str:
    """The weeks to come, the soonest first; the team sees drafts and, if asked, past ones."""
    session, number, with_drafts = db.session(), asked_page(), is_facilitator()
    is_past = "passees" in request.args
    today = to_local(clock.now()).date()
    since, before = (None, today) if is_past else (today, None)
    total = count_weeks(session, with_drafts=with_drafts, since=since, before=before)
    items = list_weeks(
        session,
        with_drafts=with_drafts,
        since=since,
        before=before,
        offset=(number - 1) * PER_PAGE,
        limit=PER_PAGE,
    )
    return render_template(
        "weeks/index.html",
        page=Page(items, number, total, PER_PAGE),
        words=words,
        now=clock.now(),
        say_window=say_window,
        is_facilitator=with_drafts,
        is_past=is_past,
    )


@blueprint.get("/semaines/<uuid:week_id>")
@public
def show(week_id: UUID) -> str:
    """One week: what it is, its programme, the stay, and where one's own application stands."""
    week, person, now = week_here(week_id), current_person_or_none(), clock.now()
    own = find_own(db.session(), week.id, person.id) if person is not None else None
    return render_template(
        "weeks/week.html",
        week=week,
        own=own,
        # Nobody is asked to apply to a week that is off, nor who reads the applications.
        may_be_asked=week.cancelled_at is None and person not in week.team,
        words=words,
        may_be_called_off=_may_be_called_off(week),
        own_half_days=set(list_own_session_ids(db.session(), week.id)) if is_facilitator() else (),
        window=say_window(week, now),
        place=describe_place,
        is_facilitator=is_facilitator(),
        counts=count_states(db.session(), week.id) if is_facilitator() else {},
        are_kept=week.quotas_until is not None and now < week.quotas_until,
        steps={m: [one.step for one in _in_order(week) if one.moment is m] for m in Moment},
    )


def _in_order(week: Week) -> list[Any]:
    return sorted(week.steps, key=lambda one: (one.step.version_id, one.step.position))


@blueprint.route("/semaines/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_week() -> Answer:
    """A new week, a draft at first."""
    return _week_page(WeekForm(data={"team": [current_person().id]}), None)


@blueprint.route("/semaines/<uuid:week_id>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_week(week_id: UUID) -> Answer:
    """Change a week."""
    week = week_here(week_id)
    return _week_page(WeekForm(data=week_values(week)), week)


def _week_page(form: WeekForm, week: Week | None) -> Answer:
    session, week_id = db.session(), week.id if week is not None else None
    actor_id = current_person().id
    if form.validate_on_submit():
        try:
            saved = save_week(session, week_id, form.plan(), now=clock.now(), actor_id=actor_id)
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La semaine est enregistrée."), "success")
            where = "weeks.programme" if week_id is None else "weeks.show"
            return redirect(url_for(where, week_id=saved.id))
    offer_week_choices(session, form)
    page = render_template(
        "weeks/edit.html",
        form=form,
        quotas=quota_fields(form),
        week=week_here(week_id) if week_id is not None else None,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/semaines/<uuid:week_id>/publier")
@roles(FACILITATOR)
def publish(week_id: UUID) -> Response:
    """Show a week to everybody."""
    return _act(
        week_id,
        lambda: publish_week(db.session(), week_id, now=clock.now()),
        _("La semaine est publiée."),
    )


@blueprint.post("/semaines/<uuid:week_id>/depublier")
@roles(FACILITATOR)
def unpublish(week_id: UUID) -> Response:
    """Make a week a draft again."""
    return _act(
        week_id,
        lambda: unpublish_week(db.session(), week_id),
        _("La semaine est de nouveau un brouillon."),
    )


def _may_be_called_off(week: Week) -> bool:
    stands = week.published_at is not None and week.cancelled_at is None
    return stands and not has_begun(week, clock.now())


@blueprint.route("/semaines/<uuid:week_id>/annuler", methods=["GET", "POST"])
@roles(FACILITATOR)
def call_off(week_id: UUID) -> Answer:
    """Call a whole week off, after having read what follows."""
    week, form, actor_id = week_here(week_id), CallOffWeekForm(), current_person().id
    if not _may_be_called_off(week):
        return redirect(url_for("weeks.show", week_id=week_id))
    if form.validate_on_submit():
        session = db.session()
        try:
            call_off_week(session, week_id, form.reason.data, now=clock.now(), actor_id=actor_id)
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La semaine est annulée. Qui avait candidaté reçoit un mail."), "success")
            return redirect(url_for("weeks.show", week_id=week_id))
    page = render_template(
        "weeks/call_off.html",
        week=week_here(week_id),
        words=words,
        form=form,
        living=len(list_living(db.session(), week_id, LIVING)),
        own=set(list_own_session_ids(db.session(), week_id)),
        is_told=bool(list_sheets(db.session(), week_id)),
    )
    return (page, 422) if form.errors else page


@blueprint.post("/semaines/<uuid:week_id>/abandonner")
@roles(FACILITATOR)
def abandon(week_id: UUID) -> Response:
    """Erase a draft to which nobody applied."""
    title = week_here(week_id).title
    try:
        abandon_draft(db.session(), week_id, now=clock.now())
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
        return redirect(url_for("weeks.show", week_id=week_id))
    db.session.commit()
    flash(_("Le brouillon « %(title)s » est abandonné.", title=title), "success")
    return redirect(url_for("weeks.weeks"))


def _act(week_id: UUID, act: Any, said: str, where: str = "weeks.show") -> Response:
    """Do it and say so, or say why not; then show the page again."""
    try:
        act()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(said, "success")
    return redirect(url_for(where, week_id=week_id))


@blueprint.get("/semaines/<uuid:week_id>/programme")
@roles(FACILITATOR)
def programme(week_id: UUID) -> str:
    """The half-days of a week, and what could become one."""
    week = week_here(week_id)
    return _programme_page(week, HalfDayForm(data=_first_values(week)), ChooseForm())


def _first_values(week: Week) -> dict[str, Any]:
    taken = {one.starts_local.date() for one in week.sessions}
    days = [one for one in (week.first_day, week.last_day) if one not in taken]
    return {
        "day": days[0] if days else week.first_day,
        "onsite": week.places,
        "facilitators": [current_person().id],
    }


def _programme_page(week: Week, form: HalfDayForm, choose: ChooseForm) -> str:
    session = db.session()
    steps = StepsForm(
        formdata=None,
        data={one.value: [s.step_id for s in week.steps if s.moment is one] for one in Moment},
    )
    offer_programme_choices(session, week, form, steps)
    free = list_free_sessions(session, week, clock.now())
    choose.sessions.choices = [(one.id, Theirs(one.title)) for one in free]
    return render_template(
        "weeks/programme.html",
        week=week,
        words=words,
        form=form,
        choose=choose,
        free={str(one.id): one for one in free},
        steps=steps,
        place=describe_place,
        now=clock.now(),
    )


@blueprint.post("/semaines/<uuid:week_id>/programme/nouvelle")
@roles(FACILITATOR)
def new_half_day(week_id: UUID) -> Answer:
    """Plan a half-day for this week."""
    week_here(week_id)
    form = HalfDayForm()
    actor_id = current_person().id
    if form.validate_on_submit():
        try:
            add_half_day(db.session(), week_id, form.plan(), now=clock.now(), actor_id=actor_id)
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("La demi-journée est au programme."), "success")
            return redirect(url_for("weeks.programme", week_id=week_id))
    return _programme_page(week_here(week_id), form, ChooseForm(formdata=None)), 422


@blueprint.post("/semaines/<uuid:week_id>/programme/choisir")
@roles(FACILITATOR)
def choose_sessions(week_id: UUID) -> Answer:
    """Take sessions of the agenda into the programme: all that are ticked, or none."""
    week_here(week_id)
    form, actor_id = ChooseForm(), current_person().id
    chosen = sorted({i for i in form.sessions.data or () if i is not None})
    if form.validate_on_submit() and chosen:
        try:
            for session_id in chosen:
                add_session(db.session(), week_id, session_id, now=clock.now(), actor_id=actor_id)
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Le programme est à jour."), "success")
            return redirect(url_for("weeks.programme", week_id=week_id))
    elif not form.errors:
        form.form_errors.append(_("Cochez au moins une séance."))
    week = week_here(week_id)
    return _programme_page(week, HalfDayForm(formdata=None, data=_first_values(week)), form), 422


@blueprint.post("/semaines/<uuid:week_id>/programme/<uuid:session_id>/oter")
@roles(FACILITATOR)
def drop_session(week_id: UUID, session_id: UUID) -> Response:
    """Take a half-day out of the programme; it stays at the agenda."""
    week_here(week_id)
    actor_id = current_person().id
    return _act(
        week_id,
        lambda: remove_session(
            db.session(), week_id, session_id, now=clock.now(), actor_id=actor_id
        ),
        _("La demi-journée n’est plus au programme. La séance reste à l’agenda."),
        "weeks.programme",
    )


@blueprint.post("/semaines/<uuid:week_id>/etapes")
@roles(FACILITATOR)
def choose_steps(week_id: UUID) -> Response:
    """The online steps that come before and after the week."""
    week_here(week_id)
    form = StepsForm()
    form.validate_on_submit()
    chosen = form.chosen()
    return _act(
        week_id,
        lambda: set_steps(db.session(), week_id, chosen),
        _("Les étapes d’avant et d’après sont à jour."),
        "weeks.programme",
    )
