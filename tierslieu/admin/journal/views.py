"""Reading the logbook, and taking it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template, request

from tierslieu.admin.desk import blueprint, house
from tierslieu.admin.journal.forms import JournalForm
from tierslieu.admin.journal.showing import show, write_csv
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.logbook.acts import Act
from tierslieu.logbook.queries import accounts_of, count_entries, list_entries
from tierslieu.logbook.rules import note
from tierslieu.people.models import ADMINISTRATOR, User
from tierslieu.people.queries import find_person
from tierslieu.people.stepping_up import step_up
from tierslieu.web.access import roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page

MOST = 50_000  # rows of one file; a period is chosen for more


def _person() -> User | None:
    """Whose rows are asked for. Raises :class:`NotYours` for nobody's."""
    asked = request.args.get("personne", "")
    if not asked:
        return None
    try:
        found = find_person(db.session(), UUID(asked))
    except ValueError:
        found = None
    if found is None:
        raise NotYours
    return found


def _asked(form: JournalForm, person: User | None) -> dict[str, Any]:
    return {
        "user_ids": accounts_of(db.session(), person.id) if person else (),
        "act": form.act.data or "",
        "since": form.since,
        "until": form.until,
    }


def _form() -> JournalForm:
    form = JournalForm(request.args)
    form.offer()
    return form


@blueprint.get("/administration/journal")
@roles(ADMINISTRATOR)
def journal() -> str | tuple[str, int]:
    """Who did what, the newest first; of one person, one act, one period."""
    session, form, person = db.session(), _form(), _person()
    number = asked_page()
    page: Page[Any] = Page((), number, 0)
    if form.validate():
        asked = _asked(form, person)
        found = list_entries(session, offset=(number - 1) * PER_PAGE, limit=PER_PAGE, **asked)
        page = Page(show(session, house(), found), number, count_entries(session, **asked))
    text = render_template("admin/journal/list.html", page=page, form=form, person=person)
    return (text, 422) if form.errors else text


@blueprint.get("/administration/journal.csv")
@roles(ADMINISTRATOR)
@step_up
def journal_csv() -> Response | tuple[str, int]:
    """The same as a file; that it was taken is written down too."""
    session, form, person = db.session(), _form(), _person()
    if not form.validate():
        page: Page[Any] = Page((), 1, 0)
        text = render_template("admin/journal/list.html", page=page, form=form, person=person)
        return text, 422
    found = list_entries(session, limit=MOST, **_asked(form, person))
    body = "".join(write_csv(found, show(session, house(), found)))
    note(session, Act.LOGBOOK_TAKEN, subject_id=person.id if person else None)
    session.commit()
    headers = {
        "Content-Disposition": 'attachment; filename="journal.csv"',
        "Cache-Control": "no-store",
    }
    return Response(body, mimetype="text/csv", headers=headers)
