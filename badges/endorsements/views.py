"""Asking for an endorsement, and what the team sees of it; a partner's pages are in ``links``."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from badges.awards.models import Award
from badges.awards.queries import find_own_award
from badges.designs.models import BadgeClass
from badges.designs.queries import find_badge
from badges.endorsements import giving, queries, rules
from badges.endorsements.desk import blueprint, settings, signing
from badges.endorsements.forms import AskForm, HideForm
from badges.endorsements.links import views as _links  # noqa: F401 - more pages, same blueprint
from badges.endorsements.models import Endorsement
from badges.endorsements.words import show, state_label
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in

MOST_SHOWN = 100  # endorsements of awards on the page of their badge


@blueprint.get("/badges/<slug>/soutiens")
@roles(FACILITATOR)
def of_badge(slug: str) -> str:
    """Every question about a badge and what came of it, for the team."""
    badge, now = _badge(slug), clock.now()
    return render_template(
        "endorsements/of_badge.html",
        badge=badge,
        rows=[
            (one, state_label(one, now), show(one, now) if one.credential else None)
            for one in queries.list_all(db.session(), badge_id=badge.id)
        ],
        given=[
            (one, show(one, now))
            for one in queries.list_given_to_awards(
                db.session(), badge_id=badge.id, limit=MOST_SHOWN
            )
        ],
    )


def _badge(slug: str) -> BadgeClass:
    badge = find_badge(db.session(), slug, drafts=True)
    if badge is None:
        raise NotYours()
    return badge


@blueprint.route("/badges/<slug>/soutiens/demander", methods=["GET", "POST"])
@roles(FACILITATOR)
def ask_badge(slug: str) -> str | Response | tuple[str, int]:
    """Ask a partner to endorse a badge."""
    badge = _badge(slug)
    rules.check_badge(badge)
    form = AskForm()
    if form.validate_on_submit():
        try:
            rules.ask_about_badge(
                db.session(), slug, form.read(), asker=current_person(), now=clock.now()
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(_sent(), "success")
            return redirect(url_for("endorsements.of_badge", slug=slug))
    page = render_template(
        "endorsements/ask.html",
        form=form,
        badge=_badge(slug),
        award=None,
        most_a_day=rules.MOST_A_DAY,
        questions=[],
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/mes-badges/<uuid:award_id>/soutien", methods=["GET", "POST"])
@signed_in
def ask_award(award_id: UUID) -> str | Response | tuple[str, int]:
    """A holder asks somebody to endorse their own award."""
    _own_award(award_id)
    form = AskForm()
    if form.validate_on_submit():
        try:
            rules.ask_about_award(
                db.session(), award_id, form.read(), asker=current_person(), now=clock.now()
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(_sent(), "success")
            return redirect(url_for("endorsements.ask_award", award_id=award_id))
    award, now = _own_award(award_id), clock.now()
    page = render_template(
        "endorsements/ask.html",
        form=form,
        badge=award.badge,
        award=award,
        most_a_day=rules.MOST_A_DAY_OF_A_HOLDER,
        questions=[
            (one, state_label(one, now))
            for one in queries.list_all(db.session(), award_id=award_id)
        ],
    )
    return (page, 422) if form.is_submitted() else page


def _own_award(award_id: UUID) -> Award:
    award = find_own_award(db.session(), current_person(), award_id)
    if award is None or not award.credential or award.revoked_at is not None:
        raise NotYours()
    return award


def _sent() -> str:
    return str(_("La demande est partie par mail. Vous recevrez la réponse de la même façon."))


@blueprint.post("/demandes-de-soutien/<uuid:endorsement_id>/annuler")
@signed_in
def cancel(endorsement_id: UUID) -> Response:
    """Take a question back before it is answered."""
    person = current_person()
    is_team = person.holds(FACILITATOR)
    found = rules.cancel(
        db.session(), endorsement_id, user_id=person.id, is_team=is_team, now=clock.now()
    )
    back = _back(found)
    db.session.commit()
    flash(_("La demande est annulée : son lien ne mène plus nulle part."), "success")
    return redirect(back)


def _back(found: Endorsement) -> str:
    if found.award_id is not None:
        return url_for("endorsements.ask_award", award_id=found.award_id)
    return url_for("endorsements.of_badge", slug=found.subject.slug)


@blueprint.route("/soutiens-donnes/<uuid:endorsement_id>/masquer", methods=["GET", "POST"])
@roles(FACILITATOR)
def hide(endorsement_id: UUID) -> str | Response | tuple[str, int]:
    """Take off an endorsement that should not be there."""
    session = db.session()
    found = queries.get_endorsement(session, endorsement_id)
    if found is None or not found.credential or found.hidden_at is not None:
        raise NotYours()
    form = HideForm()
    if form.validate_on_submit():
        with signing():
            found = giving.hide(
                session,
                settings(),
                endorsement_id,
                reason=form.reason.data,
                actor_id=current_person().id,
                now=clock.now(),
            )
        award_id, slug = found.award_id, found.subject.slug
        db.session.commit()
        flash(_("Ce soutien n’est plus montré, ni joint à ce qui se signe."), "success")
        if award_id is not None:
            return redirect(url_for("awards.show", award_id=award_id))
        return redirect(url_for("endorsements.of_badge", slug=slug))
    page = render_template(
        "endorsements/hide.html", form=form, found=found, shown=show(found, clock.now())
    )
    return (page, 422) if form.is_submitted() else page
