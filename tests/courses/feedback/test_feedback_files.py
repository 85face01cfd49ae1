"""The reports for programs and for the trackers of course teams."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from markdown_it import MarkdownIt
from sqlalchemy.orm import Session

from courses.feedback.files.plain import WIDTH, ZERO_WIDTH, block, span, title
from courses.feedback.files.records import schema
from courses.feedback.models import FeedbackState
from courses.feedback.together.rules import merge_reports, say_me_too
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_path, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.feedback import bring, make_report

NASTY = (
    "Voir #12 et @bob, ferme !3\n/close\n   /assign @alice\n```\n/label ~bug\n```\n"
    "<script>alert(1)</script> <img src=x onerror=y> [x](javascript:y) closes #1"
)
#: What GitHub (docs.github.com, «Autolinked references») and GitLab («GitLab Flavored Markdown»)
#: read as a reference in plain text.
REFERENCE = re.compile(r"[@#!~%&$]\w|\bG[HL]-\d|https?://\S", re.IGNORECASE)


@pytest.fixture
def filled(db: Session, make: Factory) -> dict[str, str]:
    """Five reports, one of each kind of way: new, confirmed, sent, fixed, merged."""
    team, path = make.user("facilitator"), make_path(db, steps=[step_facts("A", units=["U 1"])])
    step = steps_of(db, path)[0]
    made: dict[str, Any] = {}
    for name in ("new", "confirmed", "sent", "fixed", "double"):
        author = make.user(name="Zéphyrine Quelconque")
        made[name] = make_report(db, author, step, f"{NASTY} ({name})")
        if name in ("confirmed", "sent", "fixed"):
            bring(db, made[name], FeedbackState(name), team)
    say_me_too(db, make.user().id, made["confirmed"].id, now=NOW, detail="/close chez moi aussi")
    db.commit()
    merge_reports(db, made["double"].id, made["confirmed"].id, actor_id=team.id, now=NOW)
    db.commit()
    return {name: str(report.id) for name, report in made.items()}


def as_team(client: LookingClient, make: Factory) -> LookingClient:
    client.sign_in(make.user("facilitator"))
    return client


def test_the_json_follows_its_schema_agrees_with_the_csv_and_names_nobody(
    client: LookingClient, make: Factory, filled: dict[str, str]
) -> None:
    public = client.get("/retours.schema.json")
    assert public.json == schema()
    Draft202012Validator.check_schema(schema())
    as_team(client, make)
    for query in ("", "?etat=sent", "?parcours=essai&genre=error", "?genre=missing"):
        response = client.get(f"/retours.json{query}")
        assert response.mimetype == "application/json"
        data = json.loads(response.data)
        Draft202012Validator(schema(), format_checker=FormatChecker()).validate(data)
        table = client.get(f"/retours.csv{query}").data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table, newline=""), delimiter=";"))
        facts = [(r["id"], str(r["moi_aussi"]), " ".join(r["reunis"])) for r in data["retours"]]
        assert facts == [(r["id"], r["moi_aussi"], r["reunis"]) for r in rows]
        assert "Zéphyrine" not in response.text
        assert "@example.org" not in response.text
    whole = {r["id"]: r for r in json.loads(client.get("/retours.json").data)["retours"]}
    assert filled["double"] not in whole, "a duplicate counts once"
    confirmed = whole[filled["confirmed"]]
    assert (confirmed["moi_aussi"], confirmed["reunis"]) == (2, [filled["double"]])
    assert confirmed["details"] == [], "nobody of the team has read what they add"


def issues(client: LookingClient, form: str, query: str = "") -> list[tuple[str, str]]:
    if form == "github":
        response = client.get(f"/retours-github.json{query}")
        bodies = json.loads(response.data)
        for body in bodies:
            assert set(body) == {"issue"}
            assert set(body["issue"]) == {"title", "body", "created_at", "closed"}
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["issue"]["created_at"])
            assert body["issue"]["closed"] is False
            assert len(json.dumps(body)) < 1_000_000
        return [(body["issue"]["title"], body["issue"]["body"]) for body in bodies]
    data = client.get(f"/retours-gitlab.csv{query}").data
    assert data.startswith(b"title,description\r\n"), "a byte order mark would be part of a name"
    reader = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
    rows = list(reader)
    assert all(None not in row and None not in row.values() for row in rows)
    return [(row["title"], row["description"]) for row in rows]


@pytest.mark.parametrize("form", ["github", "gitlab"])
def test_what_was_read_and_is_open_becomes_an_issue_that_acts_on_nothing(
    client: LookingClient, make: Factory, filled: dict[str, str], form: str
) -> None:
    as_team(client, make)
    found = issues(client, form)
    marks = {name for name, key in filled.items() if any(f"retour-{key}" in b for _t, b in found)}
    assert marks == {"confirmed", "sent"}
    assert not any("chez moi aussi" in body for _title, body in found)
    assert len(issues(client, form, "?etat=sent")) == 1
    assert issues(client, form, "?etat=fixed") == issues(client, form, "?genre=missing") == []
    for issue_title, body in found:
        assert len(issue_title.replace(ZERO_WIDTH, "")) <= 120
        assert not REFERENCE.search(issue_title)
        assert not re.search(r"^\s*/", body, re.MULTILINE), "GitLab runs a line that begins so"
        outside = outside_of_code(body)
        assert not REFERENCE.search(outside)
        assert "<" not in outside
        assert "ESSAI" in issue_title
        assert "version 1" in body
        assert "Une erreur" in body
    assert any("2\u00a0personnes de plus" in b or "2 personnes de plus" in b for _t, b in found)


def outside_of_code(text: str) -> str:
    """What another Markdown reader takes for text, and not for code; HTML too if there is any."""
    parts = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("fence", "code_block"):
            assert token.type == "fence", "only blocks that we open ourselves"
            continue
        for child in token.children or ():
            if child.type != "code_inline":
                parts.append(child.content)
        if not token.children:
            parts.append(token.content)
    return "\n".join(parts)


TEXTS = st.text(
    st.sampled_from("ab `~@#!/<>&[]()*_\\\n\r\t:-=+'\"é\u2028\u202e\u200b\x00"), max_size=200
)


@given(TEXTS)
def test_whatever_a_person_writes_stays_within_its_block(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"avant\n\n{block(text)}\n\naprès")
    assert [token.type for token in tokens if token.level == 0] == [
        "paragraph_open",
        "paragraph_close",
        "fence",
        "paragraph_open",
        "paragraph_close",
    ]
    assert not re.search(r"^\s*/", block(text), re.MULTILINE)
    assert all(c not in block(text) for c in "\u202e\x00")


@given(TEXTS)
def test_whatever_stands_in_a_title_or_in_a_line_refers_to_nothing(text: str) -> None:
    assert not REFERENCE.search(title(text))
    assert "\n" not in title(text) + span(text)
    found = span(text)
    if found:
        children = MarkdownIt("commonmark").parseInline(f"- a : {found}")[0].children
        assert children is not None
        assert [child.type for child in children] == ["text", "code_inline"]


def test_long_lines_are_wrapped_at_spaces_and_addresses_stay_whole() -> None:
    address = "https://example.org/" + "a" * 150
    lines = block("mot " * 60 + address).splitlines()
    assert address in lines
    assert all(len(line) <= WIDTH for line in lines if line != address)


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_facilitators_take_the_files(
    client: LookingClient, make: Factory, filled: dict[str, str], role: str
) -> None:
    client.sign_in(make.user(role))
    for name in ("retours.json", "retours-github.json", "retours-gitlab.csv"):
        assert client.get(f"/{name}").status_code == 403
