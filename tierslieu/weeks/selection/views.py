"""Choosing side by side: the applications of a week, and the team's answer to each."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courses.enrolments.queries import list_enrolments_of
from courses.progress.rules import compute_progress
from courses.progress.words import remaining
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import Page, asked_page
from tierslieu.weeks import words
from tierslieu.weeks.applications.forms import ChosenForm, DecisionForm
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication
from tierslieu.weeks.applications.places import free_places
from tierslieu.weeks.applications.queries import (
    count_accepted,
    count_applications,
    count_states,
    find_access_needs_for,
    find_application,
    list_applications,
    list_ranks,
    rank_of,
)
from tierslieu.weeks.applications.rules import MOVES, decide
from tierslieu.weeks.desk import blueprint, week_here
from tierslieu.weeks.queries import is_of_team
from tierslieu.weeks.stays.beds import find_room_mate
from tierslieu.weeks.stays.moving import move_to_room
from tierslieu.weeks.stays.needs import read_access
from tierslieu.weeks.stays.wishes import find_partner

Answer = str | Response | tuple[str, int]
PER_PAGE = 24
_S = ApplicationState


@blueprint.get("/semaines/<uuid:week_id>/candidatures")
@roles(FACILITATOR)
def selection(week_id: UUID) -> str:
    """The applications side by side, those to decide first."""
    week, session, number = week_here(week_id), db.session(), asked_page()
    form, line = ChosenForm(request.args), list_ranks(session, week.id)
    chosen = form.chosen()
    items = list_applications(
        session, week.id, chosen, offset=(number - 1) * PER_PAGE, limit=PER_PAGE
    )
    return render_template(
        "weeks/selection.html",
        week=week,
        words=words,
        form=form,
        is_narrowed=chosen.state is not None or chosen.audience is not None,
        page=Page(items, number, count_applications(session, week.id, chosen), PER_PAGE),
        counts=count_states(session, week.id),
        accepted=count_accepted(session, week.id),
        are_kept=week.quotas_until is not None and clock.now() < week.quotas_until,
        ranks={one.id: line.get(one.id, 0) for one in items},
        progress=_progress(items),
    )


def _progress(items: Sequence[WeekApplication]) -> dict[UUID, list[tuple[str, str]]]:
    """For each person, every path they follow and what is left of it, in words."""
    house: House = current_app.extensions["tierslieu.house"]
    session = db.session()
    enrolments = list_enrolments_of(session, [one.user_id for one in items])
    computed = compute_progress(session, enrolments, house)
    found: dict[UUID, list[tuple[str, str]]] = {}
    for one in enrolments:
        said = (one.path.short_title, remaining(computed[one.id]))
        found.setdefault(one.user_id, []).append(said)
    return found


def _application(application_id: UUID) -> WeekApplication:
    found = find_application(db.session(), application_id)
    if found is None:
        raise NotYours
    return found


@blueprint.get("/semaines/candidatures/<uuid:application_id>")
@roles(FACILITATOR)
def judge(application_id: UUID) -> str:
    """One application: all of it, its history, and the answers that are possible."""
    return _judge_page(_application(application_id), DecisionForm())


def _judge_page(
    found: WeekApplication, form: DecisionForm, blocked: list[str] | None = None
) -> str:
    session, reader = db.session(), current_person()
    week = week_here(found.week_id)
    is_own = found.user_id == reader.id
    names = {
        _S.ACCEPTED: _("Accepter"),
        _S.WAITING: _("Mettre sur la liste d’attente"),
        _S.TO_COMPLETE: _("Demander de compléter"),
        _S.DECLINED: _("Ne pas retenir"),
        _S.WITHDRAWN: _("Retirer pour cette personne, qui l’a demandé"),
    }
    form.decision.choices = [(one.value, names[one]) for one in MOVES[found.state] if not is_own]
    access = find_access_needs_for(session, found.id, reader.id)
    partner = find_partner(session, found)
    return render_template(
        "weeks/judge.html",
        week=week,
        one=found,
        words=words,
        form=form,
        blocked=blocked or [],
        rank=rank_of(session, found),
        free=free_places(session, week, found.audience, clock.now()),
        progress=_progress([found]).get(found.user_id, []),
        has_access_needs=access is not None,
        is_mutual=partner is not None,
        mate=find_room_mate(session, found, partner),
        is_own=is_own,
        is_of_team=is_of_team(session, week.id, reader.id),
    )


@blueprint.post("/semaines/candidatures/<uuid:application_id>")
@roles(FACILITATOR)
def answer(application_id: UUID) -> Answer:
    """The team's answer."""
    found, form, blocked = _application(application_id), DecisionForm(), []
    week_id, reader_id, to_state = found.week_id, current_person().id, form.to_state()
    if form.validate_on_submit() and to_state is not None:
        try:
            moved = decide(
                db.session(),
                application_id,
                to_state,
                word=form.word.data,
                now=clock.now(),
                actor_id=reader_id,
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            blocked = list(refused.more.get("blocked", ()))
            if not blocked:
                form.refuse(refused)
        else:
            said = words.event_words()[moved.state]
            flash(_("%(name)s : %(said)s.", name=moved.user.name, said=said.lower()), "success")
            db.session.commit()
            return redirect(url_for("weeks.selection", week_id=week_id))
    elif not form.errors:
        form.form_errors.append(_("Choisissez une réponse."))
    return _judge_page(_application(application_id), form, blocked), 422


@blueprint.post("/semaines/candidatures/<uuid:application_id>/besoins")
@roles(FACILITATOR)
def read_needs(application_id: UUID) -> str:
    """What an accepted person needs to come in, for the week's team; the reading is noted."""
    found = _application(application_id)
    access = read_access(db.session(), found.id, current_person().id, now=clock.now())
    if access is None:
        raise NotYours
    db.session.commit()
    found = _application(application_id)
    return render_template(
        "weeks/access.html", one=found, week=week_here(found.week_id), access=access
    )


@blueprint.post("/semaines/candidatures/<uuid:application_id>/chambre")
@roles(FACILITATOR)
def change_room(application_id: UUID) -> Response:
    """Give somebody another room of the house."""
    found = _application(application_id)
    try:
        room_id = UUID(request.form.get("chambre", ""))
    except ValueError:
        raise NotYours from None
    try:
        move_to_room(db.session(), found.week_id, application_id, room_id, now=clock.now())
    except Refused as refused:
        db.session.rollback()
        if isinstance(refused, NotYours):
            raise
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(_("La chambre est changée."), "success")
    return redirect(url_for("weeks.judge", application_id=application_id))
