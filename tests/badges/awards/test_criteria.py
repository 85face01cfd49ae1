"""Who meets a badge's criteria, who doesn't, and why."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from badges.awards.criteria import Assessment, assess
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import get_badge
from badges.designs.rules import Condition
from badges.designs.words import asked_words
from courses.paths.rules import load_catalogue
from tests.support.badges import NOW, finish_path, house_here, make_badge, make_path_badge
from tests.support.courses import make_enrolment, make_path, make_record, path_facts, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


def look(db: Session, badge: BadgeClass, user: User, **more: object) -> Assessment:
    found = get_badge(db, badge.id)
    assert found is not None
    return assess(db, found, [user.id], house_here(), **more)[user.id]  # type: ignore[arg-type]


def test_a_finished_path_is_met_and_says_when(db: Session, make: Factory) -> None:
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    found = look(db, badge, ada)
    assert found.qualifies
    assert found.met == (
        f"parcours «\u202f{path.short_title}\u202f» terminé le 20\u00a0novembre\u00a02026",
    )
    assert found.since == NOW


def test_what_is_missing_is_counted_and_named(db: Session, make: Factory) -> None:
    ada, bob, eve, team = make.user(), make.user(), make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team, steps=1)
    make_enrolment(db, bob, path)
    assert look(db, badge, ada).missing == ("il manque 1 étape\u00a0: «\u202fÉtape B\u202f»",)
    assert look(db, badge, bob).missing == (
        "il manque 2 étapes\u00a0: «\u202fÉtape A\u202f», «\u202fÉtape B\u202f»",
    )
    assert look(db, badge, eve).missing == (
        f"ne suit pas le parcours «\u202f{path.short_title}\u202f»",
    )
    assert not any(look(db, badge, person).qualifies for person in (ada, bob, eve))


def test_a_step_waits_comes_back_or_is_done(db: Session, make: Factory) -> None:
    ada, team = make.user(), make.user("facilitator")
    path = make_path(db)
    step = steps_of(db, path)[0]
    badge = make_badge(db, Condition(CriterionKind.STEP_DONE, step_id=step.id))
    enrolment = make_enrolment(db, ada, path)
    assert "il manque 1 étape" in look(db, badge, ada).missing[0]
    make_record(db, enrolment, step)
    assert "attend d’être validée" in look(db, badge, ada).missing[0]
    done = make.user()
    finish_path(db, done, path, team, steps=1)
    assert look(db, badge, done).qualifies


def test_a_step_keeps_its_meaning_in_a_newer_version_of_its_path(
    db: Session, make: Factory
) -> None:
    ada, team = make.user(), make.user("facilitator")
    path = make_path(db, "versions")
    badge = make_badge(db, Condition(CriterionKind.STEP_DONE, step_id=steps_of(db, path)[0].id))
    facts = path_facts("versions")
    facts["steps"] = [*facts["steps"], {**facts["steps"][0], "code": "D", "title": "Étape D"}]
    load_catalogue(db, now=NOW, catalogue=[facts])
    db.commit()
    assert len(steps_of(db, path)) == 4, "a second version"
    finish_path(db, ada, path, team, steps=1)
    assert look(db, badge, ada).qualifies


def test_half_days_are_counted_by_the_roll(db: Session, make: Factory) -> None:
    ada, team = make.user(), make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=2))
    for day in (5, 6):
        assert not look(db, badge, ada).qualifies
        session = make_session(db, starts=datetime(2026, 11, day, 14, 0))  # noqa: DTZ001
        note_presence(
            db, session.id, [RollEntry(Presence.PRESENT, ada.id)], now=NOW, actor_id=team.id
        )
        db.commit()
    found = look(db, badge, ada)
    assert found.qualifies
    assert found.met == ("2 demi-journées suivies",)


def test_a_path_is_named_between_guillemets_wherever_it_stands_in_a_sentence(
    db: Session, make: Factory
) -> None:
    path, ada = make_path(db, "nsi"), make.user()
    step = steps_of(db, path)[0]
    badge = make_badge(
        db,
        Condition(CriterionKind.HALF_DAYS, path_id=path.id, count=2),
        Condition(CriterionKind.STEP_DONE, step_id=step.id),
    )
    assert look(db, badge, ada).missing == (
        "0 demi-journée du parcours «\u202fNSI\u202f» sur 2",
        "ne suit pas le parcours «\u202fNSI\u202f»",
    )
    (asked,) = asked_words(badge)
    assert asked.conditions == [
        "Participer à 2 demi-journées du parcours «\u202fNSI\u202f»",
        f"Faire l’étape «\u202f{step.title}\u202f» (parcours «\u202fNSI\u202f»)",
    ]


def test_one_half_day_of_two_says_so(db: Session, make: Factory) -> None:
    ada, team = make.user(), make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=2))
    session = make_session(db, starts=datetime(2026, 11, 5, 14, 0))  # noqa: DTZ001
    note_presence(db, session.id, [RollEntry(Presence.PRESENT, ada.id)], now=NOW, actor_id=team.id)
    db.commit()
    assert look(db, badge, ada).missing == ("1 demi-journée sur 2",)


def test_being_at_the_session_is_looked_at_from_that_session_only(
    db: Session, make: Factory
) -> None:
    ada, bob, team = make.user(), make.user(), make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.SESSION_ATTENDED))
    session = make_session(db, starts=datetime(2026, 11, 5, 14, 0))  # noqa: DTZ001
    note_presence(db, session.id, [RollEntry(Presence.PRESENT, ada.id)], now=NOW, actor_id=team.id)
    db.commit()
    assert look(db, badge, ada, session_id=session.id).qualifies
    assert "n’était pas" in look(db, badge, bob, session_id=session.id).missing[0]
    assert not look(db, badge, ada).qualifies


def test_a_badge_without_any_condition_qualifies_nobody(db: Session, make: Factory) -> None:
    badge = make_badge(db)
    badge.groups.clear()
    db.commit()
    assert not look(db, badge, make.user()).qualifies


def test_all_that_a_badge_asks_must_hold(db: Session, make: Factory) -> None:
    ada, team = make.user(), make.user("facilitator")
    path = make_path(db)
    badge = make_badge(
        db,
        Condition(CriterionKind.PATH_COMPLETED, path_id=path.id),
        Condition(CriterionKind.HALF_DAYS, count=1),
    )
    finish_path(db, ada, path, team)
    found = look(db, badge, ada)
    assert len(found.met) == 1
    assert len(found.missing) == 1
    assert not found.qualifies
