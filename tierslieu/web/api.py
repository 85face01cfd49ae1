"""What every call of the API shares: the guard, the body, the problem, the list.

A call is authenticated by ``Authorization: Bearer …`` and nothing else: a session cookie opens
nothing here, so no form of another site can act in somebody's name, and these views alone need no
CSRF token (:func:`install` exempts exactly those behind :func:`token`). A token in the address is
never looked at: addresses end in logs. Errors are RFC 9457 problems with a stable ``code``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.limits.guard import check as check_limits
from tierslieu.limits.kinds import API_TOKEN
from tierslieu.web.errors import problem

View = TypeVar("View", bound=Callable[..., Any])
Model = TypeVar("Model", bound="Body")
Query = TypeVar("Query", bound=BaseModel)
Item = TypeVar("Item")

TOKEN = "token"  # noqa: S105 - what a view's ``access`` begins with
MAX_BODY = 256 * 1024  # bytes, unless a call says otherwise
AUTHENTICATE = "tierslieu.authenticate"


@dataclass(frozen=True)
class Caller:
    """Whose token came: its scopes, and those of them that its owner's roles still allow."""

    person_id: UUID
    token_id: UUID
    scopes: frozenset[str]
    usable: frozenset[str]


Authenticate = Callable[[str], Caller | None]


class Body(BaseModel):
    """A body or an answer, in words: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def address(endpoint: str, **values: Any) -> str:
    """The public address of a call: where the place says that it lives, whatever host was asked
    for, since programs keep what they are told and come back to it with their key."""
    base_url: str = current_app.config["TIERSLIEU"].base_url
    return base_url + url_for(endpoint, **values)


def caller() -> Caller:
    """Who calls. Use only behind :func:`token`."""
    return cast(Caller, g.tierslieu_caller)


def token(scope: str = "") -> Callable[[View], View]:
    """Who comes with a token that has this scope may come; any token, if none is named.

    401 without a token that stands, 403 without the scope or once its owner lost the role.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refusal = _refusal(scope)
            return refusal if refusal is not None else view(*args, **kwargs)

        guarded.access = f"{TOKEN} {scope}".strip()  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def _refusal(scope: str) -> Response | None:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return _challenge(
            401,
            "token_missing",
            _("Cette adresse demande une clé d’accès : « Authorization: Bearer tl_… »."),
        )
    authenticate: Authenticate = current_app.extensions[AUTHENTICATE]
    found = authenticate(secret.strip())
    # The day of use, if it was new; and no transaction is left open for what may be slow.
    db.session.commit()
    if found is None:
        return _challenge(
            401,
            "token_invalid",
            _("Cette clé d’accès n’ouvre rien : elle est inconnue, retirée ou arrivée à terme."),
            error="invalid_token",
        )
    check_limits([(API_TOKEN, str(found.token_id))])
    if scope and scope not in found.scopes:
        return _challenge(
            403,
            "scope_missing",
            _("Cette clé d’accès n’a pas la portée %(scope)s.", scope=scope),
            error="insufficient_scope",
            scope=scope,
        )
    if scope and scope not in found.usable:
        return _challenge(
            403,
            "role_missing",
            _("Le rôle qui permettait %(scope)s a été repris.", scope=scope),
            error="insufficient_scope",
            scope=scope,
        )
    g.tierslieu_caller = found
    return None


def _challenge(status: int, code: str, title: str, **parameters: str) -> Response:
    """A problem with its ``WWW-Authenticate`` (RFC 6750 §3)."""
    answer = problem(
        status, code, title, **({"scope": s} if (s := parameters.get("scope")) else {})
    )
    words = "".join(f', {name}="{value}"' for name, value in parameters.items())
    answer.headers["WWW-Authenticate"] = f'Bearer realm="tierslieu"{words}'
    return answer


