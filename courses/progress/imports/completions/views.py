"""What counts in Moodle's completion reports of a path: asked once, then remembered."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from courses.paths.queries import current_version
from courses.progress.desk import blueprint
from courses.progress.imports import queries, rules
from courses.progress.imports.applying import GRADED
from courses.progress.imports.completions.judging import Plan
from courses.progress.imports.completions.reading import CompletionReport
from courses.progress.imports.forms import completions_form
from courses.progress.imports.models import Provider
from courses.progress.imports.settings import change_completions
from courses.progress.imports.views import MAX_SHOWN, Answer, asked_draft, path_of
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles


@blueprint.route("/parcours/<slug>/importer-notes/activites", methods=["GET", "POST"])
@roles(FACILITATOR)
def completion_settings(slug: str) -> Answer:
    """Which activity is about which step; ``releve``: with the activities of that report."""
    session, path, draft = db.session(), path_of(slug), asked_draft(slug)
    plan = Plan(queries.find_completion_settings(session, path.id))
    report = rules.reread(draft) if draft else None
    if isinstance(report, CompletionReport):
        identities, names = list(report.identities), list(report.activities)
    else:
        identities, names = list(plan.identities), list(plan.activities)
    left_out, names = max(0, len(names) - MAX_SHOWN), names[:MAX_SHOWN]
    version = current_version(session, path.id)
    steps = [s for s in version.steps if s.kind in GRADED] if version else []
    form = completions_form(identities, names, steps, plan)
    back = (
        url_for(".grade_import", slug=slug, import_id=draft.id)
        if draft
        else url_for(".grades", slug=slug)
    )
    if form.validate_on_submit():
        draft_id = draft.id if draft and draft.applied_at is None else None
        try:
            change_completions(
                session,
                path.id,
                provider=Provider(form.provider.data),
                identities=form.chosen("identity", identities),
                activities=form.chosen("activity", names),
                actor_id=current_person().id,
                now=clock.now(),
            )
            if draft_id is not None:
                rules.look_again(session, draft_id, actor_id=current_person().id, now=clock.now())
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            flash(_("Correspondance gardée pour ce parcours."), "success")
            return redirect(back)
    page = render_template(
        "progress/import_activities.html",
        path=path_of(slug),
        form=form,
        identities=identities,
        names=names,
        new={name for name in names if name not in plan.activities},
        is_first=not plan.is_set,
        left_out=left_out,
        back_url=back,
        has_report=draft is not None,
    )
    return (page, 422) if form.errors else page
