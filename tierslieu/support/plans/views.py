"""One's own plan: its aims, its steps, its checklists; showing it, agreeing, closing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.place.showing import the_place
from tierslieu.support.desk import blueprint
from tierslieu.support.plans import agreeing, copying, rules, words
from tierslieu.support.plans.checklists import words as checklist_words
from tierslieu.support.plans.checklists.queries import list_aims, list_checklists
from tierslieu.support.plans.forms import AimsForm, DateForm, StepForm, WordForm
from tierslieu.support.plans.models import Plan
from tierslieu.support.plans.papers import compose_paper
from tierslieu.support.plans.queries import find_open, list_readable_of
from tierslieu.support.plans.targets import list_targets, read_target
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.forms import Form
from tierslieu.web.papers import draw_paper, send_paper

Answer = str | BaseResponse | tuple[str, int]


def _own() -> Plan:
    found = find_open(db.session(), current_person().id)
    if found is None:
        raise NotYours
    return found


def try_to(form: Form, act: Callable[[], Any], said: str) -> bool:
    """Do it and commit; a refusal goes beside its field."""
    try:
        act()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return False
    db.session.commit()
    flash(said, "success")
    return True


def _home(at: str = "") -> BaseResponse:
    return redirect(url_for(".plan", _anchor=at or None))


@blueprint.get("/mon-plan")
@signed_in
def plan() -> str:
    """One's plan; without one, how to begin."""
    session, person_id = db.session(), current_person().id
    found = find_open(session, person_id)
    return render_template(
        "support/plan_own.html",
        plan=found,
        past=[one for one in list_readable_of(session, person_id, person_id) if one != found],
        today=to_local(clock.now()).date(),
        words=words,
    )


@blueprint.route("/mon-plan/visees", methods=["GET", "POST"])
@signed_in
def plan_aims() -> Answer:
    """What one aims at; saying it begins a plan."""
    session, person_id = db.session(), current_person().id
    found = find_open(session, person_id)
    form = AimsForm([one.label for one in list_aims(session)], found)
    if form.validate_on_submit() and try_to(
        form,
        lambda: rules.set_aims(session, person_id, form.asked(), now=clock.now()),
        _("Vos visées sont enregistrées."),
    ):
        return _home()
    page = render_template("support/plan_aims.html", form=form, has_plan=found is not None)
    return (page, 422) if form.errors else page


@blueprint.route("/mon-plan/etapes/nouvelle", methods=["GET", "POST"])
@signed_in
def plan_add() -> Answer:
    """A step more."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    _own()
    form = StepForm(list_targets(session, person_id, now))

    def add() -> None:
        target = read_target(session, person_id, form.target.data or "", now)
        asked = rules.Asked(form.title.data or "", form.due.data, target)
        rules.add_step(session, person_id, asked, now=now)

    if form.validate_on_submit() and try_to(form, add, _("L’étape est dans votre plan.")):
        return _home("etapes")
    page = render_template("support/plan_step.html", form=form, step=None)
    return (page, 422) if form.errors else page


@blueprint.route("/mon-plan/etapes/<uuid:step_id>", methods=["GET", "POST"])
@signed_in
def plan_step(step_id: UUID) -> Answer:
    """Change a step; of an item of a checklist, its day."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    step = rules.find_in(_own(), step_id)
    form: Any
    if step.checklist_id is not None:
        form = DateForm(data={"due": step.due})
    else:
        form = StepForm(list_targets(session, person_id, now), step)

    def change() -> None:
        title, target = "", None
        if isinstance(form, StepForm):
            title = form.title.data or ""
            target = read_target(session, person_id, form.target.data or "", now, step=step)
        asked = rules.Asked(title, form.due.data, target)
        rules.change_step(session, person_id, step_id, asked, now=now)

    if form.validate_on_submit() and try_to(form, change, _("L’étape est changée.")):
        return _home("etapes")
    page = render_template("support/plan_step.html", form=form, step=rules.find_in(_own(), step_id))
    return (page, 422) if form.errors else page


@blueprint.post("/mon-plan/etapes/<uuid:step_id>/faire")
@signed_in
def plan_tick(step_id: UUID) -> BaseResponse:
    """Done, or not after all."""
    is_done = request.form.get("fait") == "oui"
    rules.tick_step(db.session(), current_person().id, step_id, is_done, now=clock.now())
    db.session.commit()
    return _home(f"etape-{step_id}")


@blueprint.post("/mon-plan/etapes/<uuid:step_id>/deplacer")
@signed_in
def plan_move(step_id: UUID) -> BaseResponse:
    """One place up or down."""
    is_up = request.form.get("sens") == "haut"
    rules.move_step(db.session(), current_person().id, step_id, is_up, now=clock.now())
    db.session.commit()
    return redirect(url_for(".plan_step", step_id=step_id))


