"""The rule and who it limits now, for the team."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.bookings.desk import blueprint
from tierslieu.bookings.limits.forms import MissedRuleForm
from tierslieu.bookings.limits.queries import count_limits, list_limits
from tierslieu.bookings.limits.rules import lift_limit, set_rule
from tierslieu.bookings.models import BookingLimit, MissedRule
from tierslieu.db import db
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import Page, asked_page

OFF = {"is_on": False, "times": 3, "months": 3, "most": 1, "weeks": 6}


@blueprint.route("/reservations/absences", methods=["GET", "POST"])
@roles(FACILITATOR)
def missed_rule() -> str | Response | tuple[str, int]:
    """Set the rule; who is limited by it now."""
    session, now = db.session(), clock.now()
    rule = session.get(MissedRule, 1)
    form = MissedRuleForm(obj=rule) if rule is not None else MissedRuleForm(data=OFF)
    if form.validate_on_submit():
        set_rule(
            session,
            is_on=form.is_on.data,
            times=form.times.data or 0,
            months=form.months.data or 0,
            most=form.most.data or 0,
            weeks=form.weeks.data or 0,
            now=now,
        )
        session.commit()
        flash(
            _("La règle vaut à partir de maintenant : ce qui est passé ne compte pas.")
            if form.is_on.data
            else _("La règle est désactivée."),
            "success",
        )
        return redirect(url_for("bookings.missed_rule"))
    page: Page[BookingLimit] = Page([], asked_page(), count_limits(session, now))
    number = min(page.number, page.pages)
    found = list_limits(session, now, (number - 1) * page.per_page, page.per_page)
    answer = render_template(
        "bookings/missed_rule.html", form=form, page=Page(found, number, page.total)
    )
    return (answer, 422) if form.errors else answer


@blueprint.post("/reservations/absences/<uuid:limit_id>/lever")
@roles(FACILITATOR)
def lift(limit_id: UUID) -> Response:
    """Lift somebody's limit."""
    limit = lift_limit(db.session(), limit_id, now=clock.now(), actor_id=current_person().id)
    name = limit.user.name
    db.session.commit()
    flash(_("%(name)s réserve de nouveau comme tout le monde.", name=name), "success")
    return redirect(url_for("bookings.missed_rule", page=request.args.get("page")))
