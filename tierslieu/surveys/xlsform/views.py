"""A questionnaire leaves as an XLSForm, and one of others comes in as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Response, flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import RESEARCHER
from tierslieu.surveys.desk import blueprint
from tierslieu.surveys.editing import rules
from tierslieu.surveys.editing.desk import BASE, Answer, answer_with, to_version, try_to, version_of
from tierslieu.surveys.models import Instrument
from tierslieu.web.access import roles
from tierslieu.web.forms import Form

if TYPE_CHECKING:
    from tierslieu.surveys.xlsform.reading import Imported

# What reads and writes workbooks is heavy to load, and few places ever use it: it is loaded by the
# first person who does (tests/house/test_weight.py).

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


MOST_TOLD = 700  # characters: until the next page, a cookie keeps them


class FileForm(Form):
    """A workbook."""

    file = FileField(
        _l("Le fichier XLSForm (.xlsx)"),
        validators=[FileRequired(_l("Choisissez un fichier."))],
        render_kw={"accept": f".xlsx,{XLSX}"},
    )


@blueprint.get(f"{BASE}/questionnaire.xlsx")
@roles(RESEARCHER)
def xlsform(slug: str, version: int) -> BaseResponse:
    """The workbook of a version, for ODK, Kobo and the tools that read the same."""
    from tierslieu.surveys.xlsform.writing import write_xlsform

    found = version_of(slug, version)
    try:
        data = write_xlsform(found.content)
    except Refused as refused:
        flash(refused.message, "error")
        return to_version(found)
    return Response(
        data,
        mimetype=XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{found.slug}-v{found.version}.xlsx"'
        },
    )


@blueprint.route("/questionnaires/importer", methods=["GET", "POST"])
@roles(RESEARCHER)
def import_xlsform() -> Answer:
    """A workbook becomes the draft of a questionnaire of its own."""
    from tierslieu.surveys.xlsform.reading import read_xlsform

    form = FileForm()
    taken: list[tuple[Imported, Instrument]] = []

    def take() -> None:
        read = read_xlsform(form.file.data.read())
        taken.append((read, rules.keep_new(db.session(), read.content, now=clock.now())))

    if form.validate_on_submit() and try_to(form, take):
        [(read, begun)] = taken
        db.session.commit()
        flash(_("Le questionnaire est importé : c’est un brouillon, relisez-le."), "success")
        if read.left_out:
            names = _listed(read.left_out)
            flash(_("N’ont pas pu être repris : %(names)s.", names=names), "info")
        if read.recoded:
            names = _listed(read.recoded)
            flash(_("Ces réponses ont ici d’autres codes : %(names)s.", names=names), "info")
        return to_version(begun)
    return answer_with(render_template("surveys/editing/import.html", form=form), form)


def _listed(names: Sequence[str]) -> str:
    """As many as a message holds, and how many more there are."""
    told: list[str] = []
    for one in names:
        if told and len(", ".join([*told, one])) > MOST_TOLD:
            break
        told.append(one[:MOST_TOLD])
    more = len(names) - len(told)
    if more:
        told.append(ngettext("et %(num)s autre", "et %(num)s autres", more))
    return ", ".join(told)
