"""What awards give to the pages that gather, and to ``audit``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, render_template
from sqlalchemy import update
from sqlalchemy.orm import Session

from badges.awards import offers, rules
from badges.awards.criteria import assess
from badges.awards.models import Award, StatusList
from badges.awards.waiting import offers as waiting_offers
from badges.designs.queries import list_badges
from courses.progress.rules import compute_progress
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_award,
    make_path_badge,
    open_badges,
)
from tests.support.courses import make_enrolment, make_path, step_facts
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.house import Invariant, PersonalData, Stage
from tierslieu.house_paths import BadgeChoice, BadgeChoices

pytestmark = pytest.mark.both_databases


def broken(db: Session) -> dict[str, int]:
    """How many things each invariant of badges finds broken."""
    names = {"credentials_verify", "status_bits_match", "awards_have_grounds"}
    return {
        invariant.name: len(invariant.check(db).broken)
        for invariant in house_here().all(Invariant)
        if invariant.name in names
    }


HOLDS = {"credentials_verify": 0, "status_bits_match": 0, "awards_have_grounds": 0}


def test_every_invariant_holds_with_a_standing_a_revoked_and_an_expired_award(
    db: Session, make: Factory
) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    revoked = make_award(db, ada, team, signer)
    rules.revoke(db, revoked.id, reason="Erreur.", now=NOW, actor_id=None)
    make_award(db, ada, team, signer, valid_months=1)
    db.commit()
    with clock.fixed_at(NOW + clock.days(90)):
        assert broken(db) == HOLDS


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ({"credential": "{}"}, "credentials_verify"),
        ({"grounds": []}, "awards_have_grounds"),
        ({"revoked_at": NOW}, "status_bits_match"),
    ],
)
def test_each_invariant_finds_what_it_is_for(
    db: Session, make: Factory, damage: dict[str, Any], found: str
) -> None:
    make_award(db, make.user(), make.user("facilitator"), open_badges(db))
    db.execute(update(Award).values(**damage))
    db.commit()
    db.expire_all()
    assert broken(db)[found] == 1


def test_a_letter_changed_in_the_database_and_a_bit_set_for_nobody_are_found(
    db: Session, make: Factory
) -> None:
    award = make_award(db, make.user(name="Ada"), make.user("facilitator"), open_badges(db))
    award.credential = award.credential.replace('"Ada"', '"Eve"')
    listing = db.get_one(StatusList, 1)
    spare = (award.status_index + 1) % listing.size
    bits = bytearray(listing.bits)
    bits[spare // 8] |= 0x80 >> (spare % 8)
    listing.bits = bytes(bits)
    db.commit()
    assert broken(db) == HOLDS | {"credentials_verify": 1, "status_bits_match": 1}


def test_a_learner_sees_what_is_earned_a_facilitator_for_whom_a_badge_waits(
    app: Flask, db: Session, make: Factory
) -> None:
    signer = open_badges(db)
    ada, bob, team = make.user(), make.user(), make.user("facilitator")
    award = make_award(db, ada, team, signer)
    with app.test_request_context():
        (card,) = offers.earned_card(db, ada.id, NOW)
        assert award.badge.name in render_template(card.template, **card.context)
        assert list(offers.earned_card(db, bob.id, NOW)) == []
        assert list(waiting_offers.ready_card(db, team.id, NOW)) == [], "nobody waits"
        badge, path = make_path_badge(db)
        finish_path(db, bob, path, team)
        finish_path(db, ada, path, team, steps=1)
        finish_path(db, team, path, make.user("facilitator"))
        (card,) = waiting_offers.ready_card(db, team.id, NOW)
        html = render_template(card.template, **card.context)
        assert "Attend 1 personne" in html, "neither who lacks a step nor oneself"
        assert f"/badges/propositions#{badge.slug}" in html


def test_the_timeline_tells_of_the_badge_and_of_its_withdrawal(db: Session, make: Factory) -> None:
    ada = make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    rules.revoke(db, award.id, reason="Erreur.", now=NOW + timedelta(days=1), actor_id=None)
    db.commit()
    told = [(event.at, event.detail) for event in offers.timeline(db, ada.id, NOW)]
    assert told == [(NOW, "Badge reçu"), (NOW + timedelta(days=1), "Badge retiré")]


def test_a_person_takes_their_signed_files_away(db: Session, make: Factory) -> None:
    ada = make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    data = next(d for d in house_here().all(PersonalData) if d.name == "badges")
    (given,) = data.export(db, ada.id)
    assert given["credential"] == award.credential
    data.erase(db, ada.id)
    db.commit()
    assert data.export(db, ada.id) == []
    assert broken(db) == HOLDS


def test_research_learns_which_badge_and_never_which_award(db: Session, make: Factory) -> None:
    ada, bob = make.user(), make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    make_award(db, bob, make.user("facilitator"), open_badges(db))
    ((user_id, at, values),) = offers.research_rows(db, [ada.id])
    assert (user_id, at) == (ada.id, NOW)
    assert len(values) == len(offers.RESEARCH_COLUMNS)
    assert values[0] == award.badge.slug
    assert str(award.id) not in map(str, values)


def test_figures_count_awards_and_withdrawals_of_the_period(db: Session, make: Factory) -> None:
    award = make_award(db, make.user(), make.user("facilitator"), open_badges(db))
    rules.revoke(db, award.id, reason="Erreur.", now=NOW + clock.days(40), actor_id=None)
    db.commit()
    month = (NOW, NOW + clock.days(30))
    assert offers._awarded(db, *month).numerator == 1
    assert offers._revoked(db, *month).numerator == 0
    assert offers._revoked(db, month[1], month[1] + clock.days(30)).numerator == 1


def test_the_demonstration_plays_by_the_rules(app: Flask, db: Session, tmp_path: Any) -> None:
    from dataclasses import replace

    from tests.support.badges import settings_here
    from tierslieu.house import Scene

    needed = ("people", "paths", "enrolments", "progress", "badges")
    house = house_here()
    stage = Stage(NOW, 7, replace(settings_here(), demo=True), house)
    with clock.fixed_at(NOW):
        for scene in house.all(Scene):
            if scene.name in needed:
                lock_for_writing(db)
                scene.play(db, stage)
                db.commit()
        from badges.awards.queries import list_all_awards, list_awards

        awards = list_all_awards(db)
        assert len(awards) > 5
        assert sum(award.revoked_at is not None for award in awards) == 1
        mine = list_awards(db, stage.props["people"]["learner@example.org"])
        assert len(mine) == 3
        assert sorted(award.sharing.value for award in mine) == ["link", "private", "private"]
        (judged,) = (award for award in mine if award.judgements)
        assert judged.judgements[0].reason, "one of them was judged by the team, in words"
        # One badge asks for three of five others; two of them are in this person's hands, and the
        # third comes with the list of people once the roll of the half-days is played too.
        (whole,) = (b for b in list_badges(db) if any(g.needed for g in b.groups))
        assert [(group.needed, len(group.conditions)) for group in whole.groups] == [(3, 5)]
        learner = stage.props["people"]["learner@example.org"]
        found = assess(db, whole, [learner], house, now=NOW)[learner]
        assert (len(found.met), found.qualifies) == (2, False)
        assert broken(db) == HOLDS
        assert all(award.awarded_at <= NOW for award in awards)
        assert [award.id for award in awards if award.id not in stage.props["awards"]] == []


def test_a_step_that_asks_for_a_badge_is_done_since_one_holds_it(
    db: Session, make: Factory
) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    award = make_award(db, ada, team, signer)
    badge = award.badge
    path = make_path(db, "suite", steps=[step_facts("B", kind="badge", badge=badge.slug)])
    enrolment, stranger = make_enrolment(db, ada, path), make_enrolment(db, make.user(), path)
    progress = compute_progress(db, [enrolment, stranger], house_here())
    step = progress[enrolment.id].steps[0]
    assert (step.state, step.at, step.label) == ("done", award.awarded_at, badge.name)
    assert progress[stranger.id].steps[0].state == "todo"
    rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=None)
    db.commit()
    assert compute_progress(db, [enrolment], house_here())[enrolment.id].steps[0].state == "todo"


def test_the_badges_that_a_step_may_ask_for_are_those_still_awarded(
    db: Session, make: Factory
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    db.commit()
    (choices,) = house_here().all(BadgeChoices)
    assert BadgeChoice(badge.slug, badge.name, frozenset({path.slug})) in choices.list_all(db)
