"""What a year changed and what it cost, as anybody may read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.evaluation import make_participants
from tests.support.factories import Factory
from tests.support.sessions import make_session, text_of
from tests.support.surveys import make_invitation, make_study, questionnaire_of, study_key
from tierslieu import clock
from tierslieu.evaluation.dashboard.costs import save_cost
from tierslieu.evaluation.yearly.changes import measure_year
from tierslieu.evaluation.yearly.figures import span_of_year
from tierslieu.people.models import User
from tierslieu.surveys.models import Invitation, Study
from tierslieu.surveys.rules import save_page

THEN = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


def ends_path(db: Session, study: Study, person: User, now: str, *, at: datetime = THEN) -> None:
    """This person ends a path: 2 before in everything, ``now`` now."""
    invitation: Invitation = make_invitation(db, person, "end_of_path", now=at)
    for number, page in enumerate(questionnaire_of(invitation).pages):
        values = {
            one.name: now if one.name.endswith("_now") else "2"
            for one in page.items
            if one.kind.value in ("likert", "choice")
        }
        save_page(db, invitation.id, study_key(study), number, values, now=at)
    db.commit()


def year(db: Session, study: Study) -> list[dict[str, object]]:
    return measure_year(db, study, study_key(study), *span_of_year(2026))


@pytest.mark.both_databases
def test_the_change_of_the_year_is_that_of_the_same_people_before_and_now(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    for number, person in enumerate(make_participants(make, 12)):
        ends_path(db, study, person, str(3 + number % 2))
    for person in make_participants(make, 4, consenting=False):
        ends_path(db, study, person, "1")  # they did not agree to research
    late = make_participants(make, 1)[0]
    ends_path(db, study, late, "1", at=NEXT_YEAR)
    first, *others = year(db, study)
    assert len(others) == 2
    assert (first["before"], first["after"], first["difference"]) == (2.0, 3.5, 1.5)
    assert first["n"] == 10  # twelve, rounded
    assert first["is_enough"] is False


@pytest.mark.both_databases
def test_of_ten_people_nothing_is_said(db: Session, make: Factory) -> None:
    study = make_study(db)
    for person in make_participants(make, 10):
        ends_path(db, study, person, "4")
    assert {one["why"] for one in year(db, study)} == {"too_few"}
    assert {one["n"] for one in year(db, study)} == {None}


def test_the_report_says_what_changed_and_what_it_cost(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study = make_study(db)
    for person in make_participants(make, 31):
        ends_path(db, study, person, "4")
    make_session(db)  # the year has something in it
    save_cost(db, 2026, 1_234_500, "Salle et repas", now=THEN + timedelta(days=1))
    db.commit()
    with clock.fixed_at(NEXT_YEAR):
        client.sign_in(make.user("coordinator"))
        assert (
            client.post("/rapports/2026/publier", data={"revision": "0"}).location
            == "/rapports/2026"
        )
        page = text_of(client.get("/rapports/2026"))
        rows = client.get("/rapports/2026.csv").text
    assert "30 personnes, à 5 près" in page
    assert "n trop petit pour conclure" not in page
    assert "12 345 € dans l’année. Salle et repas" in page
    assert "cost,euros,12345" in rows
    assert rows.count(",2.0,4.0,30,2.0,,,\n") == 3
