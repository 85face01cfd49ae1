"""What the place says of itself: read, changed, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.admin.desk import blueprint
from tierslieu.admin.place import rules
from tierslieu.admin.place.forms import (
    ClosureForm,
    HoursForm,
    IdentityForm,
    PartsForm,
    SeenForm,
    SitesForm,
)
from tierslieu.admin.place.words import SECTION_LABELS
from tierslieu.agenda.hours import Week
from tierslieu.agenda.queries import Filter, count_sessions, list_rooms
from tierslieu.bookings.calendars.periods import week_name
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.place.parts import PARTS
from tierslieu.place.queries import list_versions
from tierslieu.place.said import Closure, Section
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, roles

SHOWN = 10  # changes
Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/administration/lieu")
@roles(ADMINISTRATOR)
def place() -> str:
    """What the place says of itself, and the last changes of that."""
    found = the_place()
    return render_template(
        "admin/place/overview.html",
        place=found,
        hours=Week.read(found.opening).say(),
        closures=found.closures_from(clock.to_local(clock.now()).date()),
        rooms=list_rooms(db.session()),
        off=[part.label for part in PARTS if part.key in found.off],
        versions=list_versions(db.session(), SHOWN),
        labels={one.value: label for one, label in SECTION_LABELS.items()},
    )


@blueprint.route("/administration/lieu/presentation", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_identity() -> Answer:
    """The name of the place, what it is, whom to write to."""
    form = fill_in(IdentityForm())
    if form.validate_on_submit():
        return _save(Section.IDENTITY, form.value, form)
    if not form.is_submitted():
        form.show(the_place())
    return _page("admin/place/identity.html", form)


@blueprint.route("/administration/lieu/adresses", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_sites() -> Answer:
    """Where the place is."""
    form = fill_in(SitesForm())
    if form.validate_on_submit():
        return _save(Section.SITES, form.value, form)
    if not form.is_submitted():
        form.show(the_place().sites)
    return _page("admin/place/sites.html", form)


@blueprint.route("/administration/lieu/horaires", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_hours() -> Answer:
    """When the place is open."""
    form, found = fill_in(HoursForm()), the_place()
    if form.validate_on_submit():
        return _save(Section.HOURS, _hours(form.week.kept(), found.closures), form)
    if not form.is_submitted():
        form.show_week(Week.read(found.opening))
    return _page("admin/place/hours.html", form)


@blueprint.route("/administration/lieu/fermetures", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_closures() -> Answer:
    """The days on which the whole place is closed."""
    form, found = fill_in(ClosureForm()), the_place()
    today = clock.to_local(clock.now()).date()
    if form.validate_on_submit():
        # Noted again, the same days take the new reason: nobody reads them twice.
        days = (form.closure.first, form.closure.last)
        others = [c for c in found.closures_from(today) if (c.first, c.last) != days]
        closures = [*others, form.closure]
        return _save(Section.HOURS, _hours(found.opening, closures), form, "admin.place_closures")
    return _page("admin/place/closures.html", form, **_closures())


@blueprint.route("/administration/lieu/parties", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_parts() -> Answer:
    """Which parts of the house are on."""
    form = fill_in(PartsForm())
    if form.validate_on_submit():
        return _save(Section.PARTS, form.value, form)
    if not form.is_submitted():
        form.parts.data = [part.key for part in PARTS if part.key not in the_place().off]
    return _page("admin/place/parts.html", form, parts=PARTS)


@blueprint.post("/administration/lieu/fermetures/oter")
@roles(ADMINISTRATOR)
def place_reopen() -> BaseResponse:
    """The place is open again on those days."""
    form, found = SeenForm(), the_place()
    if not form.validate():
        raise Refused(_("Ce formulaire est abîmé : rouvrez la page."), status=422)
    days = (request.form.get("first"), request.form.get("last"))
    kept = [one for one in found.closures if (str(one.first), str(one.last)) != days]
    keep(Section.HOURS, _hours(found.opening, kept), form)
    return redirect(url_for("admin.place"))  # where it is taken back


@blueprint.post("/administration/lieu/annuler")
@roles(ADMINISTRATOR)
def place_take_back() -> BaseResponse:
    """The last change is undone."""
    form = SeenForm()
    if not form.validate():
        raise Refused(_("Ce formulaire est abîmé : rouvrez la page."), status=422)
    section = rules.take_back(
        db.session(), form.seen.data or 0, author_id=current_person().id, now=clock.now()
    )
    db.session.commit()
    flash(_("Annulé : « %(what)s » est comme avant.", what=SECTION_LABELS[section]), "success")
    return redirect(url_for("admin.place"))


def _closures() -> dict[str, Any]:
    """The closures to come, and what stands in the agenda on their days: whoever closes the place
    has to tell those who lead and those who booked."""
    session = db.session()
    closures = the_place().closures_from(clock.to_local(clock.now()).date())
    planned = [
        count_sessions(
            session,
            Filter(
                since=clock.to_utc(datetime.combine(one.first, time.min)),
                until=clock.to_utc(datetime.combine(one.last, time.max)),
                standing=True,
            ),
        )
        for one in closures
    ]
    return {"closures": closures, "planned": planned, "week_name": week_name}


Seen = TypeVar("Seen", bound=SeenForm)


def fill_in(form: Seen) -> Seen:
    """A form that knows which version of the place it is filled in from."""
    if not form.is_submitted():
        form.seen.data = the_place().number
    return form


def _hours(week: Any, closures: Sequence[Closure]) -> dict[str, Any]:
    closed = [
        {"first": one.first.isoformat(), "last": one.last.isoformat(), "why": one.why}
        for one in sorted(closures, key=lambda one: (one.first, one.last))
    ]
    return {"week": dict(week), "closed": closed}


def keep(section: Section, value: Any, form: SeenForm) -> None:
    """Save that section, commit, and say so. Raises :class:`Refused`, as the rule does."""
    is_changed = rules.save_section(
        db.session(),
        section,
        value,
        seen=form.seen.data or 0,
        author_id=current_person().id,
        now=clock.now(),
    )
    db.session.commit()
    if is_changed:
        flash(_("C’est enregistré, et visible tout de suite."), "success")
    else:
        flash(_("Rien n’a changé."), "info")


def _save(section: Section, value: Any, form: SeenForm, back: str = "admin.place") -> Answer:
    try:
        keep(section, value, form)
    except Refused as refused:
        # On the page that was filled in: nothing that was typed is lost.
        db.session.rollback()
        form.refuse(refused)
        name = "closures" if isinstance(form, ClosureForm) else section.value
        template = f"admin/place/{name}.html"
        page = render_template(template, form=form, parts=PARTS, **_closures())
        return page, refused.status
    return redirect(url_for(back))


def _page(template: str, form: SeenForm, **more: Any) -> Answer:
    page = render_template(template, form=form, **more)
    return (page, 422) if form.errors else page
