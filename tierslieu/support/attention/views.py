"""Whom the team asks after, and what it noted; the rules; what the person themselves sees."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.enrolments.queries import list_enrolments_of
from courses.enrolments.words import status_words
from courses.progress.desk import the_house
from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.nightly.rules import MOST
from tierslieu.people.models import FACILITATOR, User
from tierslieu.support.attention import rules, words
from tierslieu.support.attention.forms import ContactForm, PauseForm
from tierslieu.support.attention.listing import show_spoken
from tierslieu.support.attention.queries import (
    find_followed,
    list_contacts,
    list_followed,
    list_last_contacts,
    list_living_pauses,
    list_pauses,
)
from tierslieu.support.attention.speaking import listen, read_settings
from tierslieu.support.desk import blueprint
from tierslieu.web.access import current_person, roles
from tierslieu.web.forms import Form
from tierslieu.web.paging import Page, asked_page

Answer = str | BaseResponse | tuple[str, int]
SHOWN = 50
AT_ONCE = 10  # people of a page: each is judged again, and asked after one by one


@blueprint.get("/attention")
@roles(FACILITATOR)
def attention() -> str:
    """Those of whom a rule speaks, who has waited longest first; or those put off."""
    session, reader_id, house = db.session(), current_person().id, the_house()
    is_on, _place, standing = read_settings(session, house)
    is_later = request.args.get("voir") == "plus-tard"
    found = show_spoken(
        session,
        house,
        reader_id,
        clock.now(),
        is_later=is_later,
        number=asked_page(),
        per_page=AT_ONCE,
    )
    ids = [one.user_id for one in found.items]
    people = {person.id: person for person in list_followed(session, ids, reader_id)}
    paths: dict[UUID, list[str]] = {}
    for enrolment in list_enrolments_of(session, ids):
        said = f"{enrolment.path.short_title} ({status_words()[enrolment.status]})"
        paths.setdefault(enrolment.user_id, []).append(said)
    return render_template(
        "support/attention/list.html",
        are_shown=is_on,
        standing=[one for one in standing if one.is_on],
        page=Page(found.items, found.number, found.counts[is_later], AT_ONCE),
        people=people,
        paths=paths,
        contacts=list_last_contacts(session, ids),
        is_later=is_later,
        found=found,
        most=MOST,
        words=words,
    )


def _followed(user_id: UUID) -> User:
    found = find_followed(db.session(), user_id, current_person().id)
    if found is None:
        raise NotYours
    return found


def _person_page(user_id: UUID, contact_form: ContactForm, pause_form: PauseForm) -> Answer:
    session, now = db.session(), clock.now()
    page = render_template(
        "support/attention/person.html",
        person=_followed(user_id),
        spoken=listen(session, the_house(), now, [user_id]).get(user_id),
        contacts=list_contacts(session, user_id, SHOWN),
        pauses=list_pauses(session, user_id, SHOWN),
        living={one.id for one in list_living_pauses(session, [user_id])},
        form=contact_form,
        pause_form=pause_form,
        words=words,
        today=to_local(now).date(),
    )
    return (page, 422) if contact_form.errors or pause_form.errors else page


def _try(form: Form, act: Callable[[], object], told: str) -> bool:
    """Whether the rule took it; else its sentence stands in the form."""
    session = db.session()
    try:
        act()
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        form.refuse(refused)
        return False
    session.commit()
    flash(told, "success")
    return True


@blueprint.route("/attention/<uuid:user_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def attend(user_id: UUID) -> Answer:
    """What the rules say of somebody, what was done about it; a contact more."""
    person, author_id, now = _followed(user_id), current_person().id, clock.now()
    form = ContactForm(data={"happened_on": to_local(now).date()})
    if form.validate_on_submit() and _try(
        form,
        lambda: rules.log_contact(db.session(), person.id, author_id, form.contact(), now=now),
        _("Votre contact est noté. La personne peut le lire."),
    ):
        return redirect(url_for(".attend", user_id=user_id))
    return _person_page(user_id, form, PauseForm(formdata=None, prefix="pause-"))


@blueprint.post("/attention/<uuid:user_id>/plus-tard")
@roles(FACILITATOR)
def put_off(user_id: UUID) -> Answer:
    """The rules keep quiet about somebody until a day, or until something new."""
    person, author_id, now = _followed(user_id), current_person().id, clock.now()
    form = PauseForm(prefix="pause-")
    if form.validate_on_submit() and _try(
        form,
        lambda: rules.pause(
            db.session(), person.id, author_id, form.until.data, form.reason.data or "", now=now
        ),
        _("C’est remis à plus tard."),
    ):
        return redirect(url_for(".attend", user_id=user_id))
    empty = ContactForm(formdata=None, data={"happened_on": to_local(now).date()})
    return _person_page(user_id, empty, form)


@blueprint.post("/attention/<uuid:user_id>/reprendre")
@roles(FACILITATOR)
def take_up(user_id: UUID) -> BaseResponse:
    """The team's own pauses are over."""
    rules.resume(db.session(), _followed(user_id).id, current_person().id, now=clock.now())
    db.session.commit()
    flash(_("Les règles parlent de nouveau."), "success")
    return redirect(url_for(".attend", user_id=user_id))
