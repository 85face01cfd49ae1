"""Reports of years: published for everybody, prepared by who coordinates; page, PDF, file."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.desk import blueprint, house, settings
from tierslieu.evaluation.disclosure import PUBLIC, Hiding, explain
from tierslieu.evaluation.nightly.reading import show_report
from tierslieu.evaluation.yearly import rules
from tierslieu.evaluation.yearly.figures import Told
from tierslieu.evaluation.yearly.forms import read_targets, target_values, with_targets
from tierslieu.evaluation.yearly.models import YearlyReport
from tierslieu.evaluation.yearly.queries import find_report, list_reports
from tierslieu.house import Indicator
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR
from tierslieu.place.showing import the_place
from tierslieu.surveys.pseudonyms import has_key, read_key
from tierslieu.surveys.studies.opening import STUDY_SLUG
from tierslieu.web.access import current_person_or_none, public, roles
from tierslieu.web.markdown import render_markdown
from tierslieu.web.papers import draw_paper

Answer = str | BaseResponse | tuple[str, int]
YEAR = "/rapports/<int:year>"


def why_words(reasons: list[str]) -> str:
    """The sentence that stands where published figures are hidden."""
    return explain([Hiding(one) for one in reasons], PUBLIC)


def _facts(report: YearlyReport, snapshot: Told) -> dict[str, Any]:
    """What page and PDF show alike."""
    return {
        "report": report,
        "snapshot": snapshot,
        "summary": render_markdown(report.summary),
        "obstacles": render_markdown(report.obstacles),
        "levers": render_markdown(report.levers),
        "why_words": why_words,
        "is_preview": report.published_at is None,
    }


def _key() -> bytes | None:
    """The key of the place's study; None once it is gone."""
    folder = settings().keys
    return read_key(folder, STUDY_SLUG) if has_key(folder, STUDY_SLUG) else None


def _published(year: int) -> tuple[YearlyReport, Told]:
    report = find_report(db.session(), year)
    if report is None or report.snapshot is None:
        raise NotYours
    return report, report.snapshot


@blueprint.get("/rapports")
@public
def reports() -> str:
    """The published reports; for who coordinates, the years to prepare too."""
    session, person = db.session(), current_person_or_none()
    prepares = person is not None and (person.holds(COORDINATOR) or person.holds(ADMINISTRATOR))
    published = [one for one in list_reports(session) if one.published_at is not None]
    done = {one.year for one in published}
    to_prepare = rules.years_of(session, clock.now()) if prepares else []
    return render_template(
        "evaluation/yearly/list.html",
        published=published,
        years=[year for year in to_prepare if year not in done],
    )


@blueprint.get(YEAR)
@public
def report(year: int) -> str:
    """A published report."""
    facts = _facts(*_published(year))
    return render_template("evaluation/yearly/report.html", kept=None, **facts)