def read_body(model: type[Model], *, limit: int = MAX_BODY) -> Model:
    """The JSON body of this request, read strictly.

    Raises :class:`Refused`: 415 ``unsupported_media_type``, 413 (from Flask) beyond ``limit``
    bytes, 400 ``malformed_json`` (not JSON, a member twice), 400 ``unknown_field`` and
    400 ``malformed_body`` (with the fields in question, never their values).
    """
    raw, _document = _read_raw(limit)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _malformed(error) from None


def read_json(*, limit: int = MAX_BODY) -> Any:
    """The JSON of this request, of whatever shape. Raises :class:`Refused` as :func:`read_body`,
    but for what is about a shape."""
    return _read_raw(limit)[1]


def _read_raw(limit: int) -> tuple[bytes, Any]:
    if request.mimetype != "application/json":
        raise Refused(
            _("Le corps de la demande doit être du JSON (Content-Type: application/json)."),
            code="unsupported_media_type",
            status=415,
        )
    request.max_content_length = limit
    raw = request.get_data(cache=False)
    return raw, _check_json(raw)


def _check_json(raw: bytes) -> Any:
    """The document. Refuse what two readers could understand differently, and what no database
    takes."""
    try:
        text = raw.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_no_member_twice, parse_constant=_no_constant)
        if "\\u0000" in text:
            raise ValueError("a NUL")
        return document
    except (ValueError, RecursionError):
        raise Refused(
            _("Le corps de la demande n’est pas du JSON, ou dit deux fois la même chose."),
            code="malformed_json",
            status=400,
        ) from None


def _no_member_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError("not a number")


def _malformed(error: ValidationError) -> Refused:
    found = [
        (".".join(str(part) for part in each["loc"]), each["type"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    unknown = [field for field, kind in found if kind == "extra_forbidden"]
    if unknown:
        return Refused(
            _("Champ inconnu : %(fields)s.", fields=", ".join(unknown)),
            code="unknown_field",
            status=400,
            more={"fields": unknown},
        )
    return Refused(
        _("Un champ manque ou n’a pas la forme attendue."),
        code="malformed_body",
        status=400,
        more={"errors": [{"field": field, "problem": kind} for field, kind in found]},
    )


class ListQuery(BaseModel):
    """Where a page of a list begins and how long it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    limit: int = Field(50, ge=1, le=100)
    after: str = Field("", max_length=200)


def read_query(model: type[Query]) -> Query:
    """The parameters of the address. Raises :class:`Refused` (400) as :func:`read_body`."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise _malformed(error) from None


def page_of(
    items: Sequence[Item], key: Callable[[Item], str], asked: ListQuery
) -> tuple[Sequence[Item], str | None]:
    """The items after the one whose key is the cursor, and the cursor of the next page.

    Raises :class:`Refused` (400 ``cursor_unknown``) for a cursor that leads nowhere any more.
    """
    start = 0
    if asked.after:
        keys = [key(item) for item in items]
        if asked.after not in keys:
            raise Refused(
                _("Cette suite de liste n’existe plus : reprenez-la du début."),
                code="cursor_unknown",
                status=400,
            )
        start = keys.index(asked.after) + 1
    found = items[start : start + asked.limit]
    more = len(items) > start + asked.limit
    return found, key(found[-1]) if more else None


def answer(document: BaseModel | Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer that nobody keeps."""
    content = document.model_dump(mode="json") if isinstance(document, BaseModel) else document
    response = Response(
        json.dumps(content, ensure_ascii=False), status, content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def listed(items: Sequence[BaseModel], next_cursor: str | None = None) -> Response:
    """A list: its items, and where the next ones begin."""
    return answer({"items": [item.model_dump(mode="json") for item in items], "next": next_cursor})


def install(app: Flask, authenticate: Authenticate) -> None:
    """Guard the API of ``app``; once every blueprint is registered."""
    app.extensions[AUTHENTICATE] = authenticate
    for view in app.view_functions.values():
        if str(getattr(view, "access", "")).split(" ")[0] == TOKEN:
            app.extensions["csrf"].exempt(view)
