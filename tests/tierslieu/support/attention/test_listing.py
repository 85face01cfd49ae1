"""In a large place, whom to ask after is a list of the night: it says its date, is judged again
where it is shown, and a page of it costs the same however many stand in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import cost_of
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, text_of
from tests.tierslieu.support.attention.test_rules import attended, house_of, silent_one
from tierslieu import clock
from tierslieu.attendance.models import Presence
from tierslieu.nightly import rules as nightly
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import User
from tierslieu.support.attention.jobs import make_list
from tierslieu.support.attention.listing import NAME, count_spoken, show_spoken
from tierslieu.support.attention.models import AttentionListed
from tierslieu.support.attention.rules import (
    forget_about,
    pause,
    pause_self,
    set_place,
    set_rule,
)
from tierslieu.support.attention.speaking import list_spoken, read_settings

both = pytest.mark.both_databases
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
LATER = "/attention?voir=plus-tard"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place is large, and its list is made in several slices."""
    monkeypatch.setattr(nightly, "LIVE", 0)
    monkeypatch.setattr(nightly, "SLICE", 3)


def every_page(app: Flask, db: Session, reader: User, *, is_later: bool) -> list[object]:
    """Whoever is shown, page after page of two."""
    found: list[object] = []
    number = 1
    while True:
        page = show_spoken(
            db, house_of(app), reader.id, NOW, is_later=is_later, number=number, per_page=2
        )
        found += [(one.user_id, one.findings, one.pause and one.pause.id) for one in page.items]
        if number * 2 >= page.counts[is_later]:
            return found
        number += 1


facts = st.tuples(
    st.integers(1, 12),  # weeks since the path was begun
    st.none() | st.integers(1, 60),  # days since they came
    st.integers(0, 3),  # sessions missed
    st.sampled_from(["", "later", "aside", "own", "over"]),
)


@both
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=st.lists(facts, min_size=1, max_size=4), here=st.booleans())
def test_the_list_of_the_night_names_whom_judging_everybody_names(
    app: Flask,
    db: Session,
    make: Factory,
    nadia: User,
    large: None,
    people: list[tuple[int, int | None, int, str]],
    here: bool,
) -> None:
    """Each example adds people to those of the others: the place grows."""
    for weeks, came, missed, kept in people:
        one = silent_one(db, make, weeks)
        if came is not None:
            attended(db, one, came * DAY, Presence.PRESENT)
        for number in range(missed):
            attended(db, one, (3 + number) * DAY, Presence.ABSENT)
        today = clock.to_local(NOW).date()
        if kept == "own":
            pause_self(db, one.id, today + DAY, now=NOW)
        elif kept == "over":
            pause_self(db, one.id, today - 9 * DAY, now=NOW - 10 * DAY)
        elif kept:
            until = today + 2 * DAY if kept == "later" else None
            pause(db, one.id, nadia.id, until, "Vu hier.", now=NOW - here * 4 * DAY)
        db.commit()
    nightly.forget_made(db, NAME)
    db.commit()
    make_list(db, house_of(app), NOW)
    now_list, later_list = list_spoken(db, house_of(app), nadia.id, NOW)
    for is_later, live in ((False, now_list), (True, later_list)):
        told = [(one.user_id, one.findings, one.pause and one.pause.id) for one in live]
        assert every_page(app, db, nadia, is_later=is_later) == told
    assert count_spoken(db, house_of(app), nadia.id, NOW) == (len(now_list), NOW)


@both
def test_the_page_says_of_when_its_list_is_and_leaves_out_who_has_come_since(
    app: Flask, client: LookingClient, db: Session, make: Factory, nadia: User, large: None
) -> None:
    ada, bob = silent_one(db, make, name="Ada Moreau"), silent_one(db, make, name="Bob Petit")
    client.sign_in(nadia)
    assert "La liste se prépare" in text_of(client.get("/attention"))
    assert "Prendre des nouvelles" not in text_of(client.get("/"))
    assert make_list(db, house_of(app), NOW - DAY / 4) == 2
    assert "Au 19 novembre 2026, 3 h" in text_of(client.get("/")), "the card says it too"
    page = text_of(client.get("/attention"))
    assert "Liste faite le 19 novembre 2026 à 3 h" in page
    assert "Ada Moreau" in page
    assert "Bob Petit" in page
    path = make_path(db, "autre")
    make_enrolment(db, bob, path, now=NOW)
    page = text_of(client.get("/attention"))
    assert "Ada Moreau" in page
    assert "Bob Petit" not in page, "who came since is not shown"
    pause(db, ada.id, nadia.id, NOW.date() + DAY, "Elle a appelé.", now=NOW)
    db.commit()
    assert "Ada Moreau" not in text_of(client.get("/attention"))
    assert "Ada Moreau" in text_of(client.get(LATER))


