"""The reports as issues that GitHub and GitLab import; the formats' sources are in
``docs/feedback.md``. Only what a facilitator has read and is still open leaves so: a tracker is
often public."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from courses.feedback.files.plain import block, span, title
from courses.feedback.models import CourseFeedback, FeedbackState
from courses.feedback.words import kind_words, state_words

WORTH_AN_ISSUE = (FeedbackState.CONFIRMED, FeedbackState.SENT)
EXCERPT = 60  # characters of the text in the title


def list_issues(reports: Iterable[CourseFeedback]) -> list[CourseFeedback]:
    """Those of the reports that become issues."""
    return [report for report in reports if report.state in WORTH_AN_ISSUE]


def issue_title(report: CourseFeedback) -> str:
    """Where, and how the text begins; one line."""
    step = report.step
    text = " ".join(report.body.split())
    if len(text) > EXCERPT:
        text = text[: EXCERPT - 1].rstrip() + "…"
    return title(f"{step.version.path.short_title}, {step.code or step.title} : {text}")


def issue_body(report: CourseFeedback) -> str:
    """Markdown: where it is, what was said, how many saw it (nobody of the team has read what they
    added), and the mark that tells it again."""
    step = report.step
    facts = [
        (_("Parcours"), span(f"{step.version.path.title} (version {step.version.number})")),
        (_("Étape"), span(f"{step.code} · {step.title}" if step.code else step.title)),
        (_("Unité"), span(report.unit)),
        (_("Endroit"), span(report.location)),
        (_("Page du cours"), span(step.url or step.version.path.url)),
        (_("Genre"), span(str(kind_words()[report.kind]))),
        (_("État"), span(str(state_words()[report.state]))),
        (_("Reçu le"), span(report.created_at.date().isoformat())),
    ]
    parts = ["\n".join(f"- {name} : {value}" for name, value in facts if value)]
    parts.append(block(report.body))
    count = len(report.me_too)
    if count:
        parts.append(
            ngettext(
                "%(num)s personne de plus l’a signalé.",
                "%(num)s personnes de plus l’ont signalé.",
                count,
            )
        )
    parts.append(
        _("Identifiant, à chercher avant d’importer de nouveau : `%(mark)s`", mark=mark(report))
    )
    return "\n\n".join(parts) + "\n"


def mark(report: CourseFeedback) -> str:
    """What tells the same report in two imports."""
    return f"retour-{report.id}"


def write_github(reports: Iterable[CourseFeedback]) -> bytes:
    """A list of bodies of GitHub's issue import, one request each."""
    bodies: list[dict[str, Any]] = [
        {
            "issue": {
                "title": issue_title(report),
                "body": issue_body(report),
                "created_at": report.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "closed": False,
            }
        }
        for report in list_issues(reports)
    ]
    return json.dumps(bodies, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def write_gitlab(reports: Iterable[CourseFeedback]) -> bytes:
    """GitLab's CSV: ``title`` and ``description``, commas, double quotes, no byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("title", "description"))
    for report in list_issues(reports):
        writer.writerow((issue_title(report), issue_body(report)))
    return buffer.getvalue().encode("utf-8", "replace")
