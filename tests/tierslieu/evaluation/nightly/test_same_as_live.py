"""What was made at night is what the page would have made itself, and asks nothing of anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.support.badges import house_here
from tests.support.client import LookingClient
from tests.support.counting import counted_queries, counted_work
from tests.support.factories import Factory
from tests.support.figures import NOW, Town, pass_night
from tests.support.surveys import study_key
from tierslieu import clock
from tierslieu.evaluation.dashboard.composing import list_views, list_years
from tierslieu.evaluation.dashboard.costs import save_cost
from tierslieu.evaluation.nightly.models import NightlyFigures
from tierslieu.evaluation.nightly.reading import (
    show_dashboard,
    show_month,
    show_rates,
    show_report,
)
from tierslieu.evaluation.yearly.rules import open_report
from tierslieu.people.models import COORDINATOR, RESEARCHER
from tierslieu.surveys.queries import list_studies

# Every page that tells of everybody, and whose it is.
PAGES = [
    ("/", COORDINATOR),
    ("/chiffres", COORDINATOR),
    ("/tableau-de-bord", COORDINATOR),
    ("/tableau-de-bord?vue=parcours:essai", COORDINATOR),
    ("/rapports/2026/apercu", COORDINATOR),
    ("/", RESEARCHER),
    ("/etudes", RESEARCHER),
    ("/questionnaires", RESEARCHER),
]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def shown(db: Session) -> dict[str, Any]:
    """All that pages show of everybody, and whether each was made at night."""
    house, studies = house_here(), list(list_studies(db))
    month = show_month(db, house, NOW)
    rates, rates_kept = show_rates(db, studies)
    report, report_kept = show_report(
        db, house, open_report(db, 2026, NOW), study_key(studies[0]), now=NOW
    )
    boards = [
        show_dashboard(db, house, year, view, NOW)
        for year in list_years(db, NOW)
        for view in list_views(db)
    ]
    kept = [month.kept, rates_kept, report_kept, *(kept for _board, kept in boards)]
    return {
        "month": (month.month, list(month.figures)),
        "rates": [[one.table for one in study.waves] for study in rates],
        "report": json.loads(json.dumps(report)),
        "boards": [board for board, _kept in boards],
        "kept": {one is not None for one in kept},
    }


@pytest.mark.both_databases
@pytest.mark.parametrize(("seed", "people"), [(1, 4), (2, 14), (3, 40), (4, 90)])
def test_figures_of_the_night_are_those_of_the_page(
    app: Flask, db: Session, make: Factory, seed: int, people: int
) -> None:
    Town(db, make, seed).grow(people)
    save_cost(db, 2026, 720_000, "Loyer", now=NOW)
    db.commit()
    live = shown(db)
    assert live.pop("kept") == {False}
    assert pass_night(db) >= 5
    nightly = shown(db)
    assert nightly.pop("kept") == {True}
    assert nightly == live


def test_no_small_number_lies_in_what_is_kept(db: Session, make: Factory) -> None:
    """Four people: what is kept of them says that they are few."""
    Town(db, make).grow(4)
    pass_night(db)
    content = {one.name: one.content or {} for one in db.query(NightlyFigures)}
    counts = [
        value
        for one in content["month"]["figures"].values()
        for figure in (one["now"], one["before"])
        for value in figure[1:3]
    ]
    assert any(count is None for count in counts)
    whole = {key: one for key, one in content["month"]["figures"].items() if key != "fill_rate"}
    for one in whole.values():
        for figure in (one["now"], one["before"]):
            assert figure[1] in (None, 0), whole
    for table in content["year:2026"].values():
        assert table["is_too_few"] or table["shown"]["parcours"]["total"] == 0
    assert content["held"]["2026"] == [None, None]
    assert all(one["total"] in (None, 0) for one in content["rates"].values())


def measured(client: LookingClient, page: str) -> tuple[int, int]:
    """How many statements a page sends, and how much SQLite does for them."""
    client.get(page)  # the first finds caches cold
    with counted_queries() as sent, counted_work() as work:
        assert client.get(page).status_code == 200
    return len(sent), sum(work)


def test_pages_do_no_more_in_a_place_twice_as_large(app: Flask, db: Session, make: Factory) -> None:
    town = Town(db, make)
    town.grow(40)
    clients = {role: app.test_client() for role in dict.fromkeys(role for _page, role in PAGES)}
    for role, client in clients.items():
        client.sign_in(make.user(role))

    def all_measured() -> dict[str, tuple[int, int]]:
        return {f"{role} {page}": measured(clients[role], page) for page, role in PAGES}

    pass_night(db)
    small = all_measured()
    town.grow(160)
    pass_night(db, NOW + timedelta(days=1))
    large = all_measured()
    # The measure sees what it is to see: made by the page itself, the same is more and more.
    db.execute(delete(NightlyFigures))
    db.commit()
    live = all_measured()
    for page, (statements, work) in small.items():
        more_statements, more_work = large[page]
        assert more_statements == statements, page
        assert more_work <= 1.05 * work + 100, page  # an index may grow by a level
        if "/questionnaires" not in page:  # it weighs nobody: an index finds who answered
            assert live[page][1] > 1.3 * more_work, page
