"""From the link mailed to the other account's address to one account."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import auth_required
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import PersonalData
from tierslieu.people import moving
from tierslieu.people.desk import blueprint, house
from tierslieu.people.joining.rules import find_other, join_by_link, list_blocks
from tierslieu.people.queries import find_person
from tierslieu.people.rights.views import RECENT
from tierslieu.people.rights.words import tell
from tierslieu.web.access import current_person, signed_in


@blueprint.get("/compte/reunir")
@signed_in
def join() -> str | BaseResponse | tuple[str, int]:
    """The page a mailed link leads to, for the account that asked: what the other account brings,
    and one button."""
    return _page(request.args.get("cle", "")[:100])


@blueprint.post("/compte/reunir")
@signed_in
@auth_required("session", within=RECENT, grace=0)
def join_now() -> str | BaseResponse | tuple[str, int]:
    """Make one account of the two."""
    session, secret = db.session(), request.form.get("cle", "")[:100]
    try:
        join_by_link(session, house(), secret, current_person().id, now=clock.now())
    except Refused as refused:
        session.rollback()
        if refused.code == "blocked":
            return _page(secret, 409)
        flash(refused.message, "error")
    except NotYours:  # the other account was closed, or has another address, since
        session.rollback()
        flash(_("L’autre compte n’a plus cette adresse : rien n’a changé."), "error")
    else:
        session.commit()
        flash(
            _(
                "C’est fait : vos deux comptes n’en font plus qu’un. Un mail le confirme aux deux "
                "adresses."
            ),
            "success",
        )
    return redirect(url_for("people.addresses"))


def _page(secret: str, status: int = 200) -> str | BaseResponse | tuple[str, int]:
    session, person = db.session(), current_person()
    asked = moving.find_asked(session, secret, clock.now())
    if asked is None or asked.user_id != person.id:
        return render_template("people/join.html", asked=None, is_wrong=asked is not None), 410
    other = find_other(session, person.id, asked.email)
    if other is None:  # closed meanwhile: an address like any other
        return redirect(url_for("people.prove_address", cle=secret))
    held = [
        offer.what
        for offer in house().all(PersonalData)
        if not offer.is_identity and not tell(offer.export(session, other.id)).is_empty
    ]
    page = render_template(
        "people/join.html",
        asked=asked,
        secret=secret,
        person=find_person(session, person.id),
        other=other,
        held=held,
        blocks=list_blocks(session, house(), other, person),
    )
    return page, status
