"""A list that nobody counts to its end says so, and is still read to its end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from courses.enrolments import queries
from courses.enrolments.models import Enrolment
from tests.support.badges import make_award, open_badges
from tests.support.client import LookingClient
from tests.support.counting import cost_of
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tierslieu import clock, counting
from tierslieu.base import new_id
from tierslieu.people.models import User

MANY = 30  # counted one by one here
Grow = Callable[[int], None]
Asked = tuple[str, str, Grow]  # role, address, so many more of what stands there
pytestmark = pytest.mark.usefixtures("few_counted")


@pytest.fixture
def few_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED", MANY)
    monkeypatch.setattr(queries, "MANY", MANY)


def add_people(db: Session, count: int) -> list[User]:
    ids, before = [new_id() for _ in range(count)], clock.now() - timedelta(days=400)
    rows = [
        {"id": one, "email": f"{one}@example.org", "name": "Une", "sort_name": f"une {one}",
         "fs_uniquifier": one.hex, "confirmed_at": before, "created_at": before}
        for one in ids
    ]  # fmt: skip
    db.execute(insert(User), rows)
    db.commit()
    return list(db.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)))


def accounts(db: Session, make: Factory) -> Asked:
    """Whoever runs the place is one of them."""
    add_people(db, 6)

    def grow(count: int) -> None:
        add_people(db, count)

    return "administrator", "/administration/personnes", grow


def followers(db: Session, make: Factory) -> Asked:
    path = make_path(db)
    version_id, path_id = steps_of(db, path)[0].version_id, path.id

    def grow(count: int) -> None:
        rows = [
            {"user_id": person.id, "path_id": path_id, "version_id": version_id}
            for person in add_people(db, count)
        ]
        db.execute(insert(Enrolment), rows)
        db.commit()

    grow(7)
    return "facilitator", f"/parcours/{path.slug}/suivi", grow


def holders(db: Session, make: Factory) -> Asked:
    first = make_award(db, make.user(), make.user("facilitator"), open_badges(db))
    like = {column.name: getattr(first, column.name) for column in Award.__table__.columns}
    numbers = itertools.count(1)

    def grow(count: int) -> None:
        rows = [
            like
            | {
                "id": new_id(),
                "user_id": person.id,
                "status_index": (like["status_index"] + number) % 131_072,
                "awarded_at": like["awarded_at"] - timedelta(minutes=number),
            }
            for number, person in zip(numbers, add_people(db, count), strict=False)
        ]
        db.execute(insert(Award), rows)
        db.commit()

    grow(6)
    return "facilitator", f"/badges/{first.badge.slug}/attribues", grow


def seen(client: LookingClient, url: str) -> tuple[str, str, bool]:
    """How many there are, which page of how many this is, and whether another comes after it."""
    page = re.sub(r"\s+", " ", client.get(url).text)
    told = re.search(r"((?:Plus de )?\d+) (?:compte|personne|attribution)s?\b", page)
    where = re.search(r"<span>(Page [^<]*)</span>", page)
    return told[1] if told else "", where[1] if where else "", 'rel="next"' in page


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", [accounts, followers, holders])
def test_a_long_list_says_that_it_is_longer_than_what_was_counted_and_is_read_to_its_end(
    db: Session, make: Factory, client: LookingClient, kind: Callable[[Session, Factory], Asked]
) -> None:
    role, url, grow = kind(db, make)
    client.sign_in(make.user(role))
    grow(MANY - 7)
    assert seen(client, url) == ("30", "Page 1 sur 2", True)
    assert seen(client, f"{url}?page=2") == ("30", "Page 2 sur 2", False)
    grow(1)
    assert seen(client, url) == ("Plus de 30", "Page 1 sur plus de 2", True)
    assert seen(client, f"{url}?page=2") == ("Plus de 30", "Page 2", False)
    grow(30)
    assert seen(client, f"{url}?page=2") == ("Plus de 30", "Page 2", True)
    assert seen(client, f"{url}?page=3") == ("Plus de 30", "Page 3", False)


@pytest.mark.parametrize("kind", [accounts, followers, holders])
def test_a_page_of_a_long_list_costs_the_same_when_the_list_is_longer(
    db: Session, make: Factory, client: LookingClient, kind: Callable[[Session, Factory], Asked]
) -> None:
    role, url, grow = kind(db, make)
    client.sign_in(make.user(role))
    grow(200)
    before = cost_of(client, url)
    grow(800)
    after = cost_of(client, url)
    assert after[0] == before[0]
    assert after[1] <= before[1] * 1.1


def test_whoever_runs_a_large_place_is_told_of_more_accounts_than_were_counted(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    add_people(db, MANY)
    assert "plus de 30" in client.get("/").text
    before = cost_of(client, "/")
    add_people(db, 800)
    assert cost_of(client, "/")[1] <= before[1] * 1.1
