"""Applying, on a phone; one's stay and one's needs."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.accounts import WANTED
from tierslieu.web.access import current_person, signed_in
from tierslieu.weeks import words
from tierslieu.weeks.applications.claims import has_begun
from tierslieu.weeks.applications.forms import (
    ApplicationForm,
    NeedsForm,
    StayForm,
    first_values,
    needs_values,
    offer_paths,
    stay_values,
)
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication
from tierslieu.weeks.applications.queries import (
    find_needs,
    find_own,
    list_readings,
    rank_of,
)
from tierslieu.weeks.applications.rules import (
    LIVING,
    apply,
    change_stay,
    say_window,
    withdraw,
)
from tierslieu.weeks.desk import blueprint, week_here
from tierslieu.weeks.models import Week
from tierslieu.weeks.stays.beds import find_room_mate
from tierslieu.weeks.stays.needs import forget_needs, save_needs
from tierslieu.weeks.stays.wishes import find_partner

Answer = str | Response | tuple[str, int]
PER_PAGE = 24
_S = ApplicationState


def _own(week_id: UUID) -> tuple[Week, WeekApplication]:
    week = week_here(week_id)
    own = find_own(db.session(), week.id, current_person().id)
    if own is None:
        raise NotYours
    return week, own


@blueprint.get("/semaines/<uuid:week_id>/candidature")
@signed_in
def own(week_id: UUID) -> Answer:
    """Where one's application stands, and all that one can do about it."""
    week, now = week_here(week_id), clock.now()
    found = find_own(db.session(), week.id, current_person().id)
    if found is None:
        return redirect(url_for("weeks.apply_here", week_id=week_id))
    partner = find_partner(db.session(), found)
    return render_template(
        "weeks/application.html",
        week=week,
        own=found,
        words=words,
        rank=rank_of(db.session(), found),
        needs=find_needs(db.session(), found.id),
        readings=list_readings(db.session(), found.id),
        mate=find_room_mate(db.session(), found, partner),
        may_change=now < week.cutoff_at and not has_begun(week, now) and found.state in LIVING,
        may_rewrite=found.state is _S.TO_COMPLETE
        or (found.state in (_S.SUBMITTED, _S.WITHDRAWN) and say_window(week, now) is None),
        is_living=found.state in LIVING,
    )


@blueprint.route("/semaines/<uuid:week_id>/candidature/ecrire", methods=["GET", "POST"])
@signed_in
def apply_here(week_id: UUID) -> Answer:
    """Apply, rewrite, or complete what the team asked for."""
    week, session, person = week_here(week_id), db.session(), current_person()
    person_id, own = person.id, find_own(session, week_id, person.id)
    if person.profile is None:
        flash(_("Dites d’abord pour quoi vous venez : votre profil prend une minute."), "info")
        browser[WANTED] = request.path  # the profile, once filled in, leads back here
        return redirect(url_for("people.profile"))
    asked = own is not None and own.state is _S.TO_COMPLETE
    window = say_window(week, clock.now())
    if window is not None and not asked:
        flash(window, "info")
        return redirect(url_for("weeks.show", week_id=week_id))
    values = first_values(week)
    if own is not None:
        values = {**stay_values(own), "motivation": own.motivation, "path": own.path_id}
    form = ApplicationForm(week, data=values)
    if form.validate_on_submit():
        try:
            apply(session, week_id, person_id, form.wanted(), now=clock.now())
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Votre candidature est enregistrée."), "success")
            return redirect(url_for("weeks.own", week_id=week_id))
    offer_paths(session, form)
    page = render_template(
        "weeks/apply.html",
        week=week_here(week_id),
        form=form,
        own=find_own(session, week_id, person_id),
        days=words.days_words(week_here(week_id)),
        audience=words.audience_names()[current_person().profile.audience],  # type: ignore[union-attr]
    )
    return (page, 422) if form.errors else page


@blueprint.route("/semaines/<uuid:week_id>/candidature/sejour", methods=["GET", "POST"])
@signed_in
def own_stay(week_id: UUID) -> Answer:
    """Change nights, meals and room, until the boarding school is told."""
    week, own = _own(week_id)
    form, person_id = StayForm(week, data=stay_values(own)), current_person().id
    if form.validate_on_submit():
        try:
            change_stay(db.session(), week_id, person_id, form.stay(), now=clock.now())
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Votre séjour est à jour."), "success")
            return redirect(url_for("weeks.own", week_id=week_id))
    page = render_template("weeks/stay.html", week=week_here(week_id), form=form)
    return (page, 422) if form.errors else page


@blueprint.route("/semaines/<uuid:week_id>/candidature/besoins", methods=["GET", "POST"])
@signed_in
def own_needs(week_id: UUID) -> Answer:
    """Diet, allergies, access: optional, kept apart."""
    week, own = _own(week_id)
    form, person_id = NeedsForm(data=needs_values(find_needs(db.session(), own.id))), own.user_id
    if form.validate_on_submit():
        try:
            save_needs(
                db.session(),
                week_id,
                person_id,
                form.needs(),
                consents=form.consent.data,
                now=clock.now(),
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("C’est noté."), "success")
            return redirect(url_for("weeks.own", week_id=week_id))
    week, own = _own(week_id)
    page = render_template(
        "weeks/needs.html",
        week=week,
        form=form,
        is_kept=find_needs(db.session(), own.id) is not None,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/semaines/<uuid:week_id>/candidature/besoins/effacer")
@signed_in
def erase_needs(week_id: UUID) -> Response:
    """Take back the consent: what was written is gone."""
    _week, own = _own(week_id)
    forget_needs(db.session(), own.id)
    db.session.commit()
    flash(_("Vos besoins sont effacés."), "success")
    return redirect(url_for("weeks.own", week_id=week_id))


@blueprint.post("/semaines/<uuid:week_id>/candidature/retirer")
@signed_in
def give_up(week_id: UUID) -> Response:
    """Withdraw: everything it held is free again."""
    _week, own = _own(week_id)
    try:
        withdraw(db.session(), own.id, now=clock.now(), actor_id=own.user_id)
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(_("Votre candidature est retirée. Un mail vous le confirme."), "success")
    return redirect(url_for("weeks.own", week_id=week_id))
