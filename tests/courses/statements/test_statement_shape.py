"""What xAPI 1.0.3 asks of a statement, and by what two of them are the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from courses.statements.reading import digest_of, read_statements
from tests.support.statements import ADL, make_statement
from tierslieu.errors import Refused

SAMPLE = Path(__file__).parents[2] / "data" / "imports" / "xapi_passed.json"
WHOLE: dict[str, Any] = make_statement(
    actor={"objectType": "Group", "member": [
        {"mbox": "mailto:a@EXAMPLE.org"}, {"account": {"homePage": "https://x.org", "name": "b"}}]},
    verb={"id": ADL + "passed", "display": {"en-US": "passed", "fr": "a réussi"}},
    object={"id": "https://x.org/a", "objectType": "Activity", "definition": {
        "name": {"fr": "A"}, "interactionType": "choice",
        "choices": [{"id": "a", "description": {"fr": "Oui"}}]}},
    result={"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": True,
            "completion": True, "response": "a", "duration": "PT12M30.5S",
            "extensions": {"https://x.org/e": None}},
    context={"registration": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee", "platform": "H5P",
             "language": "fr-FR", "team": {"objectType": "Group", "mbox": "mailto:t@x.org"},
             "contextActivities": {"parent": [{"id": "https://x.org/p"}]},
             "statement": {"objectType": "StatementRef",
                           "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"}},
    version="1.0.0",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole statement with that member otherwise; an Ellipsis takes it out."""
    made = copy.deepcopy(WHOLE)
    place: Any = made
    *before, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    for part in before:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return made


