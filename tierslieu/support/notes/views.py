"""Who is followed, as the team sees it: a person's appointments and the notes on them."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.enrolments.queries import list_enrolments
from courses.enrolments.words import status_words
from courses.progress import words as path_words
from courses.progress.desk import progress_of
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.house_paths import PersonPanel
from tierslieu.people.models import FACILITATOR, User
from tierslieu.people.queries import count_people, find_person, search_people
from tierslieu.support.appointments import words as appointment_words
from tierslieu.support.appointments.queries import list_behind, list_to_come
from tierslieu.support.desk import blueprint
from tierslieu.support.notes import rules, words
from tierslieu.support.notes.forms import CorrectForm, NoteForm
from tierslieu.support.notes.models import FollowNote, NoteLevel
from tierslieu.support.notes.queries import count_notes, find_written, list_notes
from tierslieu.support.plans import words as plan_words
from tierslieu.support.plans.queries import list_readable_of
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page, long_page
from tierslieu.web.panels import render_cards

Answer = str | BaseResponse | tuple[str, int]
BEHIND_SHOWN = 10


@blueprint.get("/suivi")
@roles(FACILITATOR)
def people() -> str:
    """Find somebody by their name."""
    text = "".join(c for c in request.args.get("q", "")[:200] if c.isprintable()).strip()
    number, session = asked_page(), db.session()
    found = search_people(session, text, (number - 1) * PER_PAGE, PER_PAGE + 1) if text else []
    page = long_page(found, number, count_people(session, text) if text else 0)
    return render_template("support/people.html", page=page, text=text)


def _person(user_id: UUID) -> User:
    found = find_person(db.session(), user_id)
    if found is None or found.id == current_person().id:
        raise NotYours
    return found


@blueprint.route("/suivi/<uuid:user_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def person(user_id: UUID) -> Answer:
    """What the team knows of somebody it follows; a note more."""
    session, reader_id, now, number = db.session(), current_person().id, clock.now(), asked_page()
    form = NoteForm(_person(user_id).name)
    if form.validate_on_submit():
        try:
            rules.write_note(
                session, user_id, reader_id, form.body.data or "", form.chosen(), now=now
            )
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Votre note est enregistrée."), "success")
            return redirect(url_for(".person", user_id=user_id))
    offset = (number - 1) * PER_PAGE
    found = list_notes(session, user_id, reader_id, offset=offset, limit=PER_PAGE)
    enrolments = list_enrolments(session, user_id)
    progress = progress_of(*enrolments)
    page = render_template(
        "support/person.html",
        person=_person(user_id),
        paths=[(one, progress[one.id]) for one in enrolments],
        path_words=path_words,
        status_words=status_words(),
        to_come=list_to_come(session, user_id, now),
        behind=list_behind(session, user_id, now, limit=BEHIND_SHOWN),
        page=Page(found, number, count_notes(session, user_id, reader_id)),
        plans=list_readable_of(session, user_id, reader_id),
        plan_words=plan_words,
        form=form,
        note_words=words,
        words=appointment_words,
        now=now,
        panels=render_cards(
            card
            for panel in _house().all(PersonPanel)
            for card in panel.build(session, user_id, reader_id, now)
        ),
    )
    return (page, 422) if form.errors else page


def _house() -> House:
    found: House = current_app.extensions["tierslieu.house"]
    return found


def _written(note_id: UUID) -> FollowNote:
    found = find_written(db.session(), note_id, current_person().id)
    if found is None:
        raise NotYours
    return found


@blueprint.route("/suivi/notes/<uuid:note_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def note(note_id: UUID) -> Answer:
    """One's own note: its words for a day, who reads it, away with it."""
    session, author_id = db.session(), current_person().id
    form = CorrectForm(data={"body": _written(note_id).body})
    if form.validate_on_submit():
        try:
            rules.correct_note(session, note_id, author_id, form.body.data or "", now=clock.now())
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Votre note est corrigée."), "success")
            return redirect(url_for(".note", note_id=note_id))
    found = _written(note_id)
    choices = words.level_choices(found.about.name)
    page = render_template(
        "support/note.html",
        note=found,
        form=form,
        is_corrigible=rules.is_corrigible(found, clock.now()),
        wider=[
            (level, said)
            for level, said in choices.items()
            if rules.WIDTH[level] > rules.WIDTH[found.level]
        ],
        note_words=words,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/suivi/notes/<uuid:note_id>/niveau")
@roles(FACILITATOR)
def widen(note_id: UUID) -> BaseResponse:
    """Let more people read one's own note."""
    levels = {level.value: level for level in NoteLevel}
    level = levels.get(request.form.get("niveau", ""))
    if level is None:
        raise NotYours
    rules.widen_note(db.session(), note_id, current_person().id, level, now=clock.now())
    db.session.commit()
    flash(_("C’est fait : d’autres la lisent maintenant."), "success")
    return redirect(url_for(".note", note_id=note_id))


@blueprint.post("/suivi/notes/<uuid:note_id>/supprimer")
@roles(FACILITATOR)
def remove(note_id: UUID) -> BaseResponse:
    """Take one's own note away."""
    about_id = rules.remove_note(db.session(), note_id, current_person().id)
    db.session.commit()
    flash(_("La note est supprimée."), "success")
    return redirect(url_for(".person", user_id=about_id))
