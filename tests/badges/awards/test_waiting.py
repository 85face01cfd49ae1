"""In a large place, for whom a badge waits is a list of the night and what was noted since: it says
the same as judging everybody, and a page of it costs the same however many stand in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from badges.awards import offers, rules
from badges.awards.proposals import count_ready, list_proposals, list_ready
from badges.awards.waiting.jobs import make_list
from badges.awards.waiting.models import BadgeWaiting, WaitingKind
from badges.awards.waiting.rules import NAME
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import get_badge
from badges.designs.rules import Condition, Group
from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_badge,
    make_path_badge,
    open_badges,
)
from tests.support.client import LookingClient
from tests.support.counting import cost_of
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session, text_of
from tierslieu import clock
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.nightly import rules as nightly
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import User

K = CriterionKind
URL = "/badges/propositions"
DAY = timedelta(days=1)
both = pytest.mark.both_databases


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place is large, and its list is made in several slices."""
    monkeypatch.setattr(nightly, "LIVE", 0)
    monkeypatch.setattr(nightly, "SLICE", 3)


def told(db: Session, viewer: User, now: datetime) -> tuple[Any, Any]:
    """What the page and the card say: who, in which order, how many."""
    page = [
        (
            one.badge.slug,
            [c.user.id for c in one.ready],
            one.ready_count,
            [c.user.id for c in one.to_judge],
            one.to_judge_count,
            [(c.user.id, c.end) for c in one.to_renew],
            one.to_renew_count,
            one.own,
        )
        for one in list_proposals(db, house_here(), viewer_id=viewer.id, now=now)
    ]
    card = count_ready(db, house_here(), viewer_id=viewer.id, now=now)
    return page, [(badge.slug, count) for badge, count in card]


class Town:
    """A place that examples add people to: three badges and a path."""

    def __init__(self, db: Session, make: Factory, team: User) -> None:
        self.db, self.make, self.team, self.signer = db, make, team, open_badges(db)
        self.path: Path = make_path(db, "ville")
        self.steps = [one for one in steps_of(db, self.path) if one.is_required]
        done = Condition(K.PATH_COMPLETED, path_id=self.path.id)
        self.badge: BadgeClass = make_badge(db, done, name="Parcours fini", valid_months=12)
        make_badge(
            db,
            Condition(K.HALF_DAYS, count=2),
            Condition(K.JUDGEMENT, statement="a aidé"),
            name="Fidèle",
        )
        some = [Condition(K.STEP_DONE, step_id=self.steps[0].id), Condition(K.HALF_DAYS, count=1)]
        make_badge(db, name="L’un ou l’autre", groups=[Group(some, 1)])
        self.sessions = [
            make_session(db, starts=datetime(2026, 11, 17 + day, 14))  # noqa: DTZ001 - wall time
            for day in range(3)
        ]

    def come(self, user: User, times: int, now: datetime) -> None:
        for session in self.sessions[:times]:
            entry = RollEntry(Presence.PRESENT, user.id)
            note_presence(self.db, session.id, [entry], now=now, actor_id=self.team.id, why="Oubli")
        self.db.commit()

    def learn(self, user: User, count: int, now: datetime) -> None:
        enrolment = self.db.scalar(select(Enrolment).where(Enrolment.user_id == user.id))
        enrolment = enrolment or make_enrolment(self.db, user, self.path, now=now)
        for step in self.steps[:count]:
            record = make_record(self.db, enrolment, step, now=now)
            decide(self.db, record.id, RecordState.VALIDATED, actor_id=self.team.id, now=now)
        self.db.commit()

    def give(self, user: User, now: datetime) -> Any:
        award = rules.award(
            self.db,
            self.badge.id,
            user.id,
            self.signer,
            house=house_here(),
            now=now,
            actor_id=self.team.id,
        )
        self.db.commit()
        return award


facts = st.tuples(
    st.integers(0, 2),  # steps done
    st.integers(0, 3),  # half-days
    st.sampled_from(["", "held", "ending", "withdrawn"]),
    st.sampled_from(["", "came", "learnt", "given"]),  # since the list was made
)


