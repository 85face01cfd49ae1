"""How the place looks: its colour and its logo."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.admin.desk import blueprint
from tierslieu.admin.place import rules
from tierslieu.admin.place.forms import ColoursForm, LogoForm
from tierslieu.admin.place.pictures import MAX_BYTES, clean_logo
from tierslieu.admin.place.views import Answer, fill_in, keep
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.place import colours
from tierslieu.place.said import Logo, Picture, Section
from tierslieu.place.showing import the_place
from tierslieu.web.access import roles
from tierslieu.web.contrast import contrast, is_colour

HOUSE = "maison"  # in an address: no colour was chosen


@blueprint.route("/administration/lieu/couleurs", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_colours() -> Answer:
    """The colour of the place: seen on both schemes first, then saved."""
    form = fill_in(ColoursForm())
    if not form.is_submitted():
        form.show(the_place().accent)
        return _colours_page(form, the_place().accent)
    # One button takes the colour that was offered instead of the one that cannot be read.
    taken = request.form.get("take", "")
    if is_colour(taken):
        form.accent.data, form.shown.data = taken, None
    if not form.validate():
        return _colours_page(form, the_place().accent), 422
    chosen = form.value
    if chosen and not colours.is_readable(chosen):
        form.show(chosen)
        offered = colours.nearest(chosen)
        form.accent.errors = [
            _(
                "%(chosen)s est trop claire pour être lue sur nos pages claires : contraste de "
                "%(found)s pour 1, il en faut 4,5. La plus proche qui se lit est %(offered)s.",
                chosen=chosen,
                found=_ratio(_least(chosen, "light")),
                offered=offered,
            )
        ]
        return _colours_page(form, offered, offered=offered), 422
    if request.form.get("do") == "preview":
        form.show(chosen)
        return _colours_page(form, chosen)
    try:
        keep(Section.COLOURS, chosen or None, form)
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return _colours_page(form, chosen), refused.status
    return redirect(url_for("admin.place"))


@blueprint.route("/administration/lieu/logo", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def place_logo() -> Answer:
    """The logo of the place: handed in, changed, taken away."""
    form, found = fill_in(LogoForm()), the_place().logo
    if not form.is_submitted():
        form.alone.data = bool(found and found.alone)
        return render_template("admin/place/logo.html", form=form)
    try:
        if not form.validate():
            return render_template("admin/place/logo.html", form=form), 422
        value = None if request.form.get("do") == "remove" else _logo_from(form, found)
        keep(Section.LOGO, value, form)
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return render_template("admin/place/logo.html", form=form), refused.status
    return redirect(url_for("admin.place"))


def _logo_from(form: LogoForm, found: Logo | None) -> dict[str, Any]:
    """What the place will say; a file that was not handed in stays as it was."""
    # Both are cleaned before anything is written: pictures take their time, outside a transaction.
    drawn = {
        field.name: clean_logo(field.data.read(MAX_BYTES + 1), field.name)
        for field in (form.light, form.dark)
        if field.data
    }
    if "light" not in drawn and found is None:
        message = _("Choisissez d’abord un logo pour les pages claires.")
        raise Refused(message, code="logo_missing", field="light", status=422)
    said: dict[str, Any] = {"light": None, "dark": None, "alone": bool(form.alone.data)}
    if found:
        said["light"], said["dark"] = asdict(found.light), found.dark and asdict(found.dark)
    if "light" in drawn:
        said["dark"] = None  # it went with the other
    for name, one in drawn.items():
        rules.keep_picture(db.session(), one.digest, one.media_type, one.data)
        said[name] = asdict(Picture(one.digest, one.suffix, one.width, one.height))
    return said


@blueprint.get("/administration/lieu/couleurs/<accent>.css")
@roles(ADMINISTRATOR)
def place_tones(accent: str) -> Response:
    """Both schemes of a colour that is being tried, for the samples on that page."""
    colour = "" if accent == HOUSE else f"#{accent}"
    if colour and not is_colour(colour):
        abort(404)
    answer = make_response(colours.samples(colour))
    answer.mimetype = "text/css"
    return answer


def _colours_page(form: ColoursForm, accent: str, offered: str = "") -> str:
    measured: dict[str, Any] = {}
    for scheme in ("light", "dark"):
        if accent:
            made = colours.tones(accent, scheme)
            measured[scheme] = (made.accent, _ratio(_least(made.accent, scheme)))
    return render_template(
        "admin/place/colours.html",
        form=form,
        sample=accent.removeprefix("#") or HOUSE,
        measured=measured,
        offered=offered,
        today=clock.to_local(clock.now()),
    )


def _least(accent: str, scheme: str) -> float:
    return min(contrast(accent, ground) for ground in colours.grounds(scheme))


def _ratio(value: float) -> str:
    # Downwards: 4.46 is not told as 4.5.
    return str(format_decimal(int(value * 10) / 10))
