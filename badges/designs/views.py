"""The badges of the place: the list, each one's page, its picture, and making them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, flash, json, redirect, render_template, request
from flask import url_for as address_of
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.http import http_date
from werkzeug.wrappers import Response as Answer

from badges.designs import pictures, queries, rules, versions
from badges.designs.asking import may_be_automatic, set_automatic
from badges.designs.colours import OWN
from badges.designs.documents import MAIN, OTHER, achievement_document, has_english
from badges.designs.fields import (
    COLOUR_NAMES,
    HANDED_IN,
    ICON_NAMES,
    SHAPE_NAMES,
    PictureForm,
    SkillForm,
)
from badges.designs.forms import BadgeForm
from badges.designs.models import BadgeClass
from badges.designs.negotiation import json_asked
from badges.designs.own_pictures import left_out_words
from badges.designs.words import (
    asked_words,
    level_label,
    level_sentence,
    skill_label,
    validity_label,
)
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import BadgePanel, Card, House
from tierslieu.people.models import FACILITATOR
from tierslieu.settings import Settings
from tierslieu.web.access import current_person, current_person_or_none, public, roles
from tierslieu.web.markdown import render_markdown
from tierslieu.web.panels import render_cards
from tierslieu.web.visitors import same_for_visitors

blueprint = Blueprint("designs", __name__)


def _badge(slug: str) -> BadgeClass:
    badge = queries.find_badge(db.session(), slug, drafts=_may_award())
    if badge is None:
        raise NotYours()
    return badge


def _may_award() -> bool:
    person = current_person_or_none()
    return person is not None and person.holds(FACILITATOR)


@blueprint.get("/badges")
@same_for_visitors
@public
def index() -> str:
    """Every badge that can be earned here."""
    session = db.session()
    return render_template(
        "designs/index.html",
        badges=queries.list_badges(session),
        archived=queries.list_badges(session, archived=True) if _may_award() else (),
        drafts=queries.list_drafts(session) if _may_award() else (),
        may_award=_may_award(),
        skill_label=skill_label,
        level_label=level_label,
        has_english=has_english,
    )


@blueprint.get("/badges/<slug>")
@same_for_visitors
@public
def show(slug: str) -> str | Response:
    """One badge: a page, or the Achievement for machines."""
    badge = _badge(slug)
    media_type = json_asked()
    if media_type:
        return _achievement(badge, MAIN, media_type)
    session, newest = db.session(), queries.find_newest(db.session(), badge)
    later = queries.find_successor(session, newest.id) if _may_award() else None
    return render_template(
        "designs/show.html",
        badge=badge,
        criteria=render_markdown(badge.criteria),
        asked=asked_words(badge),
        criteria_en=render_markdown(badge.criteria_en) if has_english(badge) else None,
        level=level_label(badge.level) if badge.level else None,
        level_sentence=level_sentence(badge.level) if badge.level else None,
        newest=newest,
        draft=later,
        skills=[(skill_label(s), s.url) for s in badge.skills],
        validity=validity_label(badge),
        may_award=_may_award(),
        may_be_automatic=may_be_automatic(badge),
        person=current_person_or_none(),
        panels=_panels(badge),
    )


def _panels(badge: BadgeClass) -> Sequence[tuple[Card, Markup]]:
    """What features above add to this page."""
    house: House = current_app.extensions["tierslieu.house"]
    person = current_person_or_none()
    user_id, now = (person.id if person else None), clock.now()
    offers = house.all(BadgePanel)
    return render_cards(
        card for offer in offers for card in offer.build(db.session(), badge.id, user_id, now)
    )


@blueprint.get("/badges/<slug>/en")
@public
def english(slug: str) -> Answer:
    """The English edition of the Achievement, for machines; people read it on the badge's page."""
    badge = _badge(slug)
    if not has_english(badge):
        raise NotYours()
    media_type = json_asked()
    if media_type:
        return _achievement(badge, OTHER, media_type)
    return redirect(address_of("designs.show", slug=slug, _anchor="english"))


def _achievement(badge: BadgeClass, language: str, media_type: str) -> Response:
    settings: Settings = current_app.config["TIERSLIEU"]
    document = achievement_document(badge, settings.base_url, language)
    answer = Response(json.dumps(document, ensure_ascii=False), content_type=media_type)
    answer.headers["Vary"] = "Accept"
    return answer


@blueprint.get("/badges/<slug>.svg")
@public
def picture_svg(slug: str) -> Answer:
    """The picture, as drawn."""
    badge = _badge(slug)
    return _picture(badge, pictures.svg_of(badge), "image/svg+xml")


@blueprint.get("/badges/<slug>.png")
@public
def picture_png(slug: str) -> Answer:
    """The picture, in pixels."""
    badge = _badge(slug)
    return _picture(badge, pictures.png_of(badge), "image/png")


