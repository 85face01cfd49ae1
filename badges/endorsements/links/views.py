"""The pages of a partner's link: read, answer, sign, decline, withdraw. No account is needed."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from badges.awards.publishing import own_documents
from badges.designs.words import skill_label
from badges.endorsements import giving, queries, rules, signing
from badges.endorsements.desk import blueprint, settings
from badges.endorsements.desk import signing as signing_again
from badges.endorsements.forms import AnswerForm, SignedForm
from badges.endorsements.models import Endorsement, EndorsementState
from badges.endorsements.signing import Signed
from badges.endorsements.words import Shown, caution_of, show, signed_here
from badges.verification.fetching import Fetcher
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import public
from tierslieu.web.formats import long_day
from tierslieu.web.headers import answer_secretly
from tierslieu.web.markdown import render_markdown


@blueprint.get("/soutiens/<secret>")
@public
def answer(secret: str) -> Response:
    """What is to be endorsed, and the form; once answered, what was said."""
    found = queries.find_by_secret(db.session(), secret)
    if found is None:
        raise NotYours(
            _(
                "Ce lien ne mène nulle part : la demande a été annulée, ou elle est close depuis "
                "longtemps."
            )
        )
    if found.state not in (EndorsementState.ASKED, EndorsementState.EXPIRED):
        page = render_template(
            "endorsements/done.html",
            found=found,
            secret=secret,
            state=found.state.value,
            shown=show(found, clock.now()) if found.credential else None,
        )
        return answer_secretly(page)
    rules.open_question(db.session(), secret, now=clock.now())  # raises when its time is over
    form = AnswerForm(formdata=None, organisation=found.organisation, website=found.website)
    return answer_secretly(_form_page(found, secret, form))


@blueprint.post("/soutiens/<secret>")
@public
def give(secret: str) -> Answer:
    """Look over what will be public, correct it, or sign it."""
    session = db.session()
    found = rules.open_question(session, secret, now=clock.now())
    form = AnswerForm()
    step = request.form.get("step", "preview")
    if step == "edit":
        return answer_secretly(_form_page(found, secret, form))
    if not form.validate():
        return answer_secretly(_form_page(found, secret, form), 422)
    try:
        statement = form.statement()
        if step != "give":
            if form.read.data != signing.fingerprint(found):
                raise giving.changed()
            return answer_secretly(_preview_page(found, secret, form))
        signed = signing.sign_here(session, settings(), found, statement, now=clock.now())
        return _keep(secret, signed, form.read.data or "")
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        db.session.rollback()
        form.refuse(refused)
        found = rules.open_question(session, secret, now=clock.now())
        return answer_secretly(_form_page(found, secret, form), refused.status)


@blueprint.post("/soutiens/<secret>/fichier")
@public
def hand_in(secret: str) -> Answer:
    """An endorsement that the partner signed with their own key: verified, then kept."""
    session = db.session()
    found = rules.open_question(session, secret, now=clock.now())
    form = SignedForm()
    if form.validate():
        try:
            rules.count_attempt(session, secret, now=clock.now())
            db.session.commit()
            found = rules.open_question(session, secret, now=clock.now())
            signed = signing.read_signed(
                session, settings(), found, form.given(), fetch=fetcher(), now=clock.now()
            )
            return _keep(secret, signed, form.read.data or "")
        except Refused as refused:
            if refused.status not in (409, 422):
                raise
            db.session.rollback()
            form.refuse(refused)
            found = rules.open_question(session, secret, now=clock.now())
    blank = AnswerForm(formdata=None, organisation=found.organisation, website=found.website)
    return answer_secretly(_form_page(found, secret, blank, form), 422)


def fetcher() -> Fetcher:
    """What goes out for a partner's key, with no transaction open."""
    session = db.session()
    return Fetcher(own_documents(session, settings()), before_leaving=session.rollback)


def _keep(secret: str, signed: Signed, read: str) -> Answer:
    with signing_again():
        giving.give(db.session(), settings(), secret, signed, read=read, now=clock.now())
    db.session.commit()
    flash(_("Merci : votre soutien est signé et publié."), "success")
    return redirect(url_for("endorsements.answer", secret=secret))


@blueprint.post("/soutiens/<secret>/decliner")
@public
def decline(secret: str) -> Answer:
    """No, thank you: nobody is asked why."""
    rules.decline(db.session(), secret, now=clock.now())
    db.session.commit()
    flash(_("C’est noté. Votre adresse est effacée de la demande."), "success")
    return redirect(url_for("endorsements.answer", secret=secret))


@blueprint.post("/soutiens/<secret>/retirer")
@public
def withdraw(secret: str) -> Answer:
    """Take an endorsement back."""
    with signing_again():
        giving.withdraw(db.session(), settings(), secret, now=clock.now())
    db.session.commit()
    flash(_("Votre soutien est retiré : il n’est plus joint à ce qui se signe."), "success")
    return redirect(url_for("endorsements.answer", secret=secret))


def _form_page(
    found: Endorsement, secret: str, form: AnswerForm, signed: SignedForm | None = None
) -> str:
    signed = signed or SignedForm(formdata=None)
    # What is shown now is what an answer is about.
    form.read.data = signed.read.data = signing.fingerprint(found)
    return render_template(
        "endorsements/answer.html",
        found=found,
        secret=secret,
        form=form,
        signed=signed,
        about=signing.about_id(db.session(), settings(), found),
        **_about(found),
    )


def _preview_page(found: Endorsement, secret: str, form: AnswerForm) -> str:
    statement, now = form.statement(), clock.now()
    until = signing.ends_at(statement, now)
    caution, website = caution_of(found, statement.website)
    shown = Shown(
        organisation=statement.organisation,
        website=website,
        signer=", ".join((statement.signer_name, statement.signer_role)),
        comment=statement.comment,
        since=long_day(now),
        until=long_day(until) if until else "",
        how=signed_here(found),
        is_standing=True,
        ended="",
        caution=caution,
    )
    return render_template(
        "endorsements/preview.html", found=found, secret=secret, form=form, shown=shown
    )


def _about(found: Endorsement) -> dict[str, Any]:
    badge = found.subject
    return {
        "badge": badge,
        "award": found.award,
        "criteria": render_markdown(badge.criteria),
        "skills": [(skill_label(s), s.url) for s in badge.skills],
    }
