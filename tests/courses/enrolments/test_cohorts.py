"""Cohorts: opened by the team, joined by people, with their dates, their forum and their guide."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.cohorts.queries import count_members
from courses.enrolments.cohorts.rules import CohortPlan, change_cohort, join_cohort, open_cohort
from courses.enrolments.models import Cohort
from courses.enrolments.offers import export
from courses.paths.models import Path
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, step_facts, steps_of
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.clock import days
from tierslieu.errors import NotYours, Refused

pytestmark = pytest.mark.both_databases
TODAY = clock.to_local(NOW).date()


def plan(**changes: Any) -> CohortPlan:
    said = {
        "title": "Automne",
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=60),
        "is_open": True,
    }
    return CohortPlan(**{**said, **changes})


def make_cohort(db: Session, path: Path, **changes: Any) -> Cohort:
    cohort = open_cohort(db, path.id, plan(**changes), now=NOW)
    db.commit()
    return cohort


def test_a_person_joins_an_open_cohort_of_their_path_and_leaves_it(
    db: Session, make: Factory
) -> None:
    path, user = make_path(db), make.user()
    cohort, enrolment = make_cohort(db, path), make_enrolment(db, user, path)
    join_cohort(db, enrolment.id, cohort.id, now=NOW, by_team=False)
    db.commit()
    assert count_members(db, [cohort.id]) == {cohort.id: 1}
    assert export(db, user.id)[0]["cohort"] == "Automne"
    join_cohort(db, enrolment.id, None, now=NOW, by_team=False)
    assert count_members(db, [cohort.id]) == {}


@pytest.mark.parametrize(
    "changes",
    [{"is_open": False}, {"starts_on": TODAY - timedelta(days=9), "ends_on": TODAY - timedelta(1)}],
)
def test_a_closed_or_past_cohort_is_joined_by_the_team_alone(
    db: Session, make: Factory, changes: dict[str, Any]
) -> None:
    path = make_path(db)
    cohort, enrolment = make_cohort(db, path, **changes), make_enrolment(db, make.user(), path)
    with pytest.raises(Refused) as no:
        join_cohort(db, enrolment.id, cohort.id, now=NOW, by_team=False)
    assert no.value.code == "not_open"
    db.rollback()
    assert join_cohort(db, enrolment.id, cohort.id, now=NOW, by_team=True).cohort == cohort


def test_one_may_still_join_on_the_last_day(db: Session, make: Factory) -> None:
    path = make_path(db)
    cohort, enrolment = make_cohort(db, path, ends_on=TODAY), make_enrolment(db, make.user(), path)
    with pytest.raises(Refused):
        join_cohort(db, enrolment.id, cohort.id, now=NOW + days(1), by_team=False)
    db.rollback()
    assert join_cohort(db, enrolment.id, cohort.id, now=NOW, by_team=False).cohort == cohort


def test_a_cohort_of_another_path_is_not_there(db: Session, make: Factory) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db))
    other = make_cohort(db, make_path(db, "autre"))
    for cohort_id in (other.id, uuid4()):
        with pytest.raises(NotYours):
            join_cohort(db, enrolment.id, cohort_id, now=NOW, by_team=True)
        db.rollback()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": "  "}, "title_missing", "title"),
        ({"ends_on": date(2026, 1, 1)}, "bad_dates", "ends_on"),
        ({"forum_url": "javascript:alert(1)"}, "bad_link", "forum_url"),
        ({"facilitator_id": uuid4()}, "no_facilitator", "facilitator"),
    ],
)
def test_what_cannot_be_a_cohort_is_refused_beside_its_field(
    db: Session, changes: dict[str, Any], code: str, field: str
) -> None:
    path = make_path(db)
    with pytest.raises(Refused) as no:
        open_cohort(db, path.id, plan(**changes), now=NOW)
    assert (no.value.code, no.value.field) == (code, field)
    db.rollback()
    cohort = make_cohort(db, path)
    with pytest.raises(Refused):
        change_cohort(db, cohort.id, plan(**changes))


def test_only_somebody_of_the_team_is_in_charge(db: Session, make: Factory) -> None:
    path = make_path(db)
    with pytest.raises(Refused):
        open_cohort(db, path.id, plan(facilitator_id=make.user().id), now=NOW)
    db.rollback()
    guide = make.user("facilitator")
    assert make_cohort(db, path, facilitator_id=guide.id).facilitator == guide


def test_the_team_opens_a_cohort_and_a_learner_joins_it_on_the_page(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path = make_path(db, steps=[step_facts("P"), step_facts("A", needs=["p"])])
    guide = make.user("facilitator", name="Nadia Benali")
    make.user("facilitator", name="Ada Autre")
    enrolment = make_enrolment(db, make.user(name="Inès Roche"), path)
    client.sign_in(guide)
    said = {
        "title": "Hiver",
        "starts_on": clock.to_local(clock.now()).date().isoformat(),
        "ends_on": (clock.to_local(clock.now()).date() + timedelta(days=30)).isoformat(),
        "facilitator": str(guide.id),
        "forum_url": "https://forum.example/t/hiver",
        "is_open": "y",
    }
    wrong = client.post("/parcours/essai/promotions", data={**said, "ends_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert "La fin vient avant le début" in wrong.text
    assert (
        "Hiver" in client.post("/parcours/essai/promotions", data=said, follow_redirects=True).text
    )
    cohort = db.scalars(select(Cohort)).one()
    page = f"/mes-parcours/{enrolment.id}"
    client.sign_in(enrolment.user)
    html = client.get(page).text
    assert "Suivre ce parcours à plusieurs" in html
    assert "forum.example" not in html
    joined = client.post(
        f"{page}/promotion", data={"cohort": str(cohort.id)}, follow_redirects=True
    ).text
    assert "Nadia Benali vous accompagne" in joined
    assert 'href="https://forum.example/t/hiver"' in joined
    locked = client.get(f"{page}/etapes/{steps_of(db, path)[1].id}").text
    assert "Nadia Benali ou quelqu’un d’autre de l’équipe peut vous en dispenser" in locked
    assert "Ada Autre" not in locked
    client.sign_in(guide)
    make_enrolment(db, make.user(name="Zoé Zimmer"), path)
    html = client.get(f"/parcours/essai/suivi?promotion={cohort.id}").text
    assert "Inès Roche" in html
    assert "Zoé Zimmer" not in html
    form = client.get(f"/promotions/{cohort.id}/modifier").text
    assert 'value="https://forum.example/t/hiver"' in form
    assert re.search(rf'<option selected value="{guide.id}"', form)
    changed = client.post(
        f"/promotions/{cohort.id}/modifier", data={**said, "title": "Grand hiver"},
        follow_redirects=True,
    )  # fmt: skip
    assert "Grand hiver" in changed.text


def test_only_the_team_opens_cohorts_and_nobody_puts_in_somebody_else(
    client: LookingClient, db: Session, make: Factory
) -> None:
    path = make_path(db)
    cohort, enrolment = make_cohort(db, path), make_enrolment(db, make.user(), path)
    client.sign_in(make.user())
    mine = f"/mes-parcours/{enrolment.id}/promotion"
    assert client.post(mine, data={"cohort": str(cohort.id)}).status_code == 404
    for page in ("/parcours/essai/promotions", f"/promotions/{cohort.id}/modifier"):
        assert client.get(page).status_code == 403
    assert client.post(f"/suivi/parcours/{enrolment.id}/promotion").status_code == 403
    client.sign_in(enrolment.user)
    for strange in ("x", str(uuid4())):
        assert client.post(mine, data={"cohort": strange}).status_code == 404