@both
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(crowds=[(0, 0, "", "learnt"), (0, 0, "", "came"), (2, 0, "", "given")])
@given(crowds=st.lists(facts, min_size=1, max_size=5))
def test_the_list_and_what_was_noted_since_say_what_judging_everybody_says(
    db: Session,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
    crowds: list[tuple[int, int, str, str]],
) -> None:
    """Each example adds people to those of the others: the place grows."""
    viewer = db.scalar(select(User).where(User.name == "Qui regarde"))
    if viewer is None:
        viewer = make.user("facilitator", name="Qui regarde")
        db.info["town"] = Town(db, make, make.user("facilitator"))
    town: Town = db.info["town"]
    people = [make.user() for _ in crowds]
    for person, (steps, times, award, _since) in zip(people, crowds, strict=True):
        town.learn(person, 2 if award else steps, NOW - 400 * DAY)
        town.come(person, times, NOW)
        if award:
            made = town.give(person, NOW - (350 * DAY if award == "ending" else DAY))
            if award == "withdrawn":
                rules.revoke(db, made.id, reason="Erreur.", now=NOW, actor_id=town.team.id)
                db.commit()
    monkeypatch.setattr(nightly, "SLICE", 3)
    monkeypatch.setattr("badges.awards.proposals.FEW", 20)  # as many as are shown of all at once
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "LIVE", 0)
        nightly.forget_made(db, NAME)
        db.commit()
        make_list(db, house_here(), NOW)
        listed = told(db, viewer, NOW)
    assert listed == told(db, viewer, NOW)
    later = NOW + timedelta(hours=2)
    for person, (steps, times, award, since) in zip(people, crowds, strict=True):
        if since == "came" and times < 3:
            town.come(person, 3, later)
        elif since == "learnt" and steps == 0 and not award:
            town.learn(person, 2, later)
        elif since == "given" and steps == 2 and not award:
            town.give(person, later)
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "LIVE", 0)
        page, _card = told(db, viewer, later)
    assert page == told(db, viewer, later)[0]


def finish(db: Session, path: Path, team: User, people: list[User]) -> None:
    for person in people:
        finish_path(db, person, path, team)


@both
def test_the_page_says_of_when_its_list_is_and_who_was_given_the_badge_is_gone(
    db: Session, make: Factory, client: LookingClient, team: User, large: None
) -> None:
    signer = open_badges(db)
    badge, path = make_path_badge(db)
    ada, bob, eve = (make.user(name=name) for name in ("Ada Moreau", "Bob Petit", "Eve Roux"))
    finish(db, path, team, [ada, bob])
    client.sign_in(team)
    assert "La liste se prépare" in text_of(client.get(URL))
    assert "Badges à attribuer" not in text_of(client.get("/")), "no card before the first list"
    with clock.fixed_at(NOW):
        assert make_list(db, house_here(), NOW) == 2
        page = text_of(client.get(URL))
        assert "d’après la liste faite le 20 novembre 2026 à 11 h" in page
        assert "2 personnes remplissent les critères" in page
        home = text_of(client.get("/"))
        assert "Attend 2 personnes" in home
        assert "Au 20 novembre 2026, 11 h" in home
        rules.award(db, badge.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id)
        db.commit()
        enrolment = make_enrolment(db, eve, path)
        for step in steps_of(db, path)[:2]:
            record = make_record(db, enrolment, step)
            later = NOW + timedelta(minutes=1)
            decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=later)
        db.commit()
        page = text_of(client.get(URL))
        assert "Ada Moreau" not in page
        assert "Bob Petit" in page
        assert "Eve Roux" in page, "what was noted since counts"
        assert "Attend 1 personne" in text_of(client.get("/")), "as in the list, but for who has it"
        found = get_badge(db, badge.id)
        assert found is not None
        everybody = list_ready(db, found, house_here(), viewer_id=team.id, now=NOW, most=2)
        assert everybody == [bob.id, eve.id]
        client.post(f"/badges/{badge.slug}/attribuer", data={"propositions": "1", "tous": "1"})
        assert "Personne n’attend de badge" in text_of(client.get(URL))


