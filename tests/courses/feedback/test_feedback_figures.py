"""How long it takes until a course is mended, as a figure that tells of no single report."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from courses.feedback.models import FeedbackState
from courses.feedback.offers import days_to_fix
from courses.feedback.queries import count_fixed, list_days_to_fix
from courses.feedback.together.rules import merge_reports
from tests.support.client import LookingClient
from tests.support.courses import NOW as TODAY
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.feedback import bring, make_report
from tierslieu.clock import days
from tierslieu.evaluation.disclosure import Hiding
from tierslieu.evaluation.figures import show_figure
from tierslieu.house import Figure

FIXED, CONFIRMED = FeedbackState.FIXED, FeedbackState.CONFIRMED
NOW = TODAY - days(60)


@pytest.mark.both_databases
def test_the_median_is_of_what_was_fixed_in_the_period_and_still_is(
    client: LookingClient, db: Session, make: Factory
) -> None:
    team, author = make.user("facilitator"), make.user()
    step, other = steps_of(db, make_path(db))[0], steps_of(db, make_path(db, "autre"))[0]
    for number, took in enumerate((1, 2, 4, 10, 20)):
        found = make_report(db, author, step, f"Retour numéro {number}", now=NOW + days(number))
        bring(db, found, FIXED, team, now=NOW + days(number + took))
    found = make_report(db, author, step, "Corrigé, puis rouvert", now=NOW)
    bring(db, found, FIXED, team, now=NOW + days(3))
    bring(db, found, CONFIRMED, team, now=NOW + days(4))
    double = make_report(db, author, step, "Un double du rouvert", now=NOW)
    merge_reports(db, double.id, found.id, actor_id=team.id, now=NOW)
    db.commit()
    elsewhere = make_report(db, author, other, "Sur un autre parcours", now=NOW)
    bring(db, elsewhere, FIXED, team, now=NOW + days(8))
    until = NOW + days(40)
    assert sorted(list_days_to_fix(db, until=until)) == [1, 2, 4, 8, 10, 20]
    assert list_days_to_fix(db, path="essai", since=NOW + days(13), until=until) == [10, 20]
    assert days_to_fix(db, NOW, until) == Figure(6, made_of=6)
    assert count_fixed(db, NOW, until) == (6, 7)
    html = client.sign_in(team).get("/retours/parcours/essai").text
    assert "4\u00a0jours" in html or "4 jours" in html
    assert "sur 5" in html


@pytest.mark.parametrize(
    ("figure", "value", "why"),
    [
        (Figure(2, made_of=5), 2, Hiding.NOTHING),  # two days, of enough reports
        (Figure(0, made_of=9), 0, Hiding.NOTHING),
        (Figure(30, made_of=4), None, Hiding.SMALL_CELL),
        (Figure(0, made_of=0), None, Hiding.SMALL_CELL),
    ],
)
def test_a_median_is_hidden_when_few_reports_make_it_whatever_it_is(
    figure: Figure, value: int | None, why: Hiding
) -> None:
    shown = show_figure(figure, about_people=True)
    assert (shown.value, shown.why) == (value, why)
