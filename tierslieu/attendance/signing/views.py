"""The code on the room's screen, and what one signs with on one's own phone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import segno
from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.showing import half_day_words
from tierslieu.attendance.signing.desk import codes, find_held
from tierslieu.attendance.signing.forms import RoomCodeForm
from tierslieu.attendance.signing.queries import (
    count_signed,
    find_signature_of,
    is_expected,
    list_open_for,
)
from tierslieu.attendance.signing.rules import find_half_day, read_room_code, sign_in_room
from tierslieu.attendance.signing.words import how_signed
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, public, roles, signed_in
from tierslieu.web.headers import answer_secretly

Answer = str | BaseResponse | tuple[str, int]
# In the browser's session, not in an address: what is sent on to a friend signs for nobody. The
# underscore keeps it while one signs in.
TICKET = "_signing_ticket"


@blueprint.get("/emargement/<uuid:session_id>/ecran")
@roles(FACILITATOR)
def screen(session_id: UUID) -> Answer:
    """The room's screen: a QR code and digits that change every half-minute."""
    found, now = find_held(session_id), clock.now()
    half_day = None if found.cancelled_at else find_half_day(found, now)
    key = codes().show_key(session_id, now)
    base: str = current_app.config["TIERSLIEU"].base_url
    address = base + url_for("attendance.enter_room", session_id=session_id, key=key)
    page = render_template(
        "attendance/signing/screen.html",
        session=found,
        half_day=half_day_words(half_day, with_day=False) if half_day else "",
        digits=codes().show(session_id, now),
        qr=draw_qr(address),
        own_address=base.partition("://")[2] + url_for("attendance.sign_own"),
        signed=count_signed(db.session(), session_id, half_day) if half_day else 0,
    )
    return answer_secretly(page)


@blueprint.get("/emargement/<uuid:session_id>/entrer/<key>")
@public
def enter_room(session_id: UUID, key: str) -> Answer:
    """Where the QR code of the screen leads: on to signing, with a while to sign in first."""
    now, ours = clock.now(), codes()
    if not ours.takes_key(session_id, key, now):
        flash(_("Ce QR code n’est plus celui de l’écran : visez-le de nouveau."), "error")
        return redirect(url_for("attendance.sign", session_id=session_id))
    session[TICKET] = ours.make_ticket(session_id, now)
    return redirect(url_for("attendance.sign", session_id=session_id))


@blueprint.get("/emargement")
@signed_in
def sign_own() -> Answer:
    """The sessions one can sign in at now; straight to it when there is one."""
    found = list_open_for(db.session(), current_person().id, clock.now())
    if len(found) == 1:
        return redirect(url_for("attendance.sign", session_id=found[0].id))
    return render_template("attendance/signing/own.html", sessions=found)


@blueprint.route("/emargement/<uuid:session_id>", methods=["GET", "POST"])
@signed_in
def sign(session_id: UUID) -> Answer:
    """Sign this half-day: one tap after the QR code, or the digits; or show one's own code."""
    found, form = find_held(session_id), RoomCodeForm()
    if request.method == "GET":
        return answer_secretly(_sign_page(found, form))
    status = 422
    if form.validate():
        try:
            if _is_proved(session_id, form):
                sign_in_room(db.session(), session_id, current_person(), now=clock.now())
                db.session.commit()
                session.pop(TICKET, None)
                flash(_("C’est signé."), "success")
                return redirect(url_for("attendance.sign", session_id=session_id))
            db.session.commit()  # the miss is counted
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
            status = refused.status if refused.status == 429 else 422
    return answer_secretly(_sign_page(find_held(session_id), form), status)


def _is_proved(session_id: UUID, form: RoomCodeForm) -> bool:
    ours, now = codes(), clock.now()
    if _has_ticket(session_id, now):
        return True
    if not form.digits.data:
        form.digits.errors = [
            _("Le QR code lu tout à l’heure n’est plus bon : visez-le de nouveau.")
            if TICKET in session
            else _("Écrivez le code affiché dans la salle.")
        ]
        return False
    person_id = current_person().id
    if read_room_code(db.session(), session_id, person_id, form.digits.data, ours, now=now):
        return True
    form.digits.errors = [
        _("Ce n’est pas le code de l’écran : il a peut-être changé. Regardez-le de nouveau.")
    ]
    return False


def _has_ticket(session_id: UUID, now: datetime) -> bool:
    return codes().takes_ticket(session_id, session.get(TICKET, ""), now)


def _sign_page(found: LearningSession, form: RoomCodeForm) -> str:
    here, now, person = db.session(), clock.now(), current_person()
    half_day = None if found.cancelled_at else find_half_day(found, now)
    signature = find_signature_of(here, found.id, half_day, person.id) if half_day else None
    own = codes().own(found.id, person.id)
    return render_template(
        "attendance/signing/sign.html",
        session=found,
        form=form,
        half_day=half_day_words(half_day, with_day=False) if half_day else "",
        how=how_signed(signature) if signature else "",
        is_expected=is_expected(here, found.id, person.id),
        is_over=found.ends_at < now,
        has_ticket=_has_ticket(found.id, now),
        own=own,
        qr=draw_qr(own),
    )


def draw_qr(text: str) -> Markup:
    """A QR code as SVG, dark on its own white: cameras read no other."""
    code = segno.make(text, error="m", micro=False)
    # The library's own drawing of our own text, without a declaration or a style.
    drawn = code.svg_inline(
        scale=1, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"
    )
    return Markup(drawn)  # noqa: S704
