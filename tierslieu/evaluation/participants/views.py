"""One's own page of studies: read, say yes or no, leave, see where one's data went."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.desk import blueprint, house, settings
from tierslieu.evaluation.kept.rules import forget_in_packages
from tierslieu.evaluation.participants.queries import find_by_slug
from tierslieu.evaluation.participants.showing import OwnStudy, list_own_studies
from tierslieu.house import Occasion
from tierslieu.surveys.pseudonyms import find_key
from tierslieu.surveys.studies import words
from tierslieu.surveys.studies.agreeing import agree, refuse, withdraw
from tierslieu.surveys.studies.queries import find_text, list_researchers
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.markdown import render_markdown


def _own(slug: str) -> OwnStudy:
    """A study that is proposed to this person, or to which they once said yes."""
    found = find_by_slug(db.session(), slug)
    if found is not None:
        for one in list_own_studies(db.session(), current_person().id):
            if one.study.id == found.id:
                return one
    raise NotYours


@blueprint.get("/recherche")
@signed_in
def taking_part() -> str:
    """Every study one may take part in, and where one's data went."""
    studies = list_own_studies(db.session(), current_person().id)
    return render_template("evaluation/participants/list.html", studies=studies)


@blueprint.get("/recherche/<slug>")
@signed_in
def one_study(slug: str) -> str:
    """What a study asks, who runs it, and the two answers."""
    session, own = db.session(), _own(slug)
    text = find_text(session, own.study.id)
    assert text is not None
    return render_template(
        "evaluation/participants/study.html",
        own=own,
        study=own.study,
        text=text,
        body=render_markdown(text.body),
        leave=render_markdown(words.may_leave()) if text.allows_texts else "",
        researchers=list_researchers(session, own.study.id),
        occasions={one.key: one for one in house().all(Occasion)},
        words=words,
    )


@blueprint.post("/recherche/<slug>/accord")
@signed_in
def agree_to_study(slug: str) -> BaseResponse:
    """Say yes to the text one has read."""
    own = _own(slug)
    version = request.form.get("version", type=int) or 0
    try:
        agree(db.session(), current_person().id, own.study.id, version, now=clock.now())
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(_("C’est noté, merci. Vous pouvez changer d’avis quand vous voulez."), "success")
    return redirect(url_for(".one_study", slug=slug))


@blueprint.post("/recherche/<slug>/refus")
@signed_in
def refuse_study(slug: str) -> BaseResponse:
    """Say no, without a reason."""
    try:
        refuse(db.session(), current_person().id, _own(slug).study.id, now=clock.now())
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
        return redirect(url_for(".one_study", slug=slug))
    db.session.commit()
    flash(_("C’est noté : cette étude ne vous sera plus proposée."), "success")
    return redirect("/")


@blueprint.post("/recherche/<slug>/retrait")
@signed_in
def leave_study(slug: str) -> BaseResponse:
    """Take one's yes back, with what one sent or without it."""
    session, own = db.session(), _own(slug)
    folder = settings().keys
    person, now, key = current_person(), clock.now(), find_key(folder, own.study.slug)
    erases = request.form.get("efface") == "oui"
    left = withdraw(session, person.id, own.study.id, key, erases=erases, now=now)
    if left is not None and erases:
        forget_in_packages(session, person.id, own.study.id, now=now)
    session.commit()
    if left is not None:
        flash(
            _("C’est noté : vous ne prenez plus part à cette étude, et vos réponses sont effacées.")
            if erases and key is not None
            else _("C’est noté : vous ne prenez plus part à cette étude."),
            "success",
        )
    return redirect(url_for(".one_study", slug=slug))
