"""What one does with an entry of either base: its files, hiding, putting back, deleting it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.community.desk import BASES, LIST, MODELS, SHOW, blueprint, reader, settings
from tierslieu.community.entries import rules
from tierslieu.community.entries.forms import FilesForm, HideForm
from tierslieu.community.entries.queries import AnyEntry, find_entry, find_file
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.rules import store_upload
from tierslieu.uploads.sending import send_upload
from tierslieu.web.access import current_person, public, roles, signed_in

Answer = str | BaseResponse | tuple[str, int]


def _title(entry: AnyEntry) -> str:
    return entry.subject if hasattr(entry, "subject") else entry.name


@blueprint.route(f"/{BASES}/<uuid:entry_id>/masquer", methods=["GET", "POST"])
@roles(FACILITATOR)
def hide(base: str, entry_id: UUID) -> Answer:
    """Take an entry out of the lists, with a reason its owner reads."""
    session, form, viewer = db.session(), HideForm(), reader()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        try:
            rules.hide(session, MODELS[base], viewer, entry_id, reason=reason, now=clock.now())
        except Refused as refused:
            session.rollback()
            if refused.status != 422:
                raise
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La fiche est masquée, et qui l’a ajoutée sait pourquoi."), "success")
            return redirect(url_for(SHOW[base], entry_id=entry_id))
    entry = find_entry(session, MODELS[base], reader(), entry_id)
    if entry is None:
        raise NotYours
    page = render_template(
        "community/hide.html",
        form=form,
        title=_title(entry),
        back_url=url_for(SHOW[base], entry_id=entry_id),
    )
    return (page, 422) if form.errors else page


@blueprint.post(f"/{BASES}/<uuid:entry_id>/retablir")
@roles(FACILITATOR)
def restore(base: str, entry_id: UUID) -> BaseResponse:
    """Put a hidden entry back into the lists."""
    rules.restore(db.session(), MODELS[base], reader(), entry_id, now=clock.now())
    db.session.commit()
    flash(_("La fiche est de nouveau dans la base."), "success")
    return redirect(url_for(SHOW[base], entry_id=entry_id))


@blueprint.post(f"/{BASES}/<uuid:entry_id>/supprimer")
@signed_in
def remove(base: str, entry_id: UUID) -> BaseResponse:
    """Delete an entry of one's own, with its files."""
    rules.remove(db.session(), MODELS[base], reader(), entry_id)
    db.session.commit()
    flash(_("La fiche et ses fichiers sont supprimés."), "success")
    return redirect(url_for(LIST[base]))


@blueprint.route(f"/{BASES}/<uuid:entry_id>/fichiers", methods=["GET", "POST"])
@signed_in
def files(base: str, entry_id: UUID) -> Answer:
    """The files of an entry one may edit: join one, take one away."""
    form = FilesForm()
    if form.validate_on_submit():
        try:
            _attach(base, entry_id, form)
        except Refused as refused:
            db.session.rollback()
            if refused.field is None:
                raise
            form.refuse(refused)
        else:
            flash(_("Le fichier est joint."), "success")
            return redirect(url_for(".files", base=base, entry_id=entry_id))
    viewer = reader()
    entry = find_entry(db.session(), MODELS[base], viewer, entry_id)
    if entry is None or not viewer.may_edit(entry):
        raise NotYours
    page = render_template(
        "community/files.html",
        form=form,
        base=base,
        entry=entry,
        title=_title(entry),
        most=rules.MAX_FILES,
        back_url=url_for(SHOW[base], entry_id=entry_id),
    )
    return (page, 422) if form.errors else page


def _attach(base: str, entry_id: UUID, form: FilesForm) -> None:
    """Check, keep the file, join it, commit. Raises :class:`Refused` with nothing written."""
    session, viewer, now, person_id = db.session(), reader(), clock.now(), current_person().id
    entry = find_entry(session, MODELS[base], viewer, entry_id)
    if entry is None or not viewer.may_edit(entry):
        raise NotYours
    rules.check_room(entry)  # asked first, so that no file is kept in vain
    data, name = form.file.data.read(), form.file.data.filename or ""
    upload = store_upload(session, settings().uploads, person_id, name, data, now=now)
    rules.attach(session, MODELS[base], viewer, entry_id, upload, now=now)
    session.commit()


@blueprint.post(f"/{BASES}/<uuid:entry_id>/fichiers/<uuid:file_id>/retirer")
@signed_in
def detach(base: str, entry_id: UUID, file_id: UUID) -> BaseResponse:
    """Take a file away."""
    rules.detach(db.session(), MODELS[base], reader(), entry_id, file_id)
    db.session.commit()
    flash(_("Le fichier est retiré."), "success")
    return redirect(url_for(".files", base=base, entry_id=entry_id))


@blueprint.get(f"/{BASES}/<uuid:entry_id>/fichiers/<uuid:file_id>")
@public
def file(base: str, entry_id: UUID, file_id: UUID) -> Response:
    """A file, for whoever sees its entry."""
    entry = find_entry(db.session(), MODELS[base], reader(), entry_id)
    found = find_file(entry, file_id) if entry is not None else None
    if found is None:
        raise NotYours
    return send_upload(settings().uploads, found.upload)
