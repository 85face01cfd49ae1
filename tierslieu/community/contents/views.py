"""The base of contents: its list and CSV, an entry's page, adding one and changing it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.community.contents import rules, table, words
from tierslieu.community.contents.forms import ContentForm, values_of
from tierslieu.community.contents.licences import find_licence
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.queries import ContentsWanted, count_contents, list_contents
from tierslieu.community.desk import (
    PER_PAGE,
    asked_common,
    blueprint,
    chosen_space,
    csv_answer,
    reader,
    space_choices,
    space_name,
)
from tierslieu.community.entries.queries import Viewer, find_entry
from tierslieu.community.imports.csv_files import write_table
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.languages import current
from tierslieu.web.paging import Page, asked_page

Answer = str | BaseResponse | tuple[str, int]
_RIGHTS = {"oui": Rights.YES, "non": Rights.NO, "a-verifier": Rights.TO_CHECK}


def _asked(viewer: Viewer) -> ContentsWanted:
    rights = _RIGHTS.get(request.args.get("libre", ""))
    return ContentsWanted(**asked_common(viewer), rights=rights)


def _address() -> dict[str, str]:
    names = ("q", "espace", "fichier", "masquees", "libre")
    return {name: request.args[name] for name in names if request.args.get(name)}


@blueprint.get("/ressources")
@public
def contents() -> str:
    """What is shared, the newest first, searched and filtered."""
    session, viewer, number = db.session(), reader(), asked_page()
    wanted = _asked(viewer)
    found = list_contents(session, viewer, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    to_check = 0
    if viewer.is_team:
        to_check = count_contents(session, viewer, ContentsWanted(rights=Rights.TO_CHECK))
    return render_template(
        "community/contents.html",
        page=Page(found, number, count_contents(session, viewer, wanted), PER_PAGE),
        wanted=wanted,
        address=_address(),
        viewer=viewer,
        to_check=to_check,
        space_name=space_name,
        words=words,
        rights={word: words.rights_tags()[rights] for word, rights in _RIGHTS.items()},
    )


@blueprint.get("/ressources.csv")
@public
def contents_csv() -> Response:
    """The same contents as the page with the same filters, in the workshop's six columns."""
    viewer = reader()
    found = list_contents(db.session(), viewer, _asked(viewer))
    spoken = current()
    rows = (table.row(one, spoken) for one in found)
    return csv_answer(write_table(table.HEADS[spoken], rows), "ressources")


@blueprint.get("/ressources/<uuid:entry_id>")
@public
def content(entry_id: UUID) -> str:
    """One content with its files."""
    viewer = reader()
    entry = find_entry(db.session(), Content, viewer, entry_id)
    if entry is None:
        raise NotYours
    return render_template(
        "community/content.html",
        entry=entry,
        viewer=viewer,
        words=words,
        licence=find_licence(entry.licence),
        space=space_name(viewer, entry),
    )


@blueprint.route("/ressources/nouvelle", methods=["GET", "POST"])
@signed_in
def new_content() -> Answer:
    """Share something."""
    asked = {"author": current_person().name, "space": request.args.get("espace", "")}
    return _edit(None, ContentForm(data=asked))


@blueprint.route("/ressources/<uuid:entry_id>/modifier", methods=["GET", "POST"])
@signed_in
def edit_content(entry_id: UUID) -> Answer:
    """Change what one shared; the team, anything."""
    viewer = reader()
    entry = find_entry(db.session(), Content, viewer, entry_id)
    if entry is None or not viewer.may_edit(entry):
        raise NotYours
    return _edit(entry_id, ContentForm(data=values_of(entry)))


def _edit(entry_id: UUID | None, form: ContentForm) -> Answer:
    session, viewer = db.session(), reader()
    form.space.choices = space_choices(viewer)
    if form.validate_on_submit():
        try:
            entry = rules.save_content(
                session,
                viewer,
                entry_id,
                form.facts(),
                pilot_id=chosen_space(viewer, form.space.data),
                is_public=form.is_public.data,
                seen=form.seen.data,
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
            if refused.code == "changed_meanwhile" and entry_id is not None:
                form.look_again(find_entry(session, Content, viewer, entry_id))
        else:
            flash(_("La ressource est enregistrée."), "success")
            return redirect(url_for(".content", entry_id=entry.id))
    page = render_template("community/edit_content.html", form=form, entry_id=entry_id)
    return (page, 422) if form.is_submitted() else page