@both
def test_what_is_no_longer_true_is_neither_shown_nor_given(
    db: Session, make: Factory, client: LookingClient, team: User, large: None
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    ada = make.user(name="Ada Moreau")
    finish(db, path, team, [ada])
    assert make_list(db, house_here(), NOW) == 1
    db.execute(delete(StepRecord))
    db.commit()
    client.sign_in(team)
    assert "Ada Moreau" not in client.get(URL).text
    client.post(f"/badges/{badge.slug}/attribuer", data={"propositions": "1", "tous": "1"})
    data = {"propositions": "1", "people": [str(ada.id)]}
    client.post(f"/badges/{badge.slug}/attribuer", data=data)
    assert offers.export(db, ada.id) == [
        {"badge": badge.name, "listed_at_night": NOW.isoformat()}
    ], "no award; and what the list says of a person is theirs to read"


@both
def test_the_list_is_made_anew_each_night_and_when_a_badge_appears(
    db: Session, make: Factory, team: User, large: None
) -> None:
    open_badges(db)
    _badge, path = make_path_badge(db)
    ada, bob = make.user(), make.user()
    finish(db, path, team, [ada])
    now = clock.now() + timedelta(minutes=1)
    assert make_list(db, house_here(), now) == 1
    finish(db, path, team, [bob])
    assert make_list(db, house_here(), now + timedelta(seconds=1)) == 0
    assert make_list(db, house_here(), now + DAY) == 2
    with clock.fixed_at(now + DAY + timedelta(minutes=1)):
        other = make_badge(db, Condition(K.PATH_COMPLETED, path_id=path.id), name="Autre")
        other.published_at = clock.now()
        db.commit()
    # A worker killed in the middle leaves rows of a list that nothing names.
    cut_off = BadgeWaiting(
        made_at=now + 3 * DAY,
        badge_id=other.id,
        user_id=team.id,
        kind=WaitingKind.READY,
        is_withdrawn=False,
        at=now,
    )
    db.add(cut_off)
    db.commit()
    assert make_list(db, house_here(), now + DAY + timedelta(minutes=2)) == 4
    made = {row for (row,) in db.execute(select(BadgeWaiting.made_at).distinct())}
    assert made == {now + DAY + timedelta(minutes=2)}
    assert nightly.find_made(db, NAME) in made


@both
def test_who_leaves_is_in_no_list_and_two_accounts_of_one_person_stand_once(
    db: Session, make: Factory, team: User, large: None
) -> None:
    open_badges(db)
    _badge, path = make_path_badge(db)
    ada, bob, eve = (make.user() for _ in range(3))
    finish(db, path, team, [ada, bob, eve])
    assert make_list(db, house_here(), NOW) == 3
    join_accounts(db, house_here(), bob.id, ada.id, now=NOW, by_team=True)
    db.commit()
    offers.erase(db, eve.id)
    db.commit()
    assert db.scalars(select(BadgeWaiting.user_id)).all() == [ada.id]


def test_a_place_that_became_small_again_keeps_no_list(
    db: Session, make: Factory, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_badges(db)
    _badge, path = make_path_badge(db)
    finish(db, path, team, [make.user()])
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "LIVE", 0)
        assert make_list(db, house_here(), NOW) == 1
    assert make_list(db, house_here(), NOW) == 0
    assert db.scalar(select(func.count()).select_from(BadgeWaiting)) == 0
    assert nightly.find_made(db, NAME) is None


def test_the_pages_cost_the_same_when_twice_as_many_wait(
    db: Session,
    make: Factory,
    client: LookingClient,
    team: User,
    large: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for room in ("waiting.queries", "waiting.rules", "views"):
        monkeypatch.setattr(f"badges.awards.{room}.MOST", 30)
    open_badges(db)
    _badge, path = make_path_badge(db)

    def wait(count: int) -> None:
        finish(db, path, team, [make.user() for _ in range(count)])
        nightly.forget_made(db, NAME)
        db.commit()
        make_list(db, house_here(), clock.now())

    client.sign_in(team)
    wait(35)
    before = {page: cost_of(client, page) for page in (URL, "/")}
    assert "30+ personnes remplissent les critères" in text_of(client.get(URL))
    wait(35)
    for page, (sent, work) in before.items():
        after = cost_of(client, page)
        assert after[0] == sent, page
        assert after[1] <= work * 1.2, page


def test_all_badges_together_show_the_first_people_and_each_alone_more(
    db: Session, make: Factory, client: LookingClient, team: User, large: None
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    other, its_path = make_path_badge(db)
    finish(db, path, team, [make.user() for _ in range(7)])
    finish(db, its_path, team, [make.user()])
    make_list(db, house_here(), clock.now())
    client.sign_in(team)
    every = client.get(URL).text
    assert every.count('name="people"') == 5 + 1
    assert every.count(f"{URL}?badge={badge.slug}") == 1
    assert f"{URL}?badge={other.slug}" not in every
    alone = client.get(f"{URL}?badge={badge.slug}").text
    assert alone.count('name="people"') == 7
    assert f'id="{other.slug}"' not in alone