@blueprint.get(f"{YEAR}.pdf")
@public
def report_paper(year: int) -> Response:
    """The same as a PDF."""
    answer = Response(_paper(*_published(year)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="rapport-{year}.pdf"'
    return answer


def _paper(found: YearlyReport, snapshot: Told) -> bytes:
    told = the_place()
    facts = _facts(found, snapshot)
    return draw_paper(
        "pdf/yearly_report.html", place_name=told.name_here, contact=told.contact, **facts
    )


@blueprint.get(f"{YEAR}.csv")
@public
def report_file(year: int) -> Response:
    """The same figures as a table."""
    _report, snapshot = _published(year)
    return Response(
        write_csv(snapshot),
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="rapport-{year}.csv"'},
    )


def write_csv(snapshot: Told) -> bytes:
    """The figures of a snapshot, one line each; an empty value is hidden, and says why.

    Of a change, ``value`` is the difference, ``numerator`` the mean now, ``denominator`` how many
    people, ``baseline`` the mean before.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "table",
            "line",
            "value",
            "numerator",
            "denominator",
            "baseline",
            "target",
            "hidden",
            "baseline_hidden",
        ]
    )
    for one in snapshot["indicators"]:
        figure, before = one["figure"], one["baseline"]
        hidden = "" if figure["why"] == Hiding.NOTHING.value else figure["why"]
        numbers = [figure["value"], figure["numerator"], figure["denominator"], before["value"]]
        past = "" if before["why"] == Hiding.NOTHING.value else before["why"]
        writer.writerow(["indicators", one["key"], *numbers, _plain(one["target"]), hidden, past])
    for table in snapshot["tables"]:
        for row in table["rows"]:
            hidden = "" if row["why"] == Hiding.NOTHING.value else row["why"]
            writer.writerow(
                [table["key"], _plain(row["label"]), row["value"], "", "", "", "", hidden, ""]
            )
        few = Hiding.TOO_FEW.value if table["total"] is None else ""
        writer.writerow([table["key"], "total", table["total"], "", "", "", "", few, ""])
    for one in snapshot["changes"]:
        hidden = "" if one["why"] == Hiding.NOTHING.value else one["why"]
        numbers = [one.get("difference"), one.get("after"), one["n"], one.get("before")]
        writer.writerow(["changes", _plain(one["label"]), *numbers, "", hidden, ""])
    cost = snapshot["cost"]
    if cost is not None:
        for line in ("euros", "per_person", "per_hour"):
            hidden = cost["why"] if cost[line] is None and cost["why"] != "nothing" else ""
            writer.writerow(["cost", line, cost[line], "", "", "", "", hidden, ""])
        writer.writerow(["cost", "note", _plain(cost["note"]), "", "", "", "", "", ""])
    return out.getvalue().encode()


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


@blueprint.route(f"{YEAR}/preparer", methods=["GET", "POST"])
@roles(COORDINATOR, ADMINISTRATOR)
def prepare_report(year: int) -> Answer:
    """Its words and targets, beside the figures it would have today."""
    session, now = db.session(), clock.now()
    found = rules.open_report(session, year, now)
    if found.published_at is not None:
        return redirect(url_for(".report", year=year))
    form = with_targets(list(house().all(Indicator)))(obj=found, data=target_values(found.targets))
    theirs: list[tuple[str, str]] = []
    if form.validate_on_submit():
        try:
            words = form.words(read_targets(form))
            rules.write_words(session, year, words, revision=form.revision.data or 0, now=now)
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
            if refused.code == "changed_meanwhile":
                found = rules.open_report(session, year, now)
                theirs = form.read_beside(found)
        else:
            session.commit()
            flash(_("C’est gardé."), "success")
            return redirect(url_for(".prepare_report", year=year))
    page = render_template("evaluation/yearly/prepare.html", form=form, report=found, theirs=theirs)
    return (page, 422) if form.errors or form.form_errors else page


@blueprint.get(f"{YEAR}/apercu")
@roles(COORDINATOR, ADMINISTRATOR)
def preview_report(year: int) -> Answer:
    """The report as it would be published today."""
    session, now = db.session(), clock.now()
    found = rules.open_report(session, year, now)
    if found.published_at is not None:
        return redirect(url_for(".report", year=year))
    snapshot, kept = show_report(session, house(), found, _key(), now=now)
    facts = _facts(found, snapshot)
    return render_template("evaluation/yearly/report.html", kept=kept, **facts)


@blueprint.get(f"{YEAR}/apercu.pdf")
@roles(COORDINATOR, ADMINISTRATOR)
def preview_paper(year: int) -> Response:
    """The same as a PDF."""
    session, now = db.session(), clock.now()
    found = rules.open_report(session, year, now)
    snapshot = found.snapshot
    if snapshot is None:
        snapshot, _kept = show_report(session, house(), found, _key(), now=now)
    answer = Response(_paper(found, snapshot), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="rapport-{year}-apercu.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post(f"{YEAR}/publier")
@roles(COORDINATOR, ADMINISTRATOR)
def publish_report(year: int) -> BaseResponse:
    """Publish it, once and for good."""
    session, revision = db.session(), request.form.get("revision", type=int)
    revision = -1 if revision is None else revision
    try:
        rules.publish_report(session, house(), year, _key(), revision=revision, now=clock.now())
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
        return redirect(url_for(".prepare_report", year=year))
    session.commit()
    flash(_("Le rapport est publié."), "success")
    return redirect(url_for(".report", year=year))
