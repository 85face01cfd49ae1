"""What the team keeps for plans: the aims, the checklists."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.support.desk import blueprint
from tierslieu.support.plans.checklists import rules, words
from tierslieu.support.plans.checklists.forms import AimForm, ChecklistForm, ItemForm
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.support.plans.checklists.queries import (
    find_checklist,
    find_item,
    list_aims,
    list_checklists,
)
from tierslieu.support.plans.views import try_to
from tierslieu.web.access import current_person, roles

Answer = str | BaseResponse | tuple[str, int]


def _checklist(checklist_id: UUID) -> Checklist:
    found = find_checklist(db.session(), checklist_id)
    if found is None:
        raise NotYours
    return found


def _back(checklist_id: UUID) -> BaseResponse:
    return redirect(url_for(".checklist", checklist_id=checklist_id))


@blueprint.route("/suivi/listes", methods=["GET", "POST"])
@roles(FACILITATOR)
def checklists() -> Answer:
    """All checklists, and the aims that plans choose from; an aim more."""
    session, form = db.session(), AimForm()
    if form.validate_on_submit() and try_to(
        form,
        lambda: rules.add_aim(session, form.label.data or ""),
        _("La visée est proposée."),
    ):
        return redirect(url_for(".checklists", _anchor="visees"))
    page = render_template(
        "support/checklists.html",
        checklists=list_checklists(session, with_retired=True),
        aims=list_aims(session, with_retired=True),
        form=form,
        words=words,
        today=to_local(clock.now()).date(),
    )
    return (page, 422) if form.errors else page


@blueprint.post("/suivi/listes/visees/<uuid:aim_id>/retirer")
@roles(FACILITATOR)
def retire_aim(aim_id: UUID) -> BaseResponse:
    """No longer propose this aim."""
    rules.retire_aim(db.session(), aim_id, now=clock.now())
    db.session.commit()
    flash(_("Cette visée n’est plus proposée ; les plans qui l’ont la gardent."), "success")
    return redirect(url_for(".checklists", _anchor="visees"))


@blueprint.route("/suivi/listes/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_checklist() -> Answer:
    """A checklist more."""
    session, form = db.session(), ChecklistForm()
    made: list[Checklist] = []
    if form.validate_on_submit() and try_to(
        form,
        lambda: made.append(rules.add_checklist(session, form.said(), now=clock.now())),
        _("La liste est créée : ajoutez ce qu’il y a à faire."),
    ):
        return _back(made[0].id)
    page = render_template("support/checklist_said.html", form=form, checklist=None)
    return (page, 422) if form.errors else page


@blueprint.get("/suivi/listes/<uuid:checklist_id>")
@roles(FACILITATOR)
def checklist(checklist_id: UUID) -> str:
    """A checklist with its items."""
    return render_template(
        "support/checklist.html",
        checklist=_checklist(checklist_id),
        words=words,
        today=to_local(clock.now()).date(),
    )


@blueprint.route("/suivi/listes/<uuid:checklist_id>/titre", methods=["GET", "POST"])
@roles(FACILITATOR)
def checklist_said(checklist_id: UUID) -> Answer:
    """What it says of itself."""
    session = db.session()
    form = ChecklistForm(obj=_checklist(checklist_id))
    if form.validate_on_submit() and try_to(
        form,
        lambda: rules.change_checklist(session, checklist_id, form.said(), now=clock.now()),
        _("La liste est changée."),
    ):
        return _back(checklist_id)
    page = render_template(
        "support/checklist_said.html", form=form, checklist=_checklist(checklist_id)
    )
    return (page, 422) if form.errors else page


@blueprint.post("/suivi/listes/<uuid:checklist_id>/verifier")
@roles(FACILITATOR)
def verify_checklist(checklist_id: UUID) -> BaseResponse:
    """It says what the official page says, today."""
    rules.verify_checklist(db.session(), checklist_id, current_person().id, now=clock.now())
    db.session.commit()
    flash(_("C’est noté : vérifiée aujourd’hui, par vous."), "success")
    return _back(checklist_id)


@blueprint.post("/suivi/listes/<uuid:checklist_id>/proposer")
@roles(FACILITATOR)
def retire_checklist(checklist_id: UUID) -> BaseResponse:
    """No longer propose it, or again."""
    is_retired = request.form.get("proposer") == "non"
    rules.retire_checklist(db.session(), checklist_id, is_retired, now=clock.now())
    db.session.commit()
    flash(
        _("Cette liste n’est plus proposée ; les plans qui l’ont la gardent.")
        if is_retired
        else _("Cette liste est de nouveau proposée."),
        "success",
    )
    return _back(checklist_id)


@blueprint.route("/suivi/listes/<uuid:checklist_id>/lignes/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_item(checklist_id: UUID) -> Answer:
    """An item more."""
    return _write_item(checklist_id, None, ItemForm())


@blueprint.route("/suivi/listes/<uuid:checklist_id>/lignes/<uuid:item_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def item(checklist_id: UUID, item_id: UUID) -> Answer:
    """Change an item."""
    found = find_item(db.session(), checklist_id, item_id)
    if found is None:
        raise NotYours
    month = str(found.month) if found.month else ""
    data = {"text": found.text, "url": found.url, "due": found.due, "day": found.day}
    return _write_item(checklist_id, item_id, ItemForm(data={**data, "month": month}))


def _write_item(checklist_id: UUID, item_id: UUID | None, form: ItemForm) -> Answer:
    session = db.session()
    if form.validate_on_submit() and try_to(
        form,
        lambda: rules.write_item(session, checklist_id, item_id, form.thing(), now=clock.now()),
        _("La ligne est enregistrée. La liste est à vérifier de nouveau."),
    ):
        return _back(checklist_id)
    page = render_template(
        "support/checklist_item.html",
        form=form,
        checklist=_checklist(checklist_id),
        item_id=item_id,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/suivi/listes/<uuid:checklist_id>/lignes/<uuid:item_id>/deplacer")
@roles(FACILITATOR)
def move_item(checklist_id: UUID, item_id: UUID) -> BaseResponse:
    """One place up or down."""
    is_up = request.form.get("sens") == "haut"
    rules.move_item(db.session(), checklist_id, item_id, is_up)
    db.session.commit()
    return _back(checklist_id)


@blueprint.post("/suivi/listes/<uuid:checklist_id>/lignes/<uuid:item_id>/retirer")
@roles(FACILITATOR)
def remove_item(checklist_id: UUID, item_id: UUID) -> BaseResponse:
    """Take an item away."""
    rules.remove_item(db.session(), checklist_id, item_id, now=clock.now())
    db.session.commit()
    flash(_("La ligne est retirée ; les plans qui l’ont la gardent."), "success")
    return _back(checklist_id)
