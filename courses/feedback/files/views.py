"""The files of the reports: the same filters as the page, the same reports."""

from __future__ import annotations

from flask import Response, jsonify

from courses.feedback.desk import asked_filter, blueprint
from courses.feedback.files.issues import write_github, write_gitlab
from courses.feedback.files.records import schema, write_json
from courses.feedback.queries import list_reports
from courses.feedback.table import write_csv
from tierslieu import clock
from tierslieu.db import db
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import public, roles


def _file(content: bytes, name: str, content_type: str) -> Response:
    stem, _dot, suffix = name.rpartition(".")
    day = clock.to_local(clock.now()).date().isoformat()
    return Response(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{stem}-{day}.{suffix}"',
            "Cache-Control": "private, no-store",
        },
    )


@blueprint.get("/retours.csv")
@roles(FACILITATOR)
def table() -> Response:
    """For the course team's spreadsheet."""
    content = "".join(write_csv(list_reports(db.session(), asked_filter()))).encode()
    return _file(content, "retours.csv", "text/csv; charset=utf-8; header=present")


@blueprint.get("/retours.json")
@roles(FACILITATOR)
def records() -> Response:
    """For programs."""
    content = write_json(list_reports(db.session(), asked_filter()), now=clock.now())
    return _file(content, "retours.json", "application/json")


@blueprint.get("/retours.schema.json")
@public
def schema_file() -> Response:
    """What the JSON holds, for whoever reads it."""
    return jsonify(schema())


@blueprint.get("/retours-github.json")
@roles(FACILITATOR)
def github() -> Response:
    """The open ones as issues, for GitHub's import."""
    content = write_github(list_reports(db.session(), asked_filter()))
    return _file(content, "retours-github.json", "application/json")


@blueprint.get("/retours-gitlab.csv")
@roles(FACILITATOR)
def gitlab() -> Response:
    """The open ones as issues, for GitLab's import."""
    content = write_gitlab(list_reports(db.session(), asked_filter()))
    return _file(content, "retours-gitlab.csv", "text/csv; charset=utf-8; header=present")