def _picture(badge: BadgeClass, data: bytes, media_type: str) -> Answer:
    answer = Response(data, content_type=media_type)
    frozen = badge.frozen_at
    kept = f"public, max-age={86_400 if frozen else 60}"
    answer.headers["Cache-Control"] = kept if badge.published_at else "private, no-cache"
    answer.headers["Last-Modified"] = http_date(frozen or badge.created_at)
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/badges/dessin/<shape>-<colour>-<icon>.svg")
@public
def sample(shape: str, colour: str, icon: str) -> Response:
    """A picture that could be chosen: what the form shows beside each choice."""
    asked = request.args
    words = "Abc" if icon == pictures.NO_ICON else ""
    drawing = pictures.Drawing(
        shape, colour, icon, words, asked.get("fond", ""), asked.get("dessin", "")
    )
    try:
        text = pictures.draw(drawing)
    except KeyError:
        raise NotYours() from None
    answer = Response(text, content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@blueprint.post("/badges/apercu")
@roles(FACILITATOR)
def preview() -> str:
    """The picture as chosen so far, for the page of the form."""
    form = PictureForm()
    return render_template("designs/_preview.html", form=form, preview=_preview(form))


@blueprint.post("/badges/competences")
@roles(FACILITATOR)
def skills() -> str:
    """The skills chosen and those that the search finds, for the page of the form."""
    form = SkillForm()
    form.offer_skills()
    return render_template("designs/_skills.html", form=form, searched=True)


@dataclass(frozen=True)
class Preview:
    """The picture as data, the sentence of what is wrong with it, what of a file is lost."""

    address: str = ""
    refusal: str = ""
    left_out: str = ""


def _preview(form: PictureForm) -> Preview:
    try:
        own = form.own_picture()
    except Refused as refused:
        return Preview(refusal=refused.message)
    if form.source.data == HANDED_IN:
        return Preview(own.address, left_out=left_out_words(own)) if own else Preview()
    refusal = ""
    try:
        rules.check_drawing(form.drawing)
    except Refused as refused:
        refusal = refused.message
        if refused.code not in ("contrast_low", "text_too_small"):
            return Preview(refusal=refusal)
    drawn = base64.b64encode(pictures.draw(form.drawing).encode()).decode()
    return Preview(f"data:image/svg+xml;base64,{drawn}", refusal)


@blueprint.route("/badges/creer", methods=["GET", "POST"])
@roles(FACILITATOR)
def create() -> str | Answer | tuple[str, int]:
    """Make a badge class; ``?modele=<slug>`` begins from another."""
    model = queries.find_badge(db.session(), request.args.get("modele", ""), drafts=True)
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
    """Change a version that nobody has received yet."""
    badge = _badge(slug)
    if badge.frozen_at is not None and request.method == "GET":
        newest = queries.find_newest(db.session(), badge)
        draft = queries.find_successor(db.session(), newest.id)
        page = render_template("designs/frozen.html", badge=badge, newest=newest, draft=draft)
        return page, 409
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
    title = _("Modifier le badge")
    if badge.version > 1:
        title = _("Préparer la version %(number)s", number=badge.version)
    return _form_page(form, title, address_of("designs.show", slug=slug))


def _form_page(form: BadgeForm, title: str, back: str) -> str | tuple[str, int]:
    searched = form.is_submitted() and "search" in request.form
    form.offer_skills()
    page = render_template(
        "designs/form.html",
        form=form,
        title=title,
        back_url=back,
        searched=searched,
        preview=_preview(form),
        shapes=SHAPE_NAMES,
        colours=COLOUR_NAMES,
        icons=ICON_NAMES,
        own_colours=OWN,
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


@blueprint.post("/badges/<slug>/nouvelle-version")
@roles(FACILITATOR)
def begin_version(slug: str) -> Answer:
    """Prepare the next version of a badge that was awarded, or go on with the one begun."""
    draft = versions.begin_version(
        db.session(), _badge(slug).id, now=clock.now(), actor_id=current_person().id
    )
    slug, is_draft = draft.slug, draft.published_at is None
    db.session.commit()
    return redirect(address_of("designs.edit" if is_draft else "designs.show", slug=slug))


@blueprint.post("/badges/<slug>/publier")
@roles(FACILITATOR)
def publish_version(slug: str) -> Answer:
    """This version is the one awarded from now on."""
    badge = versions.publish_version(db.session(), _badge(slug).id, now=clock.now())
    number = badge.version
    db.session.commit()
    words = _("La version %(number)s est publiée : c’est elle qui s’attribue.", number=number)
    flash(words, "success")
    return redirect(address_of("designs.show", slug=slug))


@blueprint.post("/badges/<slug>/abandonner")
@roles(FACILITATOR)
def drop_draft(slug: str) -> Answer:
    """Give up a version being prepared."""
    badge = _badge(slug)
    before = badge.previous.slug if badge.previous else None
    versions.drop_draft(db.session(), badge.id)
    db.session.commit()
    flash(_("Le brouillon est abandonné ; le badge reste tel qu’il était."), "success")
    if before is None:
        return redirect(address_of("designs.index"))
    return redirect(address_of("designs.show", slug=before))


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
