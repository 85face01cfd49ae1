"""Running the place: who is here, and who may do what."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu.admin.accounts import views as _accounts  # noqa: F401 - same blueprint
from tierslieu.admin.catalogue import views as _catalogue  # noqa: F401 - same blueprint
from tierslieu.admin.desk import blueprint
from tierslieu.admin.entry import views as _entry  # noqa: F401 - same blueprint
from tierslieu.admin.journal import views as _journal  # noqa: F401 - same blueprint
from tierslieu.admin.keys import views as _keys  # noqa: F401 - same blueprint
from tierslieu.admin.place import looks as _looks  # noqa: F401 - same blueprint
from tierslieu.admin.place import views as _place  # noqa: F401 - same blueprint
from tierslieu.admin.seeing import views as _seeing  # noqa: F401 - same blueprint
from tierslieu.admin.wording import views as _wording  # noqa: F401 - same blueprint
from tierslieu.admin.words import ROLE_LABELS
from tierslieu.admin.works import views as _works  # noqa: F401 - same blueprint
from tierslieu.db import db
from tierslieu.people.forms import AUDIENCE_LABELS
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.queries import count_people, list_suspended, search_people
from tierslieu.people.rules import change_roles
from tierslieu.people.stepping_up import step_up
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import PER_PAGE, asked_page, long_page

__all__ = ["blueprint"]


def _searched() -> str:
    """The words asked for; what no name holds is left out."""
    return "".join(c for c in request.args.get("q", "")[:200] if c.isprintable()).strip()


@blueprint.get("/administration")
@roles(ADMINISTRATOR)
def index() -> BaseResponse:
    """What one types by hand, or cuts an address down to."""
    return redirect(url_for("admin.people"))


@blueprint.get("/administration/personnes")
@roles(ADMINISTRATOR)
def people() -> str:
    """Everybody, by name; or those whose name or address holds the words asked for."""
    text, number = _searched(), asked_page()
    found = search_people(db.session(), text, (number - 1) * PER_PAGE, PER_PAGE + 1)
    page = long_page(found, number, count_people(db.session(), text))
    return render_template(
        "admin/people.html",
        page=page,
        text=text,
        suspended=list_suspended(db.session(), [one.id for one in page.items]),
        labels=ROLE_LABELS,
        audiences=AUDIENCE_LABELS,
    )


@blueprint.post("/administration/personnes/<uuid:user_id>/roles")
@roles(ADMINISTRATOR)
@step_up
def change(user_id: UUID) -> BaseResponse:
    """Give a role (``give``) or take it (``take``)."""
    give = [name for name in request.form.getlist("give") if name]
    take = [name for name in request.form.getlist("take") if name]
    changed = change_roles(db.session(), user_id, give=give, take=take)
    db.session.commit()
    for name in give:
        flash(
            _("%(name)s a maintenant le rôle « %(role)s ».", **_told(changed.name, name)), "success"
        )
    for name in take:
        flash(_("%(name)s n’a plus le rôle « %(role)s ».", **_told(changed.name, name)), "success")
    if changed.id == current_person().id and not changed.holds(ADMINISTRATOR):
        return redirect("/")
    return redirect(url_for("admin.person", user_id=user_id))


def _told(name: str, role: str) -> dict[str, str]:
    return {"name": name, "role": str(ROLE_LABELS[role][0])}
