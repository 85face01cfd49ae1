"""The team imports a grade report: what it would do, line by line, then applied once. And one's own
usernames elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from courses.paths.models import Path
from courses.paths.queries import current_version, find_path
from courses.progress.desk import blueprint
from courses.progress.imports import queries, rules, words
from courses.progress.imports.applying import GRADED
from courses.progress.imports.completions.judging import Plan
from courses.progress.imports.completions.reading import CompletionReport
from courses.progress.imports.forms import ReportForm, UsernamesForm, settings_form
from courses.progress.imports.grading import Marking, percent
from courses.progress.imports.models import GradeImport, ImportKind, Provider
from courses.progress.imports.reading import MAX_BYTES
from courses.progress.imports.settings import change_settings
from courses.progress.imports.usernames import declare_usernames
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.kinds import clean_name
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import PER_PAGE, Page, asked_page

Answer = str | Response | tuple[str, int]
MAX_SHOWN = 200  # columns that can be given a step of their own


def path_of(slug: str) -> Path:
    """The path of that address."""
    path = find_path(db.session(), slug)
    if path is None:
        raise NotYours
    return path


def import_of(slug: str, import_id: UUID) -> GradeImport:
    """The import of that address, if this person may see it."""
    found = queries.find_import_for(db.session(), current_person().id, path_of(slug).id, import_id)
    if found is None:
        raise NotYours
    return found


@blueprint.route("/parcours/<slug>/importer-notes", methods=["GET", "POST"])
@roles(FACILITATOR)
def grades(slug: str) -> Answer:
    """Give a report; nothing is validated before it was looked at. And the reports given before."""
    session, path, form = db.session(), path_of(slug), ReportForm()
    if form.validate_on_submit():
        try:
            draft = rules.draft_import(
                session,
                path.id,
                form.file.data.stream.read(MAX_BYTES + 1),
                clean_name(form.file.data.filename or "") or "notes.csv",
                now=clock.now(),
                actor_id=current_person().id,
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            return redirect(_next_page(slug, draft))
    page = _show_grades(path_of(slug), form)
    return (page, 422) if form.errors else page


def _next_page(slug: str, draft: GradeImport) -> str:
    """What to look at first: what counts, where something of the report was not met before."""
    if draft.kind is ImportKind.COMPLETIONS:
        plan = Plan(queries.find_completion_settings(db.session(), draft.path_id))
        report = rules.reread(draft)
        if isinstance(report, CompletionReport) and (
            not plan.can_read(report) or plan.new_in(report)
        ):
            return url_for(".completion_settings", slug=slug, releve=draft.id)
    return url_for(".grade_import", slug=slug, import_id=draft.id)


def _show_grades(path: Path, form: ReportForm) -> str:
    session, person_id, place = db.session(), current_person().id, asked_page()
    items = queries.list_imports_for(
        session, person_id, path.id, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    return render_template(
        "progress/import_grades.html",
        path=path,
        form=form,
        page=Page(items, place, queries.count_imports_for(session, person_id, path.id)),
        **_marking(path),
    )


def _marking(path: Path, found: GradeImport | None = None) -> dict[str, Any]:
    """How the reports of this path are read, for a page to say."""
    marking = Marking(queries.find_settings(db.session(), path.id))
    plan = Plan(queries.find_completion_settings(db.session(), path.id))
    here = found.columns if found and found.kind is ImportKind.COMPLETIONS else plan.activities
    return {
        "threshold": percent(marking.threshold),
        "provider": words.PROVIDERS[marking.provider],
        "own_columns": len(marking.columns),
        "completions_provider": words.PROVIDERS[plan.provider],
        "counted": sum(1 for name in here if plan.activities.get(name)),
        "known": len(plan.activities),
        "unsaid": sum(1 for name in here if name not in plan.activities),
    }


@blueprint.get("/parcours/<slug>/importer-notes/<uuid:import_id>")
@roles(FACILITATOR)
def grade_import(slug: str, import_id: UUID) -> str:
    """What a report would do, or did, line by line."""
    found, session, place = import_of(slug, import_id), db.session(), asked_page()
    asked = request.args.get("voir", "")
    outlook = words.KINDS.get(asked)
    kinds = words.kinds(found)
    total = found.lines if outlook is None else {k: n for k, _said, n in kinds}.get(asked, 0)
    lines = queries.list_lines(
        session, found.id, outlook=outlook, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    has_lines = bool(lines) or queries.count_lines(session, found.id) > 0
    return render_template(
        "progress/import.html",
        found=found,
        path=found.path,
        kinds=kinds,
        asked=asked if outlook is not None else "",
        page=Page(lines, place, total),
        has_lines=has_lines,
        is_applied=found.applied_at is not None,
        is_completions=found.kind is ImportKind.COMPLETIONS,
        say=words.say,
        **_marking(found.path, found),
    )


@blueprint.post("/parcours/<slug>/importer-notes/<uuid:import_id>/appliquer")
@roles(FACILITATOR)
def apply_grades(slug: str, import_id: UUID) -> Response:
    """Yes to what was shown."""
    import_of(slug, import_id)
    session = db.session()
    try:
        done = rules.apply_import(session, import_id, actor_id=current_person().id, now=clock.now())
        session.commit()
    except Refused as refused:
        session.rollback()
        if refused.code != "already_applied":  # a second press of the button: all is well
            raise
        flash(refused.message, "info")
    else:
        flash(
            ngettext(
                "Relevé importé : %(num)s ligne a validé des étapes.",
                "Relevé importé : %(num)s lignes ont validé des étapes.",
                done.changed,
            )
            if done.changed
            else _("Relevé importé : tout était déjà ainsi."),
            "success",
        )
    return redirect(url_for(".grade_import", slug=slug, import_id=import_id))


@blueprint.post("/parcours/<slug>/importer-notes/<uuid:import_id>/abandonner")
@roles(FACILITATOR)
def discard_grades(slug: str, import_id: UUID) -> Response:
    """No to what was shown: the file is forgotten."""
    import_of(slug, import_id)
    rules.discard_import(db.session(), import_id, actor_id=current_person().id)
    db.session.commit()
    flash(_("Rien n’a changé, et le relevé est oublié."), "success")
    return redirect(url_for(".grades", slug=slug))


@blueprint.route("/parcours/<slug>/importer-notes/reglages", methods=["GET", "POST"])
@roles(FACILITATOR)
def grade_settings(slug: str) -> Answer:
    """How the reports of a path are read; ``releve``: with the columns of that report."""
    session, path, draft = db.session(), path_of(slug), asked_draft(slug)
    settings = queries.find_settings(session, path.id)
    names = [c["column"] for c in settings.columns] if settings else []
    columns = draft.columns if draft and draft.kind is ImportKind.GRADES else []
    names += [name for name in columns if name not in set(names)]
    left_out, names = max(0, len(names) - MAX_SHOWN), names[:MAX_SHOWN]
    version = current_version(session, path.id)
    steps = [s for s in version.steps if s.kind in GRADED] if version else []
    form = settings_form(names, steps, settings)
    back = (
        url_for(".grade_import", slug=slug, import_id=draft.id)
        if draft
        else url_for(".grades", slug=slug)
    )
    if form.validate_on_submit():
        draft_id = draft.id if draft and draft.applied_at is None else None
        try:
            change_settings(
                session,
                path.id,
                threshold=(form.threshold.data or 0) / 100,
                provider=Provider(form.provider.data),
                columns=form.columns(names),
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
            flash(_("Réglages gardés pour ce parcours."), "success")
            return redirect(back)
    page = render_template(
        "progress/import_settings.html",
        path=path_of(slug),
        form=form,
        names=names,
        left_out=left_out,
        back_url=back,
        has_report=draft is not None,
    )
    return (page, 422) if form.errors else page


def asked_draft(slug: str) -> GradeImport | None:
    """The report from whose page one comes."""
    try:
        asked = UUID(request.args.get("releve", ""))
    except ValueError:
        return None
    return import_of(slug, asked)


@blueprint.route("/mes-parcours/identifiants", methods=["GET", "POST"])
@signed_in
def usernames() -> Answer:
    """One's usernames elsewhere, so that one's grades there are found."""
    session, person_id = db.session(), current_person().id
    mine = {one.provider.value: one.username for one in queries.list_usernames(session, person_id)}
    form = UsernamesForm(data=mine)
    if form.validate_on_submit():
        try:
            declare_usernames(session, person_id, form.usernames(), now=clock.now())
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            flash(_("Vos identifiants sont gardés."), "success")
            return redirect(url_for(".usernames"))
    page = render_template("progress/usernames.html", form=form)
    return (page, 422) if form.errors else page