@both
def test_the_list_is_made_anew_each_night_and_when_a_rule_is_set(
    app: Flask, db: Session, make: Factory, nadia: User, large: None
) -> None:
    ada = silent_one(db, make, 4)
    house = house_of(app)
    assert make_list(db, house, NOW) == 0
    bob = silent_one(db, make)
    assert make_list(db, house, NOW + DAY / 12) == 0, "it is of this night"
    assert make_list(db, house, NOW + DAY) == 1
    rule = next(one.rule for one in read_settings(db, house)[2] if one.rule.code == "silent")
    set_rule(db, rule, True, {"weeks": 3}, actor_id=nadia.id, now=NOW + DAY + WEEK / 100)
    db.commit()
    assert make_list(db, house, NOW + DAY + WEEK / 50) == 2
    rows = db.execute(select(AttentionListed.place, AttentionListed.user_id).order_by("place"))
    assert [tuple(row) for row in rows] == [(1, bob.id), (2, ada.id)], "one list, the last"
    set_place(db, False, actor_id=nadia.id, now=NOW + DAY + WEEK / 40)
    db.commit()
    assert count_spoken(db, house, nadia.id, NOW + 2 * DAY)[0] == 0, "at once"


def test_a_place_that_became_small_again_judges_at_once_and_keeps_no_list(
    app: Flask,
    client: LookingClient,
    db: Session,
    make: Factory,
    nadia: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent_one(db, make, name="Ada Moreau")
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "LIVE", 0)
        assert make_list(db, house_of(app), NOW) == 1
    assert make_list(db, house_of(app), NOW) == 0
    assert db.scalar(select(func.count()).select_from(AttentionListed)) == 0
    assert nightly.find_made(db, NAME) is None
    client.sign_in(nadia)
    page = text_of(client.get("/attention"))
    assert "Ada Moreau" in page
    assert "Liste faite" not in page


@both
def test_a_list_that_was_cut_off_is_not_seen_and_gone_with_the_next(
    app: Flask, db: Session, make: Factory, nadia: User, large: None
) -> None:
    ada, bob = silent_one(db, make), make.user()
    house = house_of(app)
    assert make_list(db, house, NOW) == 1
    # A worker killed in the middle leaves rows of a list that nothing names.
    db.add(AttentionListed(made_at=NOW + DAY, place=1, user_id=bob.id, newest_at=NOW))
    db.commit()
    assert count_spoken(db, house, nadia.id, NOW + DAY) == (1, NOW)
    assert make_list(db, house, NOW + 2 * DAY) == 1
    assert db.scalars(select(AttentionListed.user_id)).all() == [ada.id]


@both
def test_who_leaves_is_in_no_list_and_two_accounts_of_one_person_stand_once(
    app: Flask, db: Session, make: Factory, nadia: User, large: None
) -> None:
    ada, bob, eve = (silent_one(db, make) for _ in range(3))
    assert make_list(db, house_of(app), NOW) == 3
    join_accounts(db, house_of(app), bob.id, ada.id, now=NOW, by_team=True)
    db.commit()
    forget_about(db, eve.id)
    db.commit()
    assert db.scalars(select(AttentionListed.user_id)).all() == [ada.id]


def test_the_pages_cost_the_same_when_twice_as_many_fell_silent(
    app: Flask,
    client: LookingClient,
    db: Session,
    make: Factory,
    nadia: User,
    large: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nightly, "SLICE", 300)
    monkeypatch.setattr("tierslieu.support.attention.listing_queries.MOST", 50)
    path = make_path(db, "muet")

    def fall_silent(count: int) -> None:
        for _ in range(count):
            one = make_enrolment(db, make.user(), path, now=NOW - 8 * WEEK)
            make_record(db, one, steps_of(db, path)[0], now=NOW - 7 * WEEK)
        nightly.forget_made(db, NAME)
        db.commit()
        make_list(db, house_of(app), NOW)

    client.sign_in(nadia)
    for _ in range(26):
        one = silent_one(db, make)
        pause(db, one.id, nadia.id, NOW.date() + DAY, "Demain.", now=NOW)
    fall_silent(55)
    before = {page: cost_of(client, page) for page in ("/attention", "/attention?page=2", LATER)}
    fall_silent(55)
    for page, (sent, work) in before.items():
        after = cost_of(client, page)
        assert after[0] == sent, page
        assert after[1] <= work * 1.2, page
