"""Who may reach each endpoint: written in access.csv, stated by the view, tried with each role."""

from __future__ import annotations

import csv
import functools
import uuid
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.tokens import bearing, make_secret
from tierslieu.people.models import ROLES
from tierslieu.tokens.scopes import SCOPES

TABLE = Path(__file__).with_name("access.csv")


@functools.cache
def written() -> dict[str, str]:
    """The table: endpoint → ``public``, ``signed_in``, the roles, or ``token`` and its scope."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["endpoint"]: row["who"] for row in csv.DictReader(file)}


def stated(app: Flask) -> dict[str, str]:
    """What the views say themselves; Flask-Security guards its own."""
    found = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        own = "library" if rule.endpoint.split(".")[0] in ("security", "static") else "UNSTATED"
        found[rule.endpoint] = getattr(view, "access", own)
    return found


def test_every_endpoint_stands_in_the_table_as_its_view_states_it(app: Flask) -> None:
    assert stated(app) == written()


def address(rule: Rule) -> str:
    """An address of this rule with things that do not exist."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        kind = type(converter).__name__
        known = {"UUIDConverter": uuid.uuid4(), "IntegerConverter": 999_999}
        either = sorted(getattr(converter, "items", ()))[-1:]
        values[name] = either[0] if either else known.get(kind, "rien")
    built = rule.build(values)
    assert built is not None
    return built[1]


@pytest.mark.parametrize("role", ["visitor", *ROLES])
def test_a_page_lets_in_those_it_names_and_nobody_else(
    app: Flask, make: Factory, client: LookingClient, role: str
) -> None:
    if role != "visitor":
        client.sign_in(make.user(role))
    wrong = []
    for rule in app.url_map.iter_rules():
        who = written().get(rule.endpoint, "")
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if who == "library":
            continue
        for method in sorted(methods):
            answer = client.open(address(rule), method=method)
            refused = (
                answer.status_code == 302 and "/login" in answer.headers.get("Location", "")
                if role == "visitor"
                else answer.status_code == 403
            )
            if who.startswith("token"):  # a session opens nothing there, whoever's it is
                refused = answer.status_code == 401
            allowed = (
                who == "public" or (who == "signed_in" and role != "visitor") or role in who.split()
            )
            if allowed == refused:
                wrong.append((method, rule.rule, role, answer.status_code))
            if answer.status_code >= 500 and answer.status_code != 503:  # not set up: said plainly
                wrong.append((method, rule.rule, role, answer.status_code))
            answer.close()
            if method == "POST" and rule.endpoint.endswith("logout"):
                client.sign_in(make.user(role))
    assert not wrong


def api_calls(app: Flask) -> list[tuple[str, str, str]]:
    """Every call behind a token: method, address, scope (empty: any token)."""
    calls = []
    for rule in app.url_map.iter_rules():
        kind, _space, scope = written().get(rule.endpoint, "").partition(" ")
        if kind == "token":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                calls.append((method, address(rule), scope))
    return calls


def test_a_call_of_the_api_asks_for_a_token_with_its_scope_and_nothing_else(
    app: Flask, make: Factory, client: LookingClient
) -> None:
    owner = make.user(*ROLES)
    whole = make_secret(make.db, owner, *SCOPES)
    client.sign_in(owner)  # even with a session of the same person
    assert api_calls(app)
    wrong, others = [], {}
    for method, url, scope in api_calls(app):
        if scope not in others:
            others[scope] = make_secret(make.db, owner, next(s for s in SCOPES if s != scope))
        other = others[scope]
        tries = [
            ({}, 401, "token_missing"),
            (bearing("tl_" + "0" * 64), 401, "token_invalid"),
            ({"Authorization": f"Basic {whole}"}, 401, "token_missing"),
            *([(bearing(other), 403, "scope_missing")] if scope else []),
        ]
        for headers, status, code in tries:
            answer = client.open(url, method=method, headers=headers)
            if (answer.status_code, answer.get_json()["code"]) != (status, code):
                wrong.append((method, url, headers, answer.status_code))
            if not answer.headers["WWW-Authenticate"].startswith("Bearer "):
                wrong.append((method, url, headers, "no challenge"))
        if client.open(f"{url}?access_token={whole}", method=method).status_code != 401:
            wrong.append((method, url, "token in the address"))
        answer = client.open(url, method=method, headers=bearing(whole))
        if answer.status_code in (401, 403) or answer.status_code >= 500:
            wrong.append((method, url, "whole", answer.status_code))
    assert not wrong


def test_a_scope_whose_role_was_taken_back_opens_nothing(
    app: Flask, make: Factory, client: LookingClient
) -> None:
    owner = make.user(*ROLES)
    whole = make_secret(make.db, owner, *SCOPES)
    owner.roles = []
    make.db.commit()
    for method, url, scope in api_calls(app):
        answer = client.open(url, method=method, headers=bearing(whole))
        if scope:
            assert (answer.status_code, answer.get_json()["code"]) == (403, "role_missing"), url
