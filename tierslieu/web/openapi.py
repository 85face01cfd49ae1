"""The API described by itself: OpenAPI 3.1, made from the views and the models they speak in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from apispec import APISpec
from flask import Flask
from flask_babel import gettext as _
from pydantic import BaseModel
from werkzeug.routing import Rule

from tierslieu.web.api import TOKEN

View = TypeVar("View", bound=Callable[..., Any])
_REF = "#/components/schemas/{model}"
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_KINDS = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "IntegerConverter": {"type": "integer", "minimum": 0},
}


@dataclass(frozen=True)
class Described:
    """What a call takes and gives; ``many``: a list of ``answer``; ``accepted``: what a 202 says,
    where the work may go on by itself; ``refusals``: status → codes; ``headers``: those that must
    come with it, and the pattern of what they say; ``file``: the media type of an answer that is
    a file."""

    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    many: bool = False
    accepted: type[BaseModel] | None = None
    refusals: Mapping[int, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


def described(
    *,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    many: bool = False,
    accepted: type[BaseModel] | None = None,
    refusals: Mapping[int, str] | None = None,
    headers: Mapping[str, str] | None = None,
    file: str = "",
) -> Callable[[View], View]:
    """State what a call takes and gives. Its docstring's first line is its summary."""

    def decorate(view: View) -> View:
        view.described = Described(  # type: ignore[attr-defined]
            body, query, answer, status, many, accepted, refusals or {}, headers or {}, file
        )
        return view

    return decorate


def build(app: Flask, base_url: str) -> dict[str, Any]:
    """The description of every call of ``app`` that states what it takes and gives."""
    spec = APISpec(
        title=_("L’API du tiers-lieu"),
        version="1",
        openapi_version="3.1.0",
        info={
            "description": _(
                "Une clé d’accès se crée dans son compte ou par « tierslieu user token ». Toute "
                "erreur est un problème RFC 9457 dont « code » ne change pas."
            )
        },
        servers=[{"url": base_url}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    known: set[str] = set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        told = getattr(view, "described", None)
        if told is not None:
            _add(spec, rule, view, told, known)
    return spec.to_dict()


_PROBLEM = {
    "type": "object",
    "required": ["type", "status", "code", "title"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "title": {"type": "string"},
    },
}


def _add(spec: APISpec, rule: Rule, view: Any, told: Described, known: set[str]) -> None:
    kind, _space, scope = str(view.access).partition(" ")
    summary, _rest, more = (view.__doc__ or "").strip().partition("\n")
    call: dict[str, Any] = {
        "operationId": rule.endpoint,
        "summary": summary,
        "parameters": [
            *_path_parameters(rule),
            *_query_parameters(told.query),
            *_headers(told.headers),
        ],
        "responses": _responses(spec, told, kind == TOKEN, known),
    }
    if more.strip():
        call["description"] = " ".join(more.split())
    if kind == TOKEN:
        call["security"] = [{"bearer": [scope] if scope else []}]
    if told.body is not None:
        schema = _schema(spec, told.body, "validation", known)
        call["requestBody"] = {"required": True, "content": {"application/json": schema}}
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    spec.path(path=_ARGUMENT.sub(r"{\1}", rule.rule), operations={m.lower(): call for m in methods})


def _responses(spec: APISpec, told: Described, guarded: bool, known: set[str]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": _("Fait.")}
    if told.answer is not None:
        one = _schema(spec, told.answer, "serialization", known)
        done["content"] = {"application/json": {"schema": _list_of(one)} if told.many else one}
    if told.file:
        done["content"] = {told.file: {}}
    refusals = dict(told.refusals)
    if told.body is not None:
        reading = "malformed_json, malformed_body, unknown_field"
        refusals[400] = ", ".join(filter(None, (reading, refusals.get(400))))
        refusals |= {413: "request_entity_too_large", 415: "unsupported_media_type"}
    elif told.query is not None:
        refusals[400] = ", ".join(
            filter(None, ("malformed_body, unknown_field", refusals.get(400)))
        )
    if guarded:
        refusals |= {401: "token_missing, token_invalid", 403: "scope_missing, role_missing"}
        refusals[429] = ", ".join(filter(None, ("too_many_requests", refusals.get(429))))
    # The server before us says so, in a page of its own.
    too_long = {"414": {"description": _("L’adresse dépasse 4 094 octets.")}} if told.query else {}
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    later: dict[str, Any] = {}
    if told.accepted is not None:
        content = {"application/json": _schema(spec, told.accepted, "serialization", known)}
        later = {"202": {"description": _("Accepté : le travail se poursuit."), "content": content}}
    return {
        str(told.status): done,
        **later,
        **too_long,
        **{str(s): {"description": refusals[s], "content": problem} for s in sorted(refusals)},
    }


def _list_of(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": one["schema"]},
            "next": {"type": ["string", "null"]},
        },
    }


def _schema(spec: APISpec, model: type[BaseModel], mode: Any, known: set[str]) -> dict[str, Any]:
    """A reference to this model's schema, put with those it uses among the components once."""
    whole = model.model_json_schema(mode=mode, ref_template=_REF)
    parts = {**whole.pop("$defs", {}), model.__name__: whole}
    for name, part in parts.items():
        if name not in known:
            known.add(name)
            spec.components.schema(name, part)
    return {"schema": {"$ref": _REF.format(model=model.__name__)}}


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in sorted(rule.arguments):
        kind = type(rule._converters[name]).__name__
        schema = _KINDS.get(kind, {"type": "string"})
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(model: type[BaseModel] | None) -> Iterator[dict[str, Any]]:
    if model is not None:
        for name, schema in model.model_json_schema()["properties"].items():
            yield {"name": name, "in": "query", "required": False, "schema": schema}


def _headers(wanted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name, pattern in wanted.items():
        schema = {"type": "string", "pattern": pattern}
        yield {"name": name, "in": "header", "required": True, "schema": schema}
