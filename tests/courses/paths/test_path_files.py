"""A path as a file: what goes out comes in, and a bad one says where it is bad."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.paths.editing import rules
from courses.paths.editing.problems import find_problems, read_file
from courses.paths.facts import MAX_STEPS, PathFacts, StepFacts, facts_of, make_key
from courses.paths.models import PathDraft, StepKind
from courses.paths.queries import current_version
from courses.paths.rules import read_catalogue
from tests.support.courses import NOW, path_facts, step_facts
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


texts = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)


@st.composite
def some_paths(draw: st.DrawFn) -> PathFacts:
    """A path that could be published, as a person might write it."""
    pools = [
        {"key": f"choix-{n}", "title": draw(texts), "needed": 1}
        for n in range(draw(st.integers(0, 2)))
    ]
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 6))):
        earlier = [f"e{n}" for n in range(number)]
        needs = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        steps.append(
            {
                "key": f"e{number}",
                "code": draw(st.sampled_from(["", "Bloc 1", "É"])),
                "title": draw(texts),
                "kind": draw(st.sampled_from(["online", "attendance", "exercise", "preparation"])),
                "units": draw(st.lists(texts, max_size=3)),
                "hours": draw(st.none() | st.floats(0, 200)),
                "is_required": number == 0 or draw(st.booleans()),
                "pool": draw(st.sampled_from([None, *(pool["key"] for pool in pools)]))
                if number
                else None,
                "needs": sorted(needs),
            }
        )
    for place, pool in enumerate(pools):
        steps.append({"key": f"p{place}", "title": "P", "kind": "online", "pool": pool["key"]})
    return PathFacts.model_validate(
        {**path_facts(steps=steps), "pools": pools, "title": draw(texts)}
    )


# Each example is rolled back.
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some_paths())
def test_what_goes_out_as_a_file_comes_in_the_same(
    app: Flask, db: Session, team: User, facts: PathFacts
) -> None:
    data = json.dumps(facts.model_dump(mode="json")).encode()
    rules.import_draft(db, data, actor_id=team.id, now=NOW)
    draft = db.scalar(select(PathDraft))
    assert draft is not None
    path, version = rules.publish_draft(
        db, facts.slug, revision=draft.revision, actor_id=team.id, now=NOW
    )
    found = version or current_version(db, path.id)
    assert facts_of(path, found) == facts
    db.rollback()


TOO_MANY = json.dumps(path_facts(steps=[step_facts(str(n)) for n in range(MAX_STEPS + 1)])).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JSON"),
        (b"\xff\xfe{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "fichier"),
        (b'{"paths": []}', "plusieurs"),
        (b"{}", "slug"),
        (json.dumps(path_facts(slug="Mes Parcours")).encode(), "slug"),
        (json.dumps(path_facts(url="javascript:alert(1)")).encode(), "url"),
        (json.dumps(path_facts(audiences=["martian"])).encode(), "audiences"),
        (json.dumps(path_facts(couleur="bleu")).encode(), "couleur"),
        (json.dumps(path_facts(steps=[step_facts("A", hours=-1)])).encode(), "étape 1, hours"),
        (json.dumps(path_facts(steps=[step_facts("A", kind="magic")])).encode(), "étape 1, kind"),
        (json.dumps(path_facts(steps=["A"])).encode(), "étape 1"),
        (TOO_MANY, "a plus de 200 étapes"),
        (json.dumps({**path_facts(), "steps": [{}] * 200_000}).encode(), "a plus de 200"),
        (json.dumps(path_facts(title="A\x00B")).encode(), "title : contient un caractère"),
        (json.dumps(path_facts(steps=[step_facts("A", title="\u202e")])).encode(), "étape 1"),
        (b'{"slug": "x", "title": "x", "short_title": "x", "hours": NaN}', "hours"),
        (b" " * (1024 * 1024 + 1), "trop gros"),
    ],
)  # fmt: skip
def test_a_bad_file_says_where_it_is_bad_and_leaves_nothing(
    db: Session, team: User, data: bytes, words: str
) -> None:
    with pytest.raises(Refused) as no:
        rules.import_draft(db, data, actor_id=team.id, now=NOW)
    assert words in no.value.message.replace("\u00a0", " ")
    assert (no.value.field, no.value.status) == ("file", 422)
    db.rollback()
    assert db.scalar(select(func.count(PathDraft.id))) == 0


def test_what_comes_first_is_named_once(app: Flask) -> None:
    steps = [step_facts("A"), step_facts("B", needs=["a", "a"])]
    facts, _mistakes = read_file(json.dumps(path_facts(steps=steps)).encode())
    assert facts is not None
    assert facts.steps[1].needs == ("a",)


def test_the_shipped_catalogue_is_made_of_files_that_come_in(app: Flask) -> None:
    with app.app_context():
        for entry in read_catalogue():
            facts, mistakes = read_file(json.dumps(entry).encode())
            assert facts is not None, mistakes
            slugs = {path["slug"] for path in read_catalogue()}
            assert find_problems(facts, slugs=slugs, parts={}) == []


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=5), max_size=3))
def test_a_key_is_short_plain_and_new(code: str, title: str, taken: list[str]) -> None:
    key = make_key(code, title, taken)
    assert key not in taken
    assert StepFacts(key=key, title="T", kind=StepKind.ONLINE).key == key