def test_the_sample_is_read() -> None:
    (one,) = read_statements(json.loads(SAMPLE.read_text()))
    assert str(one.id) == "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
    assert (one.success, one.iri) == ("passed", "https://h5p.example.org/activities/quiz-1")
    assert one.agent is not None
    assert one.agent.account is not None
    assert one.agent.account.name == "mbernard"


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("actor", ..., "actor"),
        ("verb", "passed", "verb"),
        ("verb/id", "passed", "verb.id"),
        ("verb/id", "http://a b", "verb.id"),
        ("verb/display", {"pas une langue!": "x"}, "verb.display.pas une langue!.[key]"),
        ("object/id", ..., "object.id"),
        ("object/objectType", "Person", "object"),
        ("object/definition/interactionType", "quiz", "object.definition.interactionType"),
        ("id", "42", "id"),
        ("id", "{6690e6c9-3ef0-4ed3-8b37-7f3964730bee}", "id"),
        ("timestamp", "hier", "timestamp"),
        ("timestamp", "2026-01-15T08:30:00-00:00", "timestamp"),
        ("timestamp", "2026-02-30T08:30:00Z", "timestamp"),
        ("version", "2.0.0", "version"),
        ("result/score/scaled", 1.5, "result.score.scaled"),
        ("result/score/raw", 11, "result.score"),
        ("result/score/raw", "5", "result.score.raw"),
        ("result/success", "true", "result.success"),
        ("result/success", None, "result.success"),
        ("result/duration", "12 min", "result.duration"),
        ("result/response", "a\u0007", "result.response"),
        ("result/response", "\ud800", "result.response"),
        ("context/language", "français!", "context.language"),
        ("context/contextActivities/parent", {"id": 4}, "context.contextActivities.parent.id"),
        ("actor/member", [], "actor"),
        ("actor/mbox", "m.bernard@example.org", "actor.mbox"),
        ("actor/member/0/openid", "https://x.org/me", "actor.member.0"),
        ("actor/member/1/account/homePage", "x.org", "actor.member.1.account.homePage"),
        ("nickname", "x", "nickname"),
        ("attachments", [{"usageType": "https://x.org/u", "display": {"fr": "F"},
                          "contentType": "text/plain", "length": 3, "sha2": "x"}],
         "attachments.0.fileUrl"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_place(path: str, value: Any, place: str) -> None:
    for is_many in (False, True):
        body = [make_statement(), changed(path, value)] if is_many else changed(path, value)
        with pytest.raises(Refused) as refused:
            read_statements(body)
        assert (refused.value.status, refused.value.code) == (400, "malformed_statement")
        places = [one["field"] for one in refused.value.more["errors"]]
        assert (f"[1].{place}" if is_many else place) in places


@pytest.mark.parametrize(
    "body",
    [
        [], None, 3, "x", [[]], {},
        changed("verb/id", ADL + "voided"),
        {**WHOLE, "object": {"objectType": "StatementRef", "id": WHOLE["id"]}},  # has a platform
        {**WHOLE, "object": {**WHOLE, "objectType": "SubStatement"}},  # has an id
        changed("result/extensions", {"https://x.org/e": {"a": [[[1e400]]]}}),
        changed("result/extensions", {"https://x.org/e": json.loads("[" * 60 + "]" * 60)}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_statement_at_all_is_refused(body: Any) -> None:
    with pytest.raises(Refused) as refused:
        read_statements(body)
    assert refused.value.code == "malformed_statement"


def test_a_statement_within_another_and_other_objects_are_read_and_validate_nothing() -> None:
    inner = {"objectType": "SubStatement", "actor": {"mbox": "mailto:a@x.org"},
             "verb": {"id": ADL + "passed"}, "object": {"id": "https://x.org/a"}}  # fmt: skip
    agent = {"objectType": "Agent", "mbox": "mailto:a@x.org"}
    for thing in (inner, agent, {"objectType": "StatementRef", "id": WHOLE["id"]}):
        (one,) = read_statements(make_statement(object=thing))
        assert one.success == ""


@pytest.mark.parametrize(
    ("more", "success"),
    [
        ({"verb": "passed"}, "passed"),
        ({"verb": "completed"}, "completed"),
        ({"verb": "https://w3id.org/xapi/adl/verbs/satisfied"}, "satisfied"),
        ({"verb": "failed"}, ""),
        ({"verb": "attempted"}, ""),
        ({"verb": "https://w3id.org/xapi/adl/verbs/waived"}, ""),
        ({"verb": "https://evil.example.org/passed"}, ""),
        ({"verb": "completed", "result": {"success": False}}, ""),
        ({"verb": "completed", "result": {"completion": False}}, ""),
        ({"verb": "passed", "result": {"score": {"scaled": 0.1}}}, "passed"),
    ],
)
def test_only_a_success_validates(more: dict[str, Any], success: str) -> None:
    (one,) = read_statements(make_statement(**more))
    assert one.success == success


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", ...),
        ("version", ...),
        ("authority", {"mbox": "mailto:lrs@x.org"}),
        ("stored", "2026-01-15T09:00:00Z"),
        ("verb/display", {"fr": "autre"}),
        ("object/definition", {"name": {"fr": "Autre"}}),
        ("context/contextActivities/parent", {"id": "https://x.org/p"}),
        ("actor/member/0/mbox", "mailto:a@example.org"),
        ("result/score/raw", 5.0),
    ],
)
def test_what_the_standard_lets_change_makes_no_other_statement(path: str, value: Any) -> None:
    assert digest_of(changed(path, value)) == digest_of(WHOLE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("result/duration", "PT750.5S"),
        ("result/success", False),
        ("result/response", "b"),
        ("object/id", "https://x.org/b"),
        ("actor/member/0/mbox", "mailto:A@example.org"),
        ("result/extensions", {"https://x.org/e": {"definition": 1}}),
        ("context/contextActivities/parent", []),
        ("context/platform", ...),
    ],
)
def test_what_it_does_not_let_change_makes_another(path: str, value: Any) -> None:
    assert digest_of(changed(path, value)) != digest_of(WHOLE)


def test_the_order_of_a_group_and_the_zone_of_a_time_make_no_difference() -> None:
    turned = changed("actor/member", list(reversed(WHOLE["actor"]["member"])))
    assert digest_of(turned) == digest_of(WHOLE)
    times = {"2026-01-15T08:30:00Z", "2026-01-15T09:30:00.000+01:00", "2026-01-15T08:30"}
    read = {read_statements(changed("timestamp", time))[0].time_digest for time in times}
    assert len(read) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PLACES = ["actor", "verb", "object", "result", "context", "id", "timestamp", "actor/member/0",
          "object/definition", "result/score", "result/extensions", "other"]  # fmt: skip


@given(st.sampled_from(PLACES), JSON)
def test_whatever_stands_anywhere_is_read_or_refused(path: str, value: Any) -> None:
    try:
        (one,) = read_statements(changed(path, value))
    except Refused as refused:
        assert refused.status == 400  # noqa: PT017 - or it was read
    else:
        assert len(one.digest) == 64
