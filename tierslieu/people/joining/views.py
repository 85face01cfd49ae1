"""From the link mailed to the other account's address to one account."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.house import PersonalData
from tierslieu.people import moving
from tierslieu.people.desk import blueprint, house
from tierslieu.people.joining.rules import find_other, join_accounts, list_blocks
from tierslieu.people.queries import find_person
from tierslieu.people.rights.words import tell
from tierslieu.web.access import current_person, signed_in


@blueprint.route("/compte/reunir", methods=["GET", "POST"])
@signed_in
def join() -> str | BaseResponse | tuple[str, int]:
    """The page a mailed link leads to, for the account that asked: what the other account brings,
    and one button."""
    session, person = db.session(), current_person()
    secret = request.values.get("cle", "")[:100]
    asked = moving.find_asked(session, secret, clock.now())
    if asked is None or asked.user_id != person.id:
        return render_template("people/join.html", asked=None, is_wrong=asked is not None), 410
    other = find_other(session, person.id, asked.email)
    if other is None:  # closed meanwhile: an address like any other
        return redirect(url_for("people.prove_address", cle=secret))
    blocks = list_blocks(session, house(), other, person)
    if request.method == "POST" and not blocks:
        takes_over = asked.takes_over
        try:
            join_accounts(session, house(), other.id, person.id, now=clock.now())
        except Refused as refused:
            session.rollback()
            flash(refused.message, "error")
            return redirect(url_for("people.addresses"))
        session.commit()
        flash(
            _("C’est fait : vos deux comptes n’en font plus qu’un.")
            if not takes_over
            else _(
                "C’est fait : vos deux comptes n’en font plus qu’un, à l’adresse que vous aviez. "
                "Vous pouvez la changer ici."
            ),
            "success",
        )
        return redirect(url_for("people.addresses"))
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
        blocks=blocks,
    )
    return (page, 409) if request.method == "POST" else page
