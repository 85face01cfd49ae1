"""A path as a draft: begun, changed, checked, published; as a file, out and in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from courses.paths.editing import rules
from courses.paths.editing.problems import find_problems
from courses.paths.facts import MAX_STEPS, PathFacts, StepFacts
from courses.paths.models import PathDraft, StepKind
from courses.paths.queries import current_version, find_path, list_paths
from courses.paths.rules import load_catalogue
from tests.support.at_once import AT_ONCE, at_once
from tests.support.courses import NOW, make_enrolment, make_path, path_facts, step_facts
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


def begin(db: Session, team: User, slug: str = "essai") -> PathDraft:
    draft = rules.begin_draft(db, slug, actor_id=team.id, now=NOW)
    db.commit()
    return draft


def change(db: Session, team: User, what: rules.Change, slug: str = "essai") -> PathFacts:
    draft = rules.change_draft(db, slug, what, revision=None, actor_id=team.id, now=NOW)
    db.commit()
    return rules.facts_in(draft)


def publish(db: Session, team: User, slug: str = "essai", changes: str = "") -> Any:
    draft = db.scalar(select(PathDraft).where(PathDraft.slug == slug))
    assert draft is not None
    _path, version = rules.publish_draft(
        db, slug, revision=draft.revision, actor_id=team.id, now=NOW, changes=changes
    )
    db.commit()
    return version


def test_a_draft_is_seen_by_nobody_until_it_is_published(db: Session, team: User) -> None:
    draft = rules.create_draft(db, "Parler d’IA", "IA & co", actor_id=team.id, now=NOW)
    db.commit()
    assert draft.slug == "ia-co"
    assert list_paths(db) == []
    change(db, team, rules.with_step(StepFacts(key="a", title="A", kind="online")), "ia-co")
    version = publish(db, team, "ia-co")
    assert (version.number, [s.key for s in version.steps]) == (1, ["a"])
    assert [p.slug for p in list_paths(db)] == ["ia-co"]
    assert db.scalar(select(func.count(PathDraft.id))) == 0


def test_publishing_makes_a_version_and_who_follows_keeps_theirs(
    db: Session, make: Factory, team: User
) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    begin(db, team)
    change(db, team, rules.without_step("a"))
    version = publish(db, team, changes="Une étape de moins.")
    assert (version.number, version.changes, version.published_by_id) == (
        2,
        "Une étape de moins.",
        team.id,
    )
    db.refresh(enrolment)
    assert enrolment.version.number == 1
    assert [s.key for s in enrolment.version.steps] == ["a", "b", "c"]


def test_words_alone_are_corrected_without_a_new_version(db: Session, team: User) -> None:
    path = make_path(db)
    begin(db, team)
    change(db, team, rules.with_facts(title="Un meilleur nom"))
    assert publish(db, team) is None
    db.refresh(path)
    assert path.title == "Un meilleur nom"
    found = current_version(db, path.id)
    assert found is not None
    assert found.number == 1


def test_the_shipped_catalogue_leaves_alone_what_was_changed_here(db: Session, team: User) -> None:
    load_catalogue(db, now=NOW)
    begin(db, team, "snt")
    change(db, team, rules.with_facts(short_title="SNT d’ici"), "snt")
    publish(db, team, "snt")
    load_catalogue(db, now=NOW)
    db.commit()
    path = find_path(db, "snt")
    assert path is not None
    assert path.short_title == "SNT d’ici"


def test_who_saves_over_somebody_elses_change_is_told_and_overwrites_nothing(
    db: Session, team: User
) -> None:
    make_path(db)
    read = begin(db, team).revision
    change(db, team, rules.with_facts(note="De Nadia."))
    with pytest.raises(Refused) as no:
        rules.change_draft(
            db,
            "essai",
            rules.with_facts(note="D’Hugo."),
            revision=read,
            actor_id=team.id,
            now=NOW,
        )
    assert no.value.code == "draft_changed"
    db.rollback()
    with pytest.raises(Refused) as unread:
        rules.publish_draft(db, "essai", revision=read, actor_id=team.id, now=NOW)
    assert unread.value.code == "draft_changed"


def test_of_changes_made_at_once_none_is_lost(app: Flask, db: Session, team: User) -> None:
    make_path(db)
    begin(db, team)
    team_id = team.id

    def add(session: Session, number: int) -> None:
        step = StepFacts(key=f"n{number}", title=f"N{number}", kind=StepKind.ONLINE)
        rules.change_draft(
            session, "essai", rules.with_step(step), revision=None, actor_id=team_id, now=NOW
        )

    assert at_once(app, add) == ["done"] * AT_ONCE
    db.rollback()
    draft = db.scalar(select(PathDraft))
    assert draft is not None
    assert len(rules.facts_in(draft).steps) == 3 + AT_ONCE


def test_steps_are_moved_and_taken_out_of_what_others_need(db: Session, team: User) -> None:
    make_path(db, steps=[step_facts("A"), step_facts("B", needs=["a"]), step_facts("C")])
    begin(db, team)
    assert [s.key for s in change(db, team, rules.with_step_moved("c", -1)).steps] == [
        "a",
        "c",
        "b",
    ]
    assert [s.key for s in change(db, team, rules.with_step_moved("a", -1)).steps] == [
        "a",
        "c",
        "b",
    ]
    facts = change(db, team, rules.without_step("a"))
    assert [(s.key, s.needs) for s in facts.steps] == [("c", ()), ("b", ())]


def test_a_path_is_retired_and_who_follows_it_goes_on(
    db: Session, make: Factory, team: User
) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    rules.retire_path(db, "essai", is_retired=True, now=NOW)
    db.commit()
    assert list_paths(db) == []
    with pytest.raises(Refused) as no:
        enrol(db, make.user().id, path.id, now=NOW)
    assert no.value.code == "retired"
    db.rollback()
    db.refresh(enrolment)
    assert enrolment.status.value == "active"
    rules.retire_path(db, "essai", is_retired=False, now=NOW)
    assert [p.slug for p in list_paths(db)] == ["essai"]


def test_a_path_that_is_a_step_of_another_stays_proposed(db: Session, team: User) -> None:
    make_path(db, "partie")
    make_path(db, "tout", steps=[step_facts("I", kind="subpath", subpath="partie")])
    with pytest.raises(Refused, match="tout") as no:
        rules.retire_path(db, "partie", is_retired=True, now=NOW)
    assert no.value.code == "is_part"


def test_two_paths_do_not_become_each_others_part_at_the_same_instant(
    app: Flask, db: Session, team: User
) -> None:
    slugs = ["un", "deux"]
    for slug in slugs:
        make_path(db, slug)
        begin(db, team, slug)
    for slug, other in (slugs, slugs[::-1]):
        step = StepFacts(key="z", title="Z", kind=StepKind.SUBPATH, subpath=other)
        change(db, team, rules.with_step(step), slug)
    team_id = team.id

    def act(session: Session, number: int) -> None:
        rules.publish_draft(session, slugs[number % 2], revision=2, actor_id=team_id, now=NOW)

    outcomes = at_once(app, act)
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "has_problems", "not_found"}


def test_a_second_tap_finds_the_draft_that_the_first_began(
    app: Flask, db: Session, team: User
) -> None:
    make_path(db)
    team_id = team.id
    outcomes = at_once(app, lambda s, _n: rules.begin_draft(s, "essai", actor_id=team_id, now=NOW))
    assert outcomes == ["done"] * AT_ONCE
    db.rollback()
    assert db.scalar(select(func.count(PathDraft.id))) == 1


def test_no_step_more_than_a_path_may_have(db: Session, team: User) -> None:
    make_path(db, steps=[step_facts(str(n)) for n in range(MAX_STEPS)])
    begin(db, team)
    with pytest.raises(ValidationError):
        change(db, team, rules.with_step(StepFacts(key="z", title="Z", kind=StepKind.ONLINE)))
    db.rollback()
    draft = db.scalar(select(PathDraft))
    assert draft is not None
    assert len(rules.facts_in(draft).steps) == MAX_STEPS


# --- what keeps a path from being published -----------------------------------------------------

PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"steps": []}, "Aucune étape"),
    ({"steps": [step_facts("A", needs=["z"])]}, "n’existe pas"),
    ({"steps": [step_facts("A", needs=["b"]), step_facts("B", needs=["a"])]}, "boucle"),
    ({"steps": [step_facts("A", key="a"), step_facts("B", key="a")]}, "même nom interne"),
    ({"steps": [step_facts("A", pool="p")]}, "choix qui n’existe pas"),
    ({"steps": [step_facts("A", kind="badge")]}, "choisissez le badge"),
    ({"steps": [step_facts("A", kind="subpath")]}, "choisissez le parcours"),
    ({"steps": [step_facts("A", kind="subpath", subpath="nulle-part")]}, "n’existe pas"),
    ({"steps": [step_facts("A", kind="subpath", subpath="essai")]}, "contient ce parcours"),
    ({"steps": [step_facts("A", kind="subpath", subpath="autre")]}, "contient ce parcours"),
    ({"pools": [{"key": "p", "title": "P", "needed": 2}]}, "n’en offre que 0"),
    ({"hours_from": 20, "hours": 10}, "dépasse la plus longue"),
    ({"parent": "essai"}, "dont celui-ci est une partie"),
    ({"steps": [step_facts("A", kind="subpath", subpath="vieux")]}, "n’est plus proposé"),
    ({"steps": [step_facts("A", kind="badge", badge="perdu")]}, "n’est pas attribué"),
    ({"steps": [step_facts("A", kind="badge", badge="snt")]}, "demande ce parcours-ci"),
]


@pytest.mark.parametrize(("changes", "words"), PROBLEMS)
def test_what_could_never_be_finished_is_not_published(
    app: Flask, changes: dict[str, Any], words: str
) -> None:
    facts = PathFacts.model_validate(path_facts(**changes))
    with app.app_context():
        found = find_problems(
            facts,
            slugs={"essai", "autre", "vieux"},
            retired={"vieux"},
            badges={"snt": {"essai"}},
            parts={"autre": {"essai"}},
        )
    assert any(words in problem for problem in found), found


def test_a_path_with_problems_is_not_published(db: Session, team: User) -> None:
    make_path(db)
    draft = begin(db, team)
    change(db, team, rules.with_step(StepFacts(key="z", title="Z", kind="badge")))
    with pytest.raises(Refused) as no:
        rules.publish_draft(db, "essai", revision=draft.revision, actor_id=team.id, now=NOW)
    assert no.value.code == "has_problems"
