"""When figures are made, kept, made anew and forgotten; what pages say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.figures import DAY, NOW, Town, pass_night
from tests.support.sessions import plain
from tierslieu import clock
from tierslieu.evaluation.nightly.jobs import make_due
from tierslieu.evaluation.nightly.models import NightlyFigures
from tierslieu.evaluation.nightly.periods import Period
from tierslieu.evaluation.nightly.queries import find_figures
from tierslieu.evaluation.nightly.rules import LEASE, ask_anew, keep_figures, lease_next, list_due
from tierslieu.house import Figure, House, Indicator
from tierslieu.nightly.rules import last_night
from tierslieu.people.models import ROLES

DATED = "Chiffres du 20 novembre 2026, 11 h"
AGAIN = "/chiffres/recompter"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def town(db: Session, make: Factory) -> Town:
    """A town of sixty, counted once."""
    found = Town(db, make)
    found.grow(60)
    pass_night(db)
    return found


def read(client: LookingClient, page: str) -> str:
    """A page without what is another each time it is drawn."""
    answer = client.get(page)
    assert answer.status_code == 200
    return re.sub(r'name="csrf_token"[^>]+', "", plain(answer.text))


def names(db: Session) -> set[str]:
    made = NightlyFigures.made_at.is_not(None)
    return set(db.scalars(select(NightlyFigures.name).where(made)))


@pytest.mark.both_databases
def test_pages_say_of_when_their_figures_are_and_stay_with_them_till_the_next_night(
    client: LookingClient, db: Session, make: Factory, town: Town
) -> None:
    client.sign_in(make.user("coordinator", "researcher"))
    pages = ("/chiffres", "/tableau-de-bord", "/rapports/2026/apercu", "/etudes", "/")
    before = {page: read(client, page) for page in pages}
    assert all(DATED in text for text in before.values())
    town.grow(80)
    with clock.fixed_at(NOW + timedelta(hours=3)):
        assert make_due(db, clock.now()) == 0  # the same day: nothing is due
        for page in pages[:-1]:
            assert read(client, page) == before[page]
        assert DATED in read(client, "/")
    with clock.fixed_at(NOW + DAY):
        assert pass_night(db, clock.now()) >= 5
        for page in pages:
            text = read(client, page)
            assert DATED not in text
            assert (today := "Chiffres du 21 novembre 2026, 11 h") in text
            assert page == "/" or text.split(today)[1] != before[page].split(DATED)[1]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("month", "/chiffres"),
        ("year:2026", "/tableau-de-bord?annee=2026"),
        ("report:2026", "/rapports/2026/apercu"),
        ("rates", "/etudes"),
    ],
)
def test_who_reads_figures_has_them_made_anew(
    client: LookingClient, db: Session, make: Factory, town: Town, name: str, page: str
) -> None:
    client.sign_in(make.user("coordinator"))
    town.grow(80)
    with clock.fixed_at(NOW + timedelta(hours=2)):
        assert client.post(AGAIN, data={"quoi": name}).location == page
        assert client.post(AGAIN, data={"quoi": name}).location == page  # twice is once
        waiting = plain(client.get(page).text)
        assert DATED in waiting
        assert "Nouveau compte demandé" in waiting
        assert "Recompter maintenant" not in waiting
    later = NOW + timedelta(hours=2, minutes=5)
    assert list_due(db, later)[0] in (name, "held")
    pass_night(db, later)
    text = plain(client.get(page).text)
    assert "Chiffres du 20 novembre 2026, 13 h 05" in text
    assert "Recompter maintenant" in text
    assert list_due(db, later) == []


@pytest.mark.parametrize("role", ROLES)
def test_figures_are_made_anew_for_those_whose_page_they_are_on(
    client: LookingClient, make: Factory, town: Town, role: str
) -> None:
    client.sign_in(make.user(role))
    answers = {
        name: client.post(AGAIN, data={"quoi": name}).status_code
        for name in ("month", "rates", "held", "year:1999", "year:²026", "report:", "", "nichts")
    }
    of_place, of_studies = {
        "coordinator": (302, 302),
        "administrator": (302, 404),
        "researcher": (404, 302),
    }.get(role, (403, 403))
    assert (answers.pop("month"), answers.pop("rates")) == (of_place, of_studies)
    assert set(answers.values()) == {403 if of_place == of_studies == 403 else 404}


def test_in_the_first_hours_of_a_month_the_month_before_is_shown_as_such(
    client: LookingClient, db: Session, make: Factory, town: Town
) -> None:
    client.sign_in(make.user("coordinator"))
    with clock.fixed_at(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)):  # 1 December in Paris
        text = plain(client.get("/chiffres").text)
        assert "Novembre 2026 depuis le 1er" in text
        assert "Décembre 2026" not in text


@pytest.mark.parametrize(
    ("made", "now", "is_due"),
    [
        ("20T03:01", "20T23:59", False),
        ("20T03:01", "21T02:59", False),
        ("20T03:01", "21T03:00", True),
        ("20T02:59", "20T03:00", True),
    ],
)
def test_a_night_is_over_at_three_in_paris(made: str, now: str, is_due: bool) -> None:
    at, then = (clock.to_utc(datetime.fromisoformat(f"2026-11-{one}")) for one in (made, now))
    assert Period("month", then).is_due(at, then) is is_due


def test_the_night_in_which_the_clock_is_set_has_its_three_oclock() -> None:
    for day in (datetime(2026, 3, 29), datetime(2026, 10, 25)):  # noqa: DTZ001 - wall time
        noon = clock.to_utc(day.replace(hour=12))
        assert clock.to_local(last_night(noon)) == day.replace(hour=3)


def test_a_year_long_over_is_counted_once_a_week() -> None:
    over = Period("year:2020", NOW - timedelta(days=400))
    assert not over.is_due(NOW - 5 * DAY, NOW)
    assert over.is_due(NOW - 8 * DAY, NOW)


def test_what_cannot_be_counted_keeps_nothing_else_back_and_is_left_alone_for_a_while(
    app: Flask, db: Session, make: Factory
) -> None:
    Town(db, make).grow(3)
    kept: House = app.extensions["tierslieu.house"]
    tried = []

    def fail(_db: Session, since: datetime, _until: datetime) -> Figure:
        tried.append(since)
        raise ZeroDivisionError

    app.extensions["tierslieu.house"] = House((Indicator("a", "A", "…", fail),))
    try:
        for _ in range(2):  # the month, and the report
            with pytest.raises(ZeroDivisionError):
                pass_night(db)
            db.rollback()  # as whoever runs a job does
        assert names(db) == {"rates", "held", "year:2026"}
        assert pass_night(db) == 0
        assert len(tried) == 2
        with pytest.raises(ZeroDivisionError):
            pass_night(db, NOW + LEASE + timedelta(minutes=1))
        db.rollback()
    finally:
        app.extensions["tierslieu.house"] = kept
    assert pass_night(db, NOW + 2 * LEASE + timedelta(minutes=2)) == 2
    assert names(db) >= {"month", "report:2026"}


@pytest.mark.both_databases
def test_two_workers_are_not_at_the_same_and_what_one_killed_left_is_taken_again(
    db: Session, make: Factory
) -> None:
    Town(db, make).grow(3)
    taken = []
    while (name := lease_next(db, NOW)) is not None:
        db.commit()
        taken.append(name)
    db.commit()
    assert sorted(taken) == ["held", "month", "rates", "report:2026", "year:2026"]
    assert make_due(db, NOW + LEASE - timedelta(seconds=1)) == 0
    assert make_due(db, NOW + LEASE) == 1
    db.execute(update(NightlyFigures).values(leased_until=NOW + timedelta(days=99)))
    db.commit()  # by a clock that was ahead
    assert make_due(db, NOW + LEASE) == 1


def test_an_indicator_that_is_new_or_gone_is_left_out_until_the_next_night(
    app: Flask, client: LookingClient, db: Session, make: Factory
) -> None:
    kept: House = app.extensions["tierslieu.house"]
    first, second, third = (
        Indicator(key, f"Chiffre {key}", "…", lambda *_: Figure(50)) for key in "abc"
    )
    client.sign_in(make.user("coordinator"))
    try:
        app.extensions["tierslieu.house"] = House((first, second))
        pass_night(db)
        app.extensions["tierslieu.house"] = House((second, third))
        page = client.get("/chiffres").text
    finally:
        app.extensions["tierslieu.house"] = kept
    assert "Chiffre b" in page
    assert "Chiffre a" not in page
    assert "Chiffre c" not in page


@pytest.mark.both_databases
def test_what_was_made_of_an_earlier_moment_does_not_replace_a_later_one(db: Session) -> None:
    keep_figures(db, "month", {"n": 2}, made_at=NOW)
    db.commit()
    keep_figures(db, "month", {"n": 1}, made_at=NOW - timedelta(minutes=1))
    db.commit()
    assert ask_anew(db, ["month", "rates"], now=NOW + timedelta(minutes=1)) == 1
    db.commit()
    keep_figures(db, "month", {"n": 3}, made_at=NOW + timedelta(seconds=30))  # begun before
    db.commit()
    found = find_figures(db, "month")
    assert found is not None
    assert found.content == {"n": 3}
    assert found.asked_at is not None  # whoever asked waits for what is made after
    keep_figures(db, "month", {"n": 4}, made_at=NOW + timedelta(minutes=2))
    db.commit()
    found = find_figures(db, "month")
    assert found is not None
    assert found.asked_at is None


def test_the_preview_has_the_targets_of_now_and_a_published_report_is_kept_no_more(
    client: LookingClient, db: Session, make: Factory, town: Town
) -> None:
    client.sign_in(make.user("coordinator"))
    words = {"revision": "0", "target-half_days": "trois cents en 2027"}
    assert client.post("/rapports/2026/preparer", data=words).status_code == 302
    page = client.get("/rapports/2026/apercu").text
    assert "trois cents en 2027" in page
    with clock.fixed_at(datetime(2027, 1, 5, 9, tzinfo=UTC)):
        sent = client.post("/rapports/2026/publier", data={"revision": "1"})
        assert sent.location == "/rapports/2026"
        pass_night(db, clock.now())
    assert "report:2026" not in names(db)
    assert "report:2027" in names(db)


def test_a_cost_that_is_entered_has_the_report_of_its_year_made_anew(
    client: LookingClient, db: Session, make: Factory, town: Town
) -> None:
    client.sign_in(make.user("coordinator"))
    sent = {"year": "2026", "amount": "7 200"}
    assert client.post("/tableau-de-bord/couts", data=sent).status_code == 302
    assert list_due(db, NOW) == ["report:2026"]
    assert "7 200" in plain(client.get("/tableau-de-bord").text)
    pass_night(db)
    assert "7 200" in plain(client.get("/rapports/2026/apercu").text)
