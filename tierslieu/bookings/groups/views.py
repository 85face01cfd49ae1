"""Keeping seats for colleagues, from the page of a session; what the link in their mail opens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.admission import note_wrong_code
from tierslieu.bookings.desk import blueprint
from tierslieu.bookings.groups import queries, rules
from tierslieu.bookings.groups.forms import ColleaguesForm
from tierslieu.bookings.models import SeatInvitation
from tierslieu.bookings.showing import mode_label, state_of
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, current_person_or_none, public, signed_in
from tierslieu.web.formats import upper_first
from tierslieu.web.headers import answer_secretly

IN_HAND = "seat_invitation"


def kept_here(found: LearningSession, person_id: UUID | None) -> dict[str, Any]:
    """What the page of a session says of seats kept: the reader's, and how many in all."""
    session = db.session()
    own = queries.list_held(session, found.id, person_id) if person_id is not None else []
    return {"kept_by_me": own, "kept_count": queries.count_held(session, found.id)}


@blueprint.route("/agenda/<uuid:session_id>/collegues", methods=["GET", "POST"])
@signed_in
def invite(session_id: UUID) -> str | Response | tuple[str, int]:
    """Keep seats for colleagues."""
    session, form = db.session(), ColleaguesForm()
    found = session.get(LearningSession, session_id)
    if found is None:
        raise NotYours
    modes = [mode for mode in SeatMode if (pool := found.pool(mode)) and pool.capacity]
    form.mode.choices = [(mode.value, upper_first(mode_label(mode))) for mode in modes]
    if len(modes) == 1 and form.mode.data is None:
        form.mode.data = modes[0]
    if form.validate_on_submit():
        try:
            made = rules.invite_colleagues(
                session,
                session_id,
                current_person().id,
                form.mode.data,
                form.lines,
                now=clock.now(),
                code=form.code.data or "",
            )
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            code, person_id = form.code.data or "", current_person().id
            if note_wrong_code(session, refused, session_id, person_id, code, clock.now()):
                session.commit()
            form.refuse(refused)
        else:
            count = len(made)
            session.commit()
            words = ngettext(
                "%(num)s place est gardée ; un mail vient de partir à votre collègue.",
                "%(num)s places sont gardées ; un mail vient de partir à chacun.",
                count,
            )
            flash(words, "success")
            return redirect(url_for("bookings.show_session", session_id=session_id))
    found = session.get(LearningSession, session_id)
    page = render_template("bookings/invite.html", form=form, session=found)
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/reservations/places-gardees/<uuid:invitation_id>/rendre")
@signed_in
def withdraw(invitation_id: UUID) -> Response:
    """Give back a seat one keeps."""
    session = db.session()
    found = session.get(SeatInvitation, invitation_id)
    if found is None or found.invited_by_id != current_person().id:
        raise NotYours
    session_id = found.session_id
    rules.withdraw_invitation(session, invitation_id, current_person().id, now=clock.now())
    session.commit()
    flash(_("La place est rendue."), "success")
    return redirect(url_for("bookings.show_session", session_id=session_id))


@blueprint.get("/reservations/invitation")
@public
def invitation_in_hand() -> Response:
    """Back from signing in: to the seat this browser was looking at. Elsewhere, the mail leads to
    it."""
    secret = cookie.pop(IN_HAND, None)
    if not isinstance(secret, str):
        flash(_("Rouvrez le lien du mail de votre collègue : il mène à votre place."), "info")
        return redirect(url_for("bookings.agenda"))
    return redirect(url_for("bookings.invitation", secret=secret))


@blueprint.get("/reservations/invitation/<string(maxlength=64):secret>")
@public
def invitation(secret: str) -> Response:
    """The seat that is kept for whoever holds this link, and who keeps it."""
    found = queries.find_by_hash(db.session(), rules.hash_secret(secret))
    if found is None:
        raise NotYours
    now = clock.now()
    return answer_secretly(
        render_template(
            "bookings/invitation.html",
            invitation=found,
            session=found.session,
            state=state_of(found.session, now),
            is_held=found.state.value == "held" and now < found.held_until,
            is_signed_in=current_person_or_none() is not None,
            mode_label=mode_label,
            secret=secret,
        )
    )


@blueprint.post("/reservations/invitation/<string(maxlength=64):secret>")
@public
def answer_invitation(secret: str) -> Response:
    """Take the seat in one's own name, or leave it; leaving it needs no account."""
    session, person, now = db.session(), current_person_or_none(), clock.now()
    if queries.find_by_hash(session, rules.hash_secret(secret)) is None:
        raise NotYours
    try:
        if request.form.get("geste") == "laisser":
            rules.decline_invitation(session, secret, now=now)
            session.commit()
            flash(_("C’est noté : la place va à quelqu’un d’autre."), "success")
        elif person is None:
            # The secret waits in the cookie: the addresses on the way there do not hold it.
            cookie[IN_HAND] = secret
            door = "register" if request.form.get("geste") == "inscrire" else "login"
            back = url_for("bookings.invitation_in_hand")
            return redirect(url_for(f"security.{door}", next=back))
        else:
            session_id = rules.take_invitation(session, secret, person, now=now).session_id
            session.commit()
            flash(_("Votre place est confirmée. Un mail vient de partir."), "success")
            return redirect(url_for("bookings.show_session", session_id=session_id))
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
    return redirect(url_for("bookings.invitation", secret=secret))
