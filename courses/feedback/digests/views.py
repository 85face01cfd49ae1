"""A course's page for facilitators: how long mending takes, its team's addresses, the digest; and
the page on which an address unsubscribes."""

from __future__ import annotations

from functools import partial
from statistics import median
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.feedback.desk import blueprint, path_here, settings
from courses.feedback.digests import queries, rules
from courses.feedback.digests.forms import ContactForm
from courses.feedback.digests.links import contact_of, leave_path
from courses.feedback.models import CourseContact, FeedbackState
from courses.feedback.queries import Filter, count_reports, list_days_to_fix, name_people
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.words import take_language
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, public, roles
from tierslieu.web.headers import answer_secretly
from tierslieu.web.languages import current

Answer = str | BaseResponse | tuple[str, int]


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # RFC 8058: a mail program unsubscribes by itself, with no page, no session and no cookie.
    state.app.extensions["csrf"].exempt(leave)


@blueprint.route("/retours/parcours/<slug>", methods=["GET", "POST"])
@roles(FACILITATOR)
def course(slug: str) -> Answer:
    """What a course does with its reports, and who is told each week."""
    session, path, form = db.session(), path_here(slug), ContactForm()
    if form.validate_on_submit():
        try:
            rules.add_contact(
                session,
                path.id,
                form.email.data or "",
                actor_id=current_person().id,
                now=clock.now(),
                leave=partial(leave_path, settings()),
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("C’est noté : un mail le dit à cette adresse."), "success")
            return redirect(url_for(".course", slug=slug))
    page = _course_page(path_here(slug), form)
    return (page, 422) if form.errors else page


def _course_page(path: Path, form: ContactForm) -> str:
    session, now = db.session(), clock.now()
    contacts = queries.list_contacts(session, path.id)
    days = list_days_to_fix(session, path=path.slug, until=now)
    left = sum(
        count_reports(session, Filter(path=path.slug, state=state))
        for state in (FeedbackState.NEW, FeedbackState.CONFIRMED, FeedbackState.SENT)
    )
    since = rules.told_until(session, path.id)
    news = rules.compose(path, queries.list_news(session, path, since, now))
    adders = [contact.added_by_id for contact in contacts if contact.added_by_id]
    return render_template(
        "feedback/course.html",
        path=path,
        form=form,
        contacts=contacts,
        names=name_people(session, adders),
        fixed=len(days),
        median_days=round(median(days)) if days else None,
        left=left,
        since=since,
        news=take_language(news, current()),
        digests=queries.list_digests(session, path.id),
    )


@blueprint.post("/retours/parcours/<slug>/adresses/<uuid:contact_id>/retirer")
@roles(FACILITATOR)
def remove_contact(slug: str, contact_id: UUID) -> BaseResponse:
    """Write to an address no more."""
    rules.remove_contact(db.session(), path_here(slug).id, contact_id)
    db.session.commit()
    flash(_("On n’écrira plus à cette adresse."), "success")
    return redirect(url_for(".course", slug=slug))


def _contact(token: str) -> CourseContact:
    contact = contact_of(db.session(), settings(), token)
    if contact is None:
        raise NotYours(
            _("Ce lien ne mène plus nulle part : cette adresse ne reçoit plus rien d’ici.")
        )
    return contact


@blueprint.get("/retours/abonnement/<token>")
@public
def subscription(token: str) -> Response:
    """Whether this address gets the digest, and the button that changes it: a link that is merely
    opened (programs do so) changes nothing."""
    page = render_template("feedback/subscription.html", contact=_contact(token), token=token)
    return answer_secretly(page)


@blueprint.post("/retours/abonnement/<token>")
@public
def leave(token: str) -> BaseResponse:
    """Unsubscribe, by the button or by a mail program (RFC 8058), or come back."""
    contact = _contact(token)
    rules.set_subscribed(
        db.session(), contact.id, request.form.get("revenir") == "oui", now=clock.now()
    )
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response("", content_type="text/plain; charset=utf-8")
    return redirect(url_for(".subscription", token=token))
