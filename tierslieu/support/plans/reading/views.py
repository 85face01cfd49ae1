"""Reading a plan, one's own past ones or a shared one of somebody followed; the team's word."""

from __future__ import annotations

from datetime import date
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
from tierslieu.support.plans import agreeing, words
from tierslieu.support.plans.forms import WordForm
from tierslieu.support.plans.models import Plan, PlanState
from tierslieu.support.plans.queries import find_agreement, find_readable, list_waiting
from tierslieu.support.plans.views import try_to
from tierslieu.web.access import current_person, roles, signed_in

Answer = str | BaseResponse | tuple[str, int]


def _readable(plan_id: UUID) -> Plan:
    found = find_readable(db.session(), plan_id, current_person().id)
    if found is None:
        raise NotYours
    return found


def _show(plan_id: UUID, form: WordForm | None = None) -> str:
    plan = _readable(plan_id)
    is_own = plan.user_id == current_person().id
    return render_template(
        "support/plan_read.html",
        plan=plan,
        is_own=is_own,
        can_answer=not is_own and plan.state is not PlanState.DONE,
        form=form or WordForm(),
        today=to_local(clock.now()).date(),
        words=words,
    )


@blueprint.get("/plans/<uuid:plan_id>")
@signed_in
def plan_read(plan_id: UUID) -> Answer:
    """A plan of one's own, or one that somebody shows to the team."""
    return _show(plan_id)


@blueprint.get("/plans/accords/<uuid:agreement_id>")
@signed_in
def plan_agreement(agreement_id: UUID) -> str:
    """What was agreed, as it was, for those who may read the plan."""
    found = find_agreement(db.session(), agreement_id, current_person().id)
    if found is None:
        raise NotYours
    return render_template(
        "support/plan_agreement.html",
        agreement=found,
        is_own=found.plan.user_id == current_person().id,
        read_day=date.fromisoformat,
    )


@blueprint.get("/suivi/plans")
@roles(FACILITATOR)
def plans_waiting() -> str:
    """The plans that wait for the team's agreement."""
    return render_template(
        "support/plans_waiting.html", plans=list_waiting(db.session(), current_person().id)
    )


@blueprint.post("/plans/<uuid:plan_id>/proposer")
@roles(FACILITATOR)
def plan_propose(plan_id: UUID) -> Answer:
    """A word on what might be changed."""
    session, reader_id, form = db.session(), current_person().id, WordForm()
    if form.validate_on_submit() and try_to(
        form,
        lambda: agreeing.propose_change(
            session, plan_id, reader_id, form.word.data or "", now=clock.now()
        ),
        _("Votre mot est sur son plan ; un mail dit qu’il y a du nouveau."),
    ):
        return redirect(url_for(".plan_read", plan_id=plan_id))
    return _show(plan_id, form), 422


@blueprint.post("/plans/<uuid:plan_id>/convenir")
@roles(FACILITATOR)
def plan_agree(plan_id: UUID) -> BaseResponse:
    """Agree to what one has read."""
    text = request.form.get("lu", "")
    seen = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    agreeing.agree(db.session(), plan_id, current_person().id, seen, now=clock.now())
    db.session.commit()
    flash(_("Le plan est convenu ; un mail dit qu’il y a du nouveau."), "success")
    return redirect(url_for(".plan_read", plan_id=plan_id))
