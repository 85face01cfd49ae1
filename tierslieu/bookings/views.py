"""A session's page with its seats, one's own bookings, the desk of a session.

The agenda itself is in ``calendars``. All these pages stand one floor above the sessions, because
they say what is left and what one holds.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from courses.enrolments.queries import find_living_enrolment
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.agenda.calendars import Entry, describe_place, make_calendar
from tierslieu.agenda.forms import SessionForm, offer_choices, session_values
from tierslieu.agenda.models import Admission, LearningSession, SeatMode
from tierslieu.agenda.places.views import planning_aids
from tierslieu.agenda.queries import (
    find_feed,
    find_feed_owner,
    find_session,
    list_led_by,
)
from tierslieu.agenda.rules import renew_feed
from tierslieu.agenda.series.rules import Scope
from tierslieu.agenda.words import audience_labels, level_labels
from tierslieu.bookings.admission import note_wrong_code
from tierslieu.bookings.answers import convocations as _convocations  # noqa: F401 - the same
from tierslieu.bookings.answers import views as _answers  # noqa: F401 - on the same blueprint
from tierslieu.bookings.bundles.showing import once_a_bundle
from tierslieu.bookings.bundles.views import left_out_here
from tierslieu.bookings.calendars import views as _calendars  # noqa: F401 - likewise
from tierslieu.bookings.desk import blueprint, is_facilitator
from tierslieu.bookings.forms import BookingForm, CallOffForm, DeskForm
from tierslieu.bookings.groups.views import kept_here
from tierslieu.bookings.limits import views as _limits  # noqa: F401 - likewise
from tierslieu.bookings.limits.queries import find_limit
from tierslieu.bookings.limits.rules import say_limit
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import (
    count_past,
    list_active,
    list_past,
    list_to_come,
    list_with_sessions,
    rank_of,
)
from tierslieu.bookings.rules import claim
from tierslieu.bookings.series.rules import call_off_series, change_series
from tierslieu.bookings.series.views import book_all, series_of
from tierslieu.bookings.showing import Seats, make_lines, mode_label, seats_meanwhile
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import find_user
from tierslieu.place.showing import the_place
from tierslieu.web.access import (
    current_person,
    current_person_or_none,
    public,
    roles,
    signed_in,
)
from tierslieu.web.formats import ordinal, upper_first
from tierslieu.web.paging import PER_PAGE, Page, asked_page
from tierslieu.web.visitors import same_for_visitors

Answer = str | BaseResponse | tuple[str, int]
OWN_FEED_PAST = clock.days(366)  # one’s own calendar keeps a school year and more


@blueprint.get("/agenda/<uuid:session_id>")
@same_for_visitors
@public
def show_session(session_id: UUID) -> str:
    """One session: when, where, what is left, what one holds."""
    found = _find(session_id)
    return _session_page(found, BookingForm(), DeskForm())


def _session_page(found: LearningSession, form: BookingForm, desk: DeskForm) -> str:
    now, session = clock.now(), db.session()
    line = make_lines(session, [found], _person_id(), now)[0]
    for either in (form, desk):
        either.mode.choices = [(s.mode.value, _choice(s)) for s in line.seats]
        if len(line.seats) == 1 and either.mode.data is None:
            either.mode.data = line.seats[0].mode
    return render_template(
        "bookings/session.html",
        line=line,
        session=found,
        form=form,
        desk=desk,
        place=describe_place(found),
        is_facilitator=is_facilitator(),
        held=list_active(session, found.id) if is_facilitator() else [],
        mode_label=mode_label,
        missing_path=_missing_path(found),
        **series_of(found, _person_id(), now),
        **kept_here(found, _person_id()),
        **left_out_here(found),
        limit=_limit(now),
        meanwhile=seats_meanwhile(session, found, _person_id(), now),
        level=level_labels()[found.level] if found.level else "",
        audience=audience_labels()[found.audience] if found.audience else "",
    )


def _limit(now: datetime) -> str:
    """What limits the reader's bookings for now, in words."""
    person_id = _person_id()
    limit = find_limit(db.session(), person_id, now) if person_id is not None else None
    return say_limit(limit) if limit is not None else ""


def _missing_path(found: LearningSession) -> Path | None:
    """The path one has to follow to book here, if the reader does not."""
    if found.admission is not Admission.ENROLLED or found.step is None:
        return None
    path, person_id = found.step.version.path, _person_id()
    followed = person_id and find_living_enrolment(db.session(), person_id, path.id)
    return None if followed else path


