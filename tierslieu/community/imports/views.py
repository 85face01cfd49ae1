"""Filling a base from a file: choosing it, reading what it would do, doing it."""

from __future__ import annotations

import re
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.desk import (
    BASES,
    KINDS,
    LIST,
    WORDS,
    blueprint,
    chosen_space,
    reader,
    space_choices,
)
from tierslieu.community.imports import rules
from tierslieu.community.imports.csv_files import MAX_BYTES, decode
from tierslieu.community.imports.forms import ConfirmForm, ImportForm
from tierslieu.community.imports.models import ImportDraft
from tierslieu.community.imports.queries import find_draft
from tierslieu.community.imports.words import FATE_TONES, fate_words, say_count
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.kinds import clean_name
from tierslieu.web.access import roles
from tierslieu.web.languages import current
from tierslieu.web.paging import Page, asked_page

Answer = str | Response | tuple[str, int]
PER_PAGE = 50


@blueprint.route(f"/{BASES}/importer", methods=["GET", "POST"])
@roles(FACILITATOR)
def import_file(base: str) -> Answer:
    """Choose a file; nothing is changed yet."""
    form, viewer = ImportForm(), reader()
    form.space.choices = space_choices(viewer)
    if form.validate_on_submit():
        sent = form.file.data
        try:
            draft = rules.draft_import(
                db.session(),
                viewer,
                KINDS[base],
                chosen_space(viewer, form.space.data),
                text=decode(sent.stream.read(MAX_BYTES + 1)),
                filename=clean_name(sent.filename or "") or "liste.csv",
                now=clock.now(),
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            return redirect(url_for(".draft", draft_id=draft.id))
    page = render_template(
        "community/import.html",
        form=form,
        base=base,
        columns=rules.TABLES[KINDS[base]].HEADS[current()],
        back_url=url_for(LIST[base]),
    )
    return (page, 422) if form.is_submitted() else page


def _draft(draft_id: UUID) -> ImportDraft:
    found = find_draft(db.session(), reader(), draft_id)
    if found is None:
        raise NotYours
    return found


@blueprint.get("/imports/<uuid:draft_id>")
@roles(FACILITATOR)
def draft(draft_id: UUID) -> Answer:
    """What a file would do, line by line."""
    found = _draft(draft_id)
    if found.applied_at is not None:
        return redirect(url_for(LIST[WORDS[found.base]]))
    return _show(found, ConfirmForm())


def _show(found: ImportDraft, form: ConfirmForm) -> str:
    number = asked_page()
    plan = rules.plan_file(db.session(), found.base, found.pilot_id, found.text, now=clock.now())
    # The file is a text: its lines are judged together, and one page of them shown.
    first, last = (number - 1) * PER_PAGE, number * PER_PAGE
    pilot = reader().pilot(found.pilot_id)
    return render_template(
        "community/draft.html",
        draft=found,
        base=WORDS[found.base],
        back_url=url_for(LIST[WORDS[found.base]]),
        pilot=pilot,
        page=Page(plan.lines[first:last], number, len(plan.lines), PER_PAGE),
        counts={fate: count for fate, count in plan.counts.items() if count},
        seen=f"{plan.counts[rules.Fate.ADDED]} {plan.counts[rules.Fate.CHANGED]}",
        does_something=bool(plan.counts[rules.Fate.ADDED] or plan.counts[rules.Fate.CHANGED]),
        fate_words=fate_words(),
        say_count=say_count,
        tones=FATE_TONES,
        form=form,
    )


@blueprint.post("/imports/<uuid:draft_id>/confirmer")
@roles(FACILITATOR)
def apply_import(draft_id: UUID) -> Answer:
    """Yes to what was shown."""
    form = ConfirmForm()
    shown = re.fullmatch(r"(\d{1,5}) (\d{1,5})", form.seen.data or "")
    seen = (int(shown[1]), int(shown[2])) if shown else (-1, -1)
    try:
        done = rules.apply_import(db.session(), reader(), draft_id, seen=seen, now=clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        if refused.code == "already_applied":
            flash(refused.message, "info")
            return redirect(url_for(".draft", draft_id=draft_id))
        if refused.code != "base_changed":
            raise
        form.refuse(refused)
        return _show(_draft(draft_id), form), 422
    added = ngettext("%(num)s fiche ajoutée", "%(num)s fiches ajoutées", done.added)
    changed = ngettext("%(num)s fiche modifiée", "%(num)s fiches modifiées", done.changed)
    flash(_("Le fichier est importé : %(added)s, %(changed)s.", added=added, changed=changed),
          "success")  # fmt: skip
    return redirect(url_for(LIST[WORDS[done.base]]))


@blueprint.post("/imports/<uuid:draft_id>/abandonner")
@roles(FACILITATOR)
def discard_import(draft_id: UUID) -> Response:
    """No to what was shown."""
    kind = rules.discard_import(db.session(), reader(), draft_id)
    db.session.commit()
    flash(_("Rien n’a changé, et le fichier est oublié."), "success")
    return redirect(url_for(LIST[WORDS[kind]]))
