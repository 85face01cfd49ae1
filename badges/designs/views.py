"""The badges of the place: the list, each one's page, its picture, and making them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, json, redirect, render_template, request
from flask import url_for as address_of
from flask_babel import gettext as _
from werkzeug.http import http_date
from werkzeug.wrappers import Response as Answer

from badges.designs import pictures, queries, rules
from badges.designs.asking import may_be_automatic, set_automatic
from badges.designs.documents import achievement_document
from badges.designs.forms import COLOUR_NAMES, ICON_NAMES, SHAPE_NAMES, BadgeForm
from badges.designs.markdown import render_markdown
from badges.designs.models import BadgeClass
from badges.designs.negotiation import json_asked
from badges.designs.words import asked_words, skill_label, validity_label
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.settings import Settings
from tierslieu.web.access import current_person, current_person_or_none, public, roles

blueprint = Blueprint("designs", __name__)


def _badge(slug: str) -> BadgeClass:
    badge = queries.find_badge(db.session(), slug)
    if badge is None:
        raise NotYours()
    return badge


def _may_award() -> bool:
    person = current_person_or_none()
    return person is not None and person.holds(FACILITATOR)


@blueprint.get("/badges")
@public
def index() -> str:
    """Every badge that can be earned here."""
    session = db.session()
    return render_template(
        "designs/index.html",
        badges=queries.list_badges(session),
        archived=queries.list_badges(session, archived=True) if _may_award() else (),
        may_award=_may_award(),
        skill_label=skill_label,
    )


@blueprint.get("/badges/<slug>")
@public
def show(slug: str) -> str | Response:
    """One badge: a page, or the Achievement for machines."""
    badge = _badge(slug)
    media_type = json_asked()
    if media_type:
        settings: Settings = current_app.config["TIERSLIEU"]
        text = json.dumps(achievement_document(badge, settings.base_url), ensure_ascii=False)
        answer = Response(text, content_type=media_type)
        answer.headers["Vary"] = "Accept"
        return answer
    return render_template(
        "designs/show.html",
        badge=badge,
        criteria=render_markdown(badge.criteria),
        asked=asked_words(badge),
        skills=[(skill_label(s), s.url) for s in badge.skills],
        validity=validity_label(badge),
        may_award=_may_award(),
        may_be_automatic=may_be_automatic(badge),
        person=current_person_or_none(),
    )


@blueprint.get("/badges/<slug>.svg")
@public
def picture_svg(slug: str) -> Answer:
    """The picture, as drawn."""
    badge = _badge(slug)
    return _picture(
        badge, pictures.draw(badge.shape, badge.colour, badge.icon).encode(), "image/svg+xml"
    )


@blueprint.get("/badges/<slug>.png")
@public
def picture_png(slug: str) -> Answer:
    """The picture, in pixels."""
    badge = _badge(slug)
    return _picture(badge, pictures.draw_png(badge.shape, badge.colour, badge.icon), "image/png")


def _picture(badge: BadgeClass, data: bytes, media_type: str) -> Answer:
    answer = Response(data, content_type=media_type)
    frozen = badge.frozen_at
    answer.headers["Cache-Control"] = f"public, max-age={86_400 if frozen else 60}"
    answer.headers["Last-Modified"] = http_date(frozen or badge.created_at)
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/badges/dessin/<shape>-<colour>-<icon>.svg")
@public
def sample(shape: str, colour: str, icon: str) -> Response:
    """A picture that could be chosen: what the form shows beside each choice."""
    try:
        text = pictures.draw(shape, colour, icon)
    except KeyError:
        raise NotYours() from None
    answer = Response(text, content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@blueprint.route("/badges/creer", methods=["GET", "POST"])
@roles(FACILITATOR)
def create() -> str | Answer | tuple[str, int]:
    """Make a badge class; ``?modele=<slug>`` begins from another."""
    model = queries.find_badge(db.session(), request.args.get("modele", ""))
    form = BadgeForm(db.session(), badge=model)
    if form.is_submitted() and "search" not in request.form and form.validate():
        try:
            badge = rules.create_badge(
                db.session(), form.to_design(), now=clock.now(), actor_id=current_person().id
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(_("Le badge « %(name)s » est prêt à être attribué.", name=badge.name), "success")
            return redirect(address_of("designs.show", slug=badge.slug))
    return _form_page(form, _("Créer un badge"), address_of("designs.index"))


@blueprint.route("/badges/<slug>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit(slug: str) -> str | Answer | tuple[str, int]:
    """Change a badge class that nobody has received yet."""
    badge = _badge(slug)
    if badge.frozen_at is not None and request.method == "GET":
        return render_template("designs/frozen.html", badge=badge), 409
    form = BadgeForm(db.session(), badge=badge)
    if form.is_submitted() and "search" not in request.form and form.validate():
        try:
            rules.update_badge(db.session(), badge.id, form.to_design())
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(_("Le badge est à jour."), "success")
            return redirect(address_of("designs.show", slug=slug))
    return _form_page(form, _("Modifier le badge"), address_of("designs.show", slug=slug))


def _form_page(form: BadgeForm, title: str, back: str) -> str | tuple[str, int]:
    context: dict[str, Any] = {
        "shapes": SHAPE_NAMES,
        "colours": COLOUR_NAMES,
        "icons": ICON_NAMES,
    }
    searched = form.is_submitted() and "search" in request.form
    page = render_template(
        "designs/form.html", form=form, title=title, back_url=back, searched=searched, **context
    )
    return (page, 422) if form.is_submitted() and not searched else page


@blueprint.post("/badges/<slug>/automatique")
@roles(FACILITATOR)
def automatic(slug: str) -> Answer:
    """Award it without anybody reading it over, or no more."""
    wished = bool(request.form.get("automatic"))
    try:
        set_automatic(db.session(), _badge(slug).id, wished)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        flash(
            _("Ce badge sera attribué sans relecture, dès que tout y est.")
            if wished
            else _("Ce badge ne sera plus attribué qu’après relecture."),
            "success",
        )
    return redirect(address_of("designs.show", slug=slug))


@blueprint.post("/badges/<slug>/archiver")
@roles(FACILITATOR)
def archive(slug: str) -> Answer:
    """Award it no more."""
    rules.archive_badge(db.session(), _badge(slug).id, now=clock.now())
    db.session.commit()
    flash(_("Ce badge n’est plus attribué. Qui l’a reçu le garde."), "success")
    return redirect(address_of("designs.show", slug=slug))


@blueprint.post("/badges/<slug>/reprendre")
@roles(FACILITATOR)
def restore(slug: str) -> Answer:
    """Award it again."""
    rules.restore_badge(db.session(), _badge(slug).id)
    db.session.commit()
    flash(_("Ce badge peut de nouveau être attribué."), "success")
    return redirect(address_of("designs.show", slug=slug))
