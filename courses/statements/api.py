"""``/xapi/statements``: what other systems say that people passed (xAPI 1.0.3, part three, 2.1)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict

from courses.statements import rules
from courses.statements.reading import Received, read_statements
from courses.statements.shape import Id, Statement, StatementIds, Statements
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.web.api import answer, caller, read_json, read_query, token
from tierslieu.web.openapi import described

blueprint = Blueprint("xapi", __name__, url_prefix="/xapi")

SCOPE = "xapi:write"
MAX_BYTES = 1024 * 1024
VERSION_HEADER, VERSION = "X-Experience-API-Version", "1.0.3"
THROUGH_HEADER = "X-Experience-API-Consistent-Through"
_VERSION = re.compile(r"1\.0(?:\.\d{1,9})?", re.ASCII)
_HEADERS = {VERSION_HEADER: r"^1\.0(\.\d{1,9})?$"}
_REFUSALS = {
    400: "xapi_version, malformed_statement, id_twice, id_differs",
    409: "statement_conflict, try_again",
}


class NoQuery(BaseModel):
    """Nothing in the address."""

    model_config = ConfigDict(extra="forbid")


class StatementQuery(BaseModel):
    """Which statement."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    statementId: Id


@blueprint.after_app_request
def say_version(response: Response) -> Response:
    """Every answer says the version it speaks, refusals too (part three, 1.7): also that of a
    method there is not, which reaches no view."""
    if request.path.startswith("/xapi/"):
        response.headers[VERSION_HEADER] = VERSION
        response.headers[THROUGH_HEADER] = clock.now().isoformat()
    return response


def _check_version() -> None:
    if not _VERSION.fullmatch(request.headers.get(VERSION_HEADER, "")):
        raise Refused(
            _("L’en-tête %(name)s manque, ou ne dit pas 1.0.x.", name=VERSION_HEADER),
            code="xapi_version",
            status=400,
        )


def _receive(document: Any, asked_id: UUID | None = None) -> list[Received]:
    statements = read_statements(document, asked_id)
    rules.receive(db.session(), statements, caller().token_id, now=clock.now())
    db.session.commit()
    return statements


@blueprint.post("/statements")
@token(SCOPE)
@described(body=Statements, answer=StatementIds, refusals=_REFUSALS, headers=_HEADERS)
def store() -> Response:
    """Receive a statement, or several at once: all are kept, or none."""
    _check_version()
    read_query(NoQuery)
    received = _receive(read_json(limit=MAX_BYTES))
    return answer(StatementIds([str(one.id) for one in received]))


@blueprint.put("/statements")
@token(SCOPE)
@described(body=Statement, query=StatementQuery, status=204, refusals=_REFUSALS, headers=_HEADERS)
def store_one() -> Response:
    """Receive a statement under the id that the address gives."""
    _check_version()
    asked = read_query(StatementQuery)
    _receive(read_json(limit=MAX_BYTES), UUID(asked.statementId))
    return Response(status=204)
