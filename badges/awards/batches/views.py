"""Awarding in number: a file, what it would do, its confirmation, its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from badges.awards.batches import jobs, queries, rules, words
from badges.awards.batches.csv_lines import MAX_BYTES, read_lines
from badges.awards.batches.forms import ConfirmForm, FileForm
from badges.awards.candidate_queries import list_recent_sessions
from badges.awards.desk import blueprint, house, wake
from badges.awards.models import AwardBatch, BatchState, Outlook
from badges.designs.models import BadgeClass
from badges.designs.queries import find_badge
from badges.designs.words import condition_label
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.kinds import clean_name
from tierslieu.web.access import current_person, roles
from tierslieu.web.formats import day
from tierslieu.web.paging import PER_PAGE, Page, asked_page
from tierslieu.web.written import Theirs

IN_NUMBER = 50  # people: above, a request would be long and the worker does it


@blueprint.route("/badges/<slug>/attribuer/fichier", methods=["GET", "POST"])
@roles(FACILITATOR)
def upload(slug: str) -> str | Response | tuple[str, int]:
    """Read a CSV file and keep what it would do; nothing is awarded."""
    badge = find_badge(db.session(), slug)
    if badge is None:
        raise NotYours()
    form = FileForm()
    sessions = list_recent_sessions(db.session(), clock.now())
    form.seance.choices = [SelectChoice("", _("Aucune"))] + [
        SelectChoice(
            str(s.id), Theirs(_("%(title)s, %(day)s", title=s.title, day=day(s.starts_at)))
        )
        for s in sessions
    ]
    if form.validate_on_submit():
        try:
            batch_id = _draft(badge, form)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            badge = find_badge(db.session(), slug)
            form.refuse(refused)
        else:
            return redirect(url_for("awards.batch", batch_id=batch_id))
    page = _show_upload(badge, form)
    return (page, 422) if form.is_submitted() else page


def _draft(badge: BadgeClass, form: FileForm) -> UUID:
    sent = form.file.data
    batch = rules.draft_batch(
        db.session(),
        badge.id,
        read_lines(sent.stream.read(MAX_BYTES + 1)),
        house=house(),
        now=clock.now(),
        actor_id=current_person().id,
        filename=clean_name(sent.filename or "") or "liste.csv",
        session_id=UUID(form.seance.data) if form.seance.data else None,
    )
    return batch.id


def _show_upload(badge: BadgeClass | None, form: FileForm) -> str:
    if badge is None:
        raise NotYours()
    return render_template(
        "awards/upload.html",
        badge=badge,
        form=form,
        conditions=[condition_label(c) for c in badge.conditions],
    )


def award_in_number(badge_id: UUID, user_ids: Sequence[UUID], session_id: UUID | None) -> Response:
    """For a page where many people were ticked: the worker awards them, its page tells how far."""
    batch_id = rules.award_people(
        db.session(),
        badge_id,
        user_ids,
        house=house(),
        now=clock.now(),
        actor_id=current_person().id,
        session_id=session_id,
    ).id
    db.session.commit()
    wake(jobs.NAME)
    return redirect(url_for("awards.batch", batch_id=batch_id))


@blueprint.get("/attributions")
@roles(FACILITATOR)
def batches() -> str:
    """Awards made in number, and dry runs of one's own that wait for a yes."""
    session, person, number = db.session(), current_person(), asked_page()
    badge = find_badge(session, request.args["badge"]) if request.args.get("badge") else None
    badge_id = badge.id if badge is not None else None
    items = queries.list_batches_for(
        session, person.id, (number - 1) * PER_PAGE, PER_PAGE, badge_id
    )
    page = Page(items, number, queries.count_batches_for(session, person.id, badge_id))
    tallies = queries.count_lines(session, [batch.id for batch in items])
    return render_template("awards/batches.html", page=page, tallies=tallies, badge=badge)


def _batch(batch_id: UUID) -> AwardBatch:
    batch = queries.find_batch_for(db.session(), current_person().id, batch_id)
    if batch is None:
        raise NotYours()
    return batch


@blueprint.get("/attributions/<uuid:batch_id>")
@roles(FACILITATOR)
def batch(batch_id: UUID) -> str:
    """What a file would do, or how far its awarding is, line by line."""
    return _show(_batch(batch_id), ConfirmForm())