@blueprint.post("/mon-plan/etapes/<uuid:step_id>/retirer")
@signed_in
def plan_drop(step_id: UUID) -> BaseResponse:
    """Away with a step."""
    rules.drop_step(db.session(), current_person().id, step_id, now=clock.now())
    db.session.commit()
    flash(_("L’étape est retirée."), "success")
    return _home("etapes")


@blueprint.get("/mon-plan/listes")
@signed_in
def plan_checklists() -> str:
    """The checklists one can put into one's plan."""
    return render_template(
        "support/plan_checklists.html",
        checklists=list_checklists(db.session()),
        held={one.checklist_id for one in _own().checklists},
        words=checklist_words,
    )


@blueprint.post("/mon-plan/listes/<uuid:checklist_id>/ajouter")
@signed_in
def plan_copy(checklist_id: UUID) -> BaseResponse:
    """Put this checklist into one's plan."""
    copying.copy_checklist(db.session(), current_person().id, checklist_id, now=clock.now())
    db.session.commit()
    flash(_("La liste est dans votre plan : cochez, et donnez-vous des dates."), "success")
    return _home("etapes")


@blueprint.post("/mon-plan/listes/<uuid:copy_id>/retirer")
@signed_in
def plan_uncopy(copy_id: UUID) -> BaseResponse:
    """Take one's copy of a checklist out."""
    copying.drop_checklist(db.session(), current_person().id, copy_id, now=clock.now())
    db.session.commit()
    flash(_("La liste est retirée de votre plan."), "success")
    return _home("etapes")


@blueprint.post("/mon-plan/montrer")
@signed_in
def plan_share() -> BaseResponse:
    """Show it to the team, or no longer."""
    session, person_id = db.session(), current_person().id
    if request.form.get("montrer") == "oui":
        agreeing.share_plan(session, person_id, now=clock.now())
        said = _("L’équipe peut maintenant lire votre plan.")
    else:
        agreeing.withdraw_plan(session, person_id, now=clock.now())
        said = _("L’équipe ne voit plus votre plan.")
    session.commit()
    flash(said, "success")
    return _home()


@blueprint.post("/plans/<uuid:plan_id>/ne-plus-montrer")
@signed_in
def plan_withdraw(plan_id: UUID) -> BaseResponse:
    """Show a plan of one's own no longer, done or not."""
    agreeing.withdraw_plan(db.session(), current_person().id, now=clock.now(), plan_id=plan_id)
    db.session.commit()
    flash(_("L’équipe ne voit plus ce plan."), "success")
    return redirect(url_for(".plan_read", plan_id=plan_id))


@blueprint.post("/mon-plan/accord")
@signed_in
def plan_ask() -> BaseResponse:
    """Ask the team to agree."""
    agreeing.ask_agreement(db.session(), current_person().id, now=clock.now())
    db.session.commit()
    flash(_("Votre demande est partie : l’équipe lira votre plan."), "success")
    return _home()


@blueprint.route("/mon-plan/terminer", methods=["GET", "POST"])
@signed_in
def plan_close() -> Answer:
    """Close it with a word."""
    session, person_id = db.session(), current_person().id
    form = WordForm()
    found = _own()
    if form.validate_on_submit() and try_to(
        form,
        lambda: agreeing.close_plan(session, person_id, form.word.data or "", now=clock.now()),
        _("Votre plan est terminé. Il reste lisible, et vous pouvez en commencer un autre."),
    ):
        return _home()
    left = sum(1 for step in found.steps if step.done_at is None)
    page = render_template("support/plan_close.html", form=form, left=left)
    return (page, 422) if form.errors else page


@blueprint.post("/mon-plan/supprimer")
@signed_in
def plan_delete() -> BaseResponse:
    """Throw a draft away."""
    rules.drop_plan(db.session(), current_person().id)
    db.session.commit()
    flash(_("Votre brouillon est supprimé."), "success")
    return _home()


@blueprint.get("/mon-plan.pdf")
@signed_in
def plan_pdf() -> Response:
    """One's plan on paper; why one wants it only if asked for (``?avec=pourquoi``)."""
    now = clock.now()
    paper = compose_paper(_own(), now, with_why=request.args.get("avec") == "pourquoi")
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    place = the_place()
    data = draw_paper(
        "pdf/support_plan.html", place_name=place.name_here, contact=place.contact, paper=paper
    )
    return send_paper(data, f"mon-plan-{to_local(now):%Y-%m-%d}.pdf")
