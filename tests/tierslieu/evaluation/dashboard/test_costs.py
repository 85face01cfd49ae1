"""What the place costs for each hour and each person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import said_by
from tests.support.sessions import make_session, plain
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.errors import Refused
from tierslieu.evaluation.dashboard.costs import compute_costs, save_cost

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def attend(db: Session, make: Factory, people: int, guests: int = 0) -> None:
    """So many came for the three hours of 26 November, and were absent the day after."""
    session = make_session(db, onsite=40)
    later = make_session(db, onsite=40, starts=datetime(2026, 11, 27, 9))  # noqa: DTZ001
    for number in range(people + guests):
        who = (
            {"user_id": make.user().id}
            if number < people
            else {"guest_name": "Quelqu’un", "guest_email": f"invite{number}@example.org"}
        )
        shared = {"mode": SeatMode.ONSITE, **who}
        db.add(
            Attendance(
                session_id=session.id, day=date(2026, 11, 26), half=Half.AFTERNOON,
                presence=Presence.PRESENT, arrived_at=NOW, **shared,
            )
        )  # fmt: skip
        db.add(
            Attendance(
                session_id=later.id, day=date(2026, 11, 27), half=Half.MORNING,
                presence=Presence.ABSENT, **shared,
            )
        )  # fmt: skip
    db.commit()


@pytest.mark.both_databases
def test_a_cost_is_shared_by_the_hours_and_the_people_of_its_year(
    db: Session, make: Factory
) -> None:
    attend(db, make, 9, guests=3)
    save_cost(db, 2026, 720_000, "Loyer", now=NOW)
    save_cost(db, 2025, 100_000, "", now=NOW)
    this, before = compute_costs(db)
    assert (this.year, this.euros, this.hours, this.people) == (2026, 7200, 36, 12)
    assert (this.per_hour, this.per_person) == (200, 600)
    assert (before.hours, before.people, before.per_hour, before.per_person) == (0, 0, None, None)


def test_few_people_in_a_year_and_neither_hours_nor_people_are_told(
    db: Session, make: Factory
) -> None:
    """For the cost divided by what it makes for one is how many there are."""
    attend(db, make, 9)
    save_cost(db, 2026, 720_000, "", now=NOW)
    [year] = compute_costs(db)
    assert (year.hours, year.people, year.per_hour, year.per_person) == (None,) * 4


@pytest.mark.both_databases
def test_a_year_entered_again_is_replaced_and_without_amount_taken_away(db: Session) -> None:
    save_cost(db, 2026, 100, "a", now=NOW)
    save_cost(db, 2026, 250, "b", now=NOW)
    assert [(one.euros, one.note) for one in compute_costs(db)] == [(2.5, "b")]
    save_cost(db, 2026, None, "", now=NOW)
    save_cost(db, 2025, None, "", now=NOW)
    assert compute_costs(db) == []


@pytest.mark.parametrize(
    ("year", "cents", "field"),
    [(2027, 1, "year"), (1999, 1, "year"), (2026, 0, "amount"), (2026, 2_000_000_001, "amount")],
)
def test_what_cannot_be_is_refused(db: Session, year: int, cents: int, field: str) -> None:
    with pytest.raises(Refused) as refused:
        save_cost(db, year, cents, "", now=NOW)
    assert refused.value.field == field


def test_a_coordinator_enters_a_cost_and_reads_it_on_both(
    client: LookingClient, db: Session, make: Factory, tmp_path: Path
) -> None:
    attend(db, make, 12)
    client.sign_in(make.user("coordinator"))
    year = "2026"
    sent = {"year": year, "amount": "7 200,50 €", "note": "Loyer et postes"}
    with clock.fixed_at(NOW):
        assert client.post("/tableau-de-bord/couts", data=sent).status_code == 302
    page = plain(client.get("/tableau-de-bord").text)
    assert "Coût d’une heure de présence d’une personne" in page
    assert "<desc>2026 : 200.</desc>" in page
    assert "7 200,50 €" in page
    assert "Loyer et postes" in page
    paper = said_by(client.get("/tableau-de-bord.pdf").data, tmp_path)
    assert "Loyer et postes" in paper
    assert "7 200,50 €" in paper


def test_a_year_in_which_nobody_came_is_not_drawn_as_hidden(
    client: LookingClient, db: Session, make: Factory
) -> None:
    save_cost(db, 2025, 100_000, "", now=NOW)
    db.commit()
    page = client.sign_in(make.user("administrator")).get("/tableau-de-bord").text
    assert "De quoi ces coûts sont faits" in page
    assert "Coût par personne venue" not in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"year": "2026", "amount": "beaucoup"}, "Ce montant ne se lit pas"),
        ({"year": "2026", "amount": "NaN"}, "Ce montant ne se lit pas"),
        ({"year": "2026", "amount": "1e999999"}, "montant"),
        ({"year": "3026", "amount": "10"}, "Cette année n’est pas possible"),
        ({"year": "", "amount": "10"}, ""),
    ],
)
def test_what_is_no_amount_is_said_beside_it(
    client: LookingClient, make: Factory, sent: dict[str, str], said: str
) -> None:
    client.sign_in(make.user("coordinator"))
    with clock.fixed_at(NOW):
        answer = client.post("/tableau-de-bord/couts", data=sent)
    assert answer.status_code == 422
    assert said in plain(answer.text)


def test_an_amount_keeps_its_cents_and_a_year_that_is_taken_away_is_said_to_be(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user("coordinator"))
    with clock.fixed_at(NOW):
        for sent, said in (("48 000,07", "48 000,07 €"), ("480", "480 €")):
            page = client.post(
                "/tableau-de-bord/couts",
                data={"year": "2026", "amount": sent},
                follow_redirects=True,
            )
            assert "Le coût de 2026 est noté." in plain(page.text)
            assert said in plain(page.text)
        empty = {"year": "2026", "amount": ""}
        page = client.post("/tableau-de-bord/couts", data=empty, follow_redirects=True)
    assert "Il n’y a plus de coût noté pour 2026." in plain(page.text)


def test_who_does_not_coordinate_enters_no_cost(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("facilitator"))
    sent = {"year": "2026", "amount": "10"}
    assert client.post("/tableau-de-bord/couts", data=sent).status_code == 403
