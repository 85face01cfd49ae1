"""A path as a file: out for anybody, in for the team, as a draft."""

from __future__ import annotations

import json

from flask import Response, flash, render_template
from flask_babel import gettext as _

from courses.paths.desk import blueprint
from courses.paths.editing import rules
from courses.paths.editing.desk import Answer, answer_with, me, to_draft, try_to
from courses.paths.editing.forms import FileForm
from courses.paths.facts import facts_of
from courses.paths.queries import current_version, find_path
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import public, roles


@blueprint.route("/parcours/importer", methods=["GET", "POST"])
@roles(FACILITATOR)
def take_in() -> Answer:
    """A path from a file: it becomes a draft, to be read before it is published."""
    form, made = FileForm(), []

    def take() -> None:
        data = form.file.data.read() if form.file.data else b""
        made.append(rules.import_draft(db.session(), data, actor_id=me(), now=clock.now()).slug)

    if form.validate_on_submit() and try_to(form, take):
        db.session.commit()
        flash(_("Le fichier est devenu un brouillon : relisez-le, puis publiez-le."), "success")
        return to_draft(made[0])
    return answer_with(render_template("paths/import.html", form=form), form)


@blueprint.get("/parcours/<slug>.json")
@public
def export(slug: str) -> Response:
    """The path as a file, in the shape that importing takes."""
    session = db.session()
    path = find_path(session, slug)
    version = current_version(session, path.id) if path else None
    if path is None or version is None:
        raise NotYours
    content = facts_of(path, version).model_dump(mode="json")
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{path.slug}.json"'},
    )