def _show(batch: AwardBatch, form: ConfirmForm) -> str:
    number, asked = asked_page(), request.args.get("voir", "")
    is_draft = batch.state is BatchState.DRAFT
    outlook, state = words.OUTLOOKS.get(asked), words.STATES.get(asked)
    tally = queries.count_lines(db.session(), [batch.id])[batch.id]
    total = tally.total
    if outlook is not None:
        total = tally.outlooks.get(outlook, 0)
    elif state is not None:
        total = tally.states.get(state, 0)
    lines = queries.list_lines(
        db.session(),
        batch.id,
        (number - 1) * PER_PAGE,
        PER_PAGE,
        outlook=outlook,
        state=state,
    )
    return render_template(
        "awards/dry_run.html" if is_draft else "awards/batch.html",
        batch=batch,
        badge=batch.badge,
        form=form,
        page=Page(lines, number, total),
        filters=_filters(tally, is_draft=is_draft),
        asked=asked if outlook is not None or state is not None else "",
        needs_ground=tally.outlooks.get(Outlook.ADDRESS, 0) > 0,
        say=words.say_foreseen if is_draft else words.say_line,
        **_progress(batch, tally),
    )


def _filters(tally: queries.Tally, *, is_draft: bool) -> list[tuple[str, words.Said, int]]:
    """The kinds of lines there are: the word of the address, what it says, how many."""
    if is_draft:
        return [
            (key, words.say_outlook(outlook), tally.outlooks[outlook])
            for key, outlook in words.OUTLOOKS.items()
            if tally.outlooks.get(outlook)
        ]
    return [
        (key, words.say_state(state), tally.states[state])
        for key, state in words.STATES.items()
        if tally.states.get(state)
    ]


def _progress(batch: AwardBatch, tally: queries.Tally) -> dict[str, Any]:
    return {
        "tally": tally,
        "is_running": batch.state is BatchState.RUNNING,
        "is_stopped": batch.state is BatchState.STOPPED,
        "hindrance": words.say_hindrance(batch.hindrance),
    }


@blueprint.get("/attributions/<uuid:batch_id>/avancement")
@roles(FACILITATOR)
def progress(batch_id: UUID) -> str:
    """How far it is: the part of the page that is asked for again and again."""
    found = _batch(batch_id)
    tally = queries.count_lines(db.session(), [found.id])[found.id]
    return render_template("awards/_progress.html", batch=found, **_progress(found, tally))


@blueprint.post("/attributions/<uuid:batch_id>/confirmer")
@roles(FACILITATOR)
def confirm(batch_id: UUID) -> Response | tuple[str, int]:
    """Yes to what was shown."""
    _batch(batch_id)
    form = ConfirmForm()
    if form.validate():
        try:
            rules.confirm_batch(
                db.session(),
                batch_id,
                ground=form.ground.data or "",
                now=clock.now(),
                actor_id=current_person().id,
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            if refused.status != 422:
                raise
            form.refuse(refused)
        else:
            wake(jobs.NAME)
            return redirect(url_for("awards.batch", batch_id=batch_id))
    return _show(_batch(batch_id), form), 422


@blueprint.post("/attributions/<uuid:batch_id>/arreter")
@roles(FACILITATOR)
def stop(batch_id: UUID) -> Response:
    """Leave the rest."""
    _batch(batch_id)
    rules.stop_batch(db.session(), batch_id, now=clock.now())
    db.session.commit()
    flash(_("L’attribution est arrêtée : ce qui était fait le reste."), "success")
    return redirect(url_for("awards.batch", batch_id=batch_id))


@blueprint.post("/attributions/<uuid:batch_id>/abandonner")
@roles(FACILITATOR)
def discard(batch_id: UUID) -> Response:
    """No to what was shown: the file's lines are forgotten."""
    slug = _batch(batch_id).badge.slug
    rules.discard_batch(db.session(), batch_id, current_person().id)
    db.session.commit()
    flash(_("Rien n’a été attribué, et la liste est oubliée."), "success")
    return redirect(url_for("awards.choose", slug=slug))
