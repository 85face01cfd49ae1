"""Who may reach each endpoint: written in access.csv, stated by the view, tried with each role."""

from __future__ import annotations

import csv
import uuid
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.people.models import ROLES

TABLE = Path(__file__).with_name("access.csv")


def written() -> dict[str, str]:
    """The table: endpoint → ``public``, ``signed_in`` or the roles."""
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
            allowed = (
                who == "public" or (who == "signed_in" and role != "visitor") or role in who.split()
            )
            if allowed == refused:
                wrong.append((method, rule.rule, role, answer.status_code))
            if answer.status_code >= 500 and answer.status_code != 503:  # not set up: said plainly
                wrong.append((method, rule.rule, role, answer.status_code))
            if method == "POST" and rule.endpoint.endswith("logout"):
                client.sign_in(make.user(role))
    assert not wrong
