"""The roll, called on a phone: one form, big ticks, one button."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import find_session
from tierslieu.attendance.claims import views as _claims  # noqa: F401 - on the same blueprint
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.forms import RollForm, read_roll
from tierslieu.attendance.papers import views as _papers  # noqa: F401 - likewise
from tierslieu.attendance.papers.queries import list_present_holders
from tierslieu.attendance.queries import list_changes, list_lines
from tierslieu.attendance.rules import (
    OPENS_BEFORE,
    HalfDay,
    is_roll_open,
    list_half_days,
    note_presence,
)
from tierslieu.attendance.showing import (
    choose_half_day,
    half_day_slug,
    half_day_words,
    make_corrections,
    make_rows,
)
from tierslieu.attendance.signing import views as _signing  # noqa: F401 - likewise
from tierslieu.attendance.signing.device import views as _device  # noqa: F401 - likewise
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles

Answer = str | BaseResponse | tuple[str, int]


@blueprint.route("/agenda/<uuid:session_id>/appel", methods=["GET", "POST"])
@roles(FACILITATOR)
def roll(session_id: UUID) -> Answer:
    """Show the roll of a half-day, or note it: the ticks, and whoever walked in."""
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours
    half_day = choose_half_day(found, request.values.get("demi", ""), clock.now())
    form = RollForm()
    if request.method == "GET":
        return _page(found, half_day, form)
    if form.validate():
        try:
            _note(session_id, half_day, form)
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_say_noted(found, half_day), "success")
            return redirect(
                url_for("attendance.roll", session_id=session_id, demi=half_day_slug(half_day))
            )
    found = find_session(db.session(), session_id)
    assert found is not None
    return _page(found, half_day, form), 422


def _say_noted(session: LearningSession, half_day: HalfDay) -> str:
    """That it is kept; as long as people still come, also what that means for who is not there."""
    said: str = _("L’appel est enregistré.")
    absent = sum(not row.is_present for row in make_rows(db.session(), session, half_day))
    if absent and clock.now() < session.ends_at:
        late = ngettext(
            "Une personne est notée absente : si elle arrive, cochez-la et enregistrez de nouveau.",
            "%(num)s personnes sont notées absentes : si l’une d’elles arrive, cochez-la et "
            "enregistrez de nouveau.",
            absent,
        )
        said = f"{said} {late}"
    return said


def _note(session_id: UUID, half_day: HalfDay, form: RollForm) -> None:
    session, now, actor_id = db.session(), clock.now(), current_person().id
    names = {
        line.guest_email: line.guest_name
        for line in list_lines(session, session_id)
        if line.user_id is None
    }
    entries = read_roll(request.form, names, half_day)
    if not form.is_empty:
        entries.append(form.entry(half_day))
    note_presence(session, session_id, entries, now=now, actor_id=actor_id, why=form.why.data or "")


def _page(found: LearningSession, half_day: HalfDay, form: RollForm) -> str:
    session = db.session()
    half_days = list_half_days(found)
    rows = make_rows(session, found, half_day)
    return render_template(
        "attendance/roll.html",
        session=found,
        form=form,
        rows=rows,
        ticked=_ticked("present", [row.key for row in rows if row.is_present]),
        excused=_ticked("excused", [row.key for row in rows if row.is_excused]),
        present=sum(row.is_present for row in rows),
        is_noted=any(row.presence for row in rows),
        half_day=half_day_slug(half_day),
        half_days=[
            (half_day_slug(h), half_day_words(h, with_day=half_days[0][0] != half_days[-1][0]))
            for h in half_days
        ],
        is_open=is_roll_open(found, clock.now()),
        opens_at=found.starts_at - OPENS_BEFORE,
        holders=list_present_holders(session, found.id),
        is_late=clock.to_local(clock.now()).date() > half_day[0],
        corrections=make_corrections(list_changes(session, found.id), half_days),
    )


def _ticked(name: str, noted: list[str]) -> set[str]:
    """The boxes that are ticked: as they were sent, when a form is shown again."""
    return set(request.form.getlist(name)) if request.method == "POST" else set(noted)