def _choice(seats: Seats) -> str:
    return str(_("%(mode)s · %(left)s", mode=upper_first(seats.label), left=seats.words))


@blueprint.post("/agenda/<uuid:session_id>/reserver")
@signed_in
def book(session_id: UUID) -> Answer:
    """Take a seat, or a place in line."""
    form = BookingForm()
    if form.validate_on_submit() and "toutes" in request.form:
        booked = book_all(_find(session_id), form)
        again = None if booked else _session_page(_find(session_id), form, DeskForm(formdata=None))
        return booked or (again or "", 422)
    if form.validate_on_submit():
        person_id = current_person().id
        try:
            booking = claim(
                db.session(),
                session_id,
                person_id,
                form.mode.data,
                now=clock.now(),
                code=form.code.data or "",
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            code = form.code.data or ""
            if note_wrong_code(db.session(), refused, session_id, person_id, code, clock.now()):
                db.session.commit()
            form.refuse(refused)
        else:
            db.session.commit()
            _say_claimed(booking)
            return redirect(url_for("bookings.show_session", session_id=session_id))
    return _session_page(_find(session_id), form, DeskForm(formdata=None)), 422


@blueprint.post("/agenda/<uuid:session_id>/inscrire")
@roles(FACILITATOR)
def book_for(session_id: UUID) -> Answer:
    """A facilitator takes a seat for somebody."""
    _find(session_id)
    form = DeskForm()
    if form.validate_on_submit():
        session = db.session()
        person = find_user(session, form.email.data)
        actor_id = current_person().id
        try:
            if person is None:
                raise Refused(
                    _("Personne n’a de compte à cette adresse : invitez-la d’abord à s’inscrire."),
                    field="email",
                )
            name = person.name
            booking = claim(
                session, session_id, person.id, form.mode.data, now=clock.now(), actor_id=actor_id
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            seated = booking.status is BookingStatus.CONFIRMED
            session.commit()
            message = (
                _("%(name)s a une place.", name=name)
                if seated
                else _("%(name)s est sur la liste d’attente.", name=name)
            )
            flash(message, "success")
            return redirect(url_for("bookings.show_session", session_id=session_id))
    return _session_page(_find(session_id), BookingForm(formdata=None), form), 422


@blueprint.get("/mes-reservations")
@signed_in
def own() -> str:
    """What one has booked: to come, in line, past."""
    now, session, person, number = clock.now(), db.session(), current_person(), asked_page()
    total = count_past(session, person.id, now)
    number = min(number, max(1, -(-total // PER_PAGE)))
    past = list_past(session, person.id, now, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    # What is to come stands on the first page; the following ones go on with what is past.
    held = list_to_come(session, person.id, now) if number == 1 else []
    lines = make_lines(session, [b.session for b in held], person.id, now)
    return render_template(
        "bookings/own.html",
        seated=[line for line in lines if line.is_seated],
        offered=once_a_bundle(line for line in lines if line.is_offered),
        waiting=once_a_bundle(line for line in lines if line.is_waiting),
        past=Page(past, number, total),
        limit=_limit(now),
        describe_place=describe_place,
    )


@blueprint.route("/agenda/<uuid:session_id>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit(session_id: UUID) -> Answer:
    """Change a session; whoever is booked is told what moved."""
    session = db.session()
    found = _find(session_id)
    form = SessionForm(data=session_values(found))
    if form.validate_on_submit():
        try:
            changed = change_series(
                session, session_id, form.plan(), Scope(form.scope.data), now=clock.now()
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(
                ngettext(
                    "La séance est modifiée.", "%(num)s séances sont modifiées.", len(changed)
                ),
                "success",
            )
            return redirect(url_for("bookings.show_session", session_id=session_id))
    found = _find(session_id)
    offer_choices(session, form, found)
    page = render_template("bookings/edit.html", form=form, session=found, **planning_aids(session))
    return (page, 422) if form.errors else page


@blueprint.route("/agenda/<uuid:session_id>/annuler", methods=["GET", "POST"])
@roles(FACILITATOR)
def call_off(session_id: UUID) -> Answer:
    """Cancel a session, saying why; everybody is told."""
    session = db.session()
    form = CallOffForm()
    _find(session_id)
    if form.validate_on_submit():
        try:
            scope = Scope(form.scope.data)
            gone = call_off_series(session, session_id, form.reason.data, scope, now=clock.now())
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(
                ngettext(
                    "La séance est annulée, les personnes inscrites sont prévenues.",
                    "%(num)s séances sont annulées, les personnes inscrites sont prévenues.",
                    len(gone),
                ),
                "success",
            )
            return redirect(url_for("bookings.show_session", session_id=session_id))
    found = _find(session_id)
    page = render_template(
        "bookings/call_off.html",
        form=form,
        session=found,
        held_count=len(list_active(session, session_id)),
    )
    return (page, 422) if form.errors else page


@blueprint.get("/agenda/<uuid:session_id>.ics")
@public
def session_calendar(session_id: UUID) -> Response:
    """One session for one's calendar program; as one takes part, if one does."""
    now = clock.now()
    line = make_lines(db.session(), [_find(session_id)], _person_id(), now)[0]
    return _calendar(line.session.title, [_entry(line.session, line.booking, line.rank)], now)


@blueprint.get("/agenda/<string(length=32):secret>.ics")
@public
def personal_calendar(secret: str) -> Response:
    """What one booked, waits for and leads, from a year ago on, at an address only its owner
    knows."""
    now, session = clock.now(), db.session()
    user_id = find_feed_owner(session, secret)
    if user_id is None:
        raise NotYours
    since = now - OWN_FEED_PAST
    held = list_with_sessions(session, user_id, since)
    lines = make_lines(session, [b.session for b in held], user_id, now)
    entries = {line.session.id: _entry(line.session, line.booking, line.rank) for line in lines}
    for led in list_led_by(session, user_id, since):
        entries.setdefault(led.id, Entry(led))
    ordered = sorted(entries.values(), key=lambda e: (e.session.starts_at, e.session.id))
    return _calendar(_("Mes séances, %(place)s", place=the_place().name_here), ordered, now)


@blueprint.route("/agenda/mon-calendrier", methods=["GET", "POST"])
@signed_in
def own_calendar() -> Answer:
    """The address of one's own calendar; POST makes a new one, the old answers no more."""
    session, person_id = db.session(), current_person().id
    if request.method == "POST":
        had_one = find_feed(session, person_id) is not None
        renew_feed(session, person_id, now=clock.now())
        session.commit()
        flash(
            _("L’ancienne adresse ne répond plus : abonnez-vous à la nouvelle.")
            if had_one
            else _("Votre calendrier a une adresse, connue de vous seulement."),
            "success",
        )
        return redirect(url_for("bookings.own_calendar"))
    feed = find_feed(session, person_id)
    base_url = current_app.config["TIERSLIEU"].base_url
    return render_template(
        "bookings/own_calendar.html",
        address=f"{base_url}/agenda/{feed.secret}.ics" if feed else "",
        public_address=f"{base_url}/agenda.ics",
    )


def _find(session_id: UUID) -> LearningSession:
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours
    return found


def _person_id() -> UUID | None:
    person = current_person_or_none()
    return person.id if person else None


def _say_claimed(booking: Booking) -> None:
    is_bundle = booking.session.is_of_bundle
    if booking.status is BookingStatus.CONFIRMED:
        flash(
            _("Vous avez une place à toutes les dates. Un mail vient de partir.")
            if is_bundle
            else _("Votre place est confirmée. Un mail vient de partir."),
            "success",
        )
    else:
        rank = ordinal(rank_of(db.session(), booking))
        flash(
            _(
                "Toutes les dates n’ont pas de place : vous avez la %(rank)s place de la liste "
                "d’attente de la série.",
                rank=rank,
            )
            if is_bundle
            else _("C’est complet : vous avez la %(rank)s place de la liste d’attente.", rank=rank),
            "info",
        )


def _entry(session: LearningSession, booking: Booking | None, rank: int) -> Entry:
    mode: SeatMode | None = booking.mode if booking else None
    is_offered = booking is not None and booking.status is BookingStatus.OFFERED
    return Entry(session, mode, line_rank=rank, is_offered=is_offered)


def _calendar(name: str, entries: list[Entry], now: datetime) -> Response:
    body = make_calendar(name, entries, current_app.config["TIERSLIEU"].base_url, now)
    return Response(body, content_type="text/calendar; charset=utf-8")
