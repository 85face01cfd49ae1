"""The boarding school's sheet: counts without names, frozen at the cut-off, told again only when
something changed."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.certificates import words_of
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, plain, text_of
from tests.support.weeks import MONDAY, NIGHTS, accept, make_application, make_week, stay
from tierslieu import clock
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import Diet
from tierslieu.weeks.applications.rules import withdraw
from tierslieu.weeks.jobs import JOBS
from tierslieu.weeks.models import BoardingSheet, Meal, Week
from tierslieu.weeks.stays.needs import Needs, save_needs
from tierslieu.weeks.stays.sheet import list_changes

both = pytest.mark.both_databases


def run_job(db: Session, now: datetime) -> int:
    (job,) = [one for one in JOBS if one.name == "boarding_sheets"]
    with clock.fixed_at(now):
        return job.run(db, now)


def mails(db: Session) -> list[OutboxMessage]:
    found = select(OutboxMessage).where(OutboxMessage.template == "weeks_boarding")
    return list(db.scalars(found.order_by(OutboxMessage.due_key)))


def fill(db: Session, make: Factory, team: User) -> Week:
    """Two who eat and sleep, one of them without meat; one who only eats."""
    week = make_week(db, team)
    for needs, wanted in (
        (Needs(Diet.VEGETARIAN, ("nuts",)), stay()),
        (Needs(Diet.VEGETARIAN), stay([NIGHTS[0]])),
        (Needs(), stay([])),
    ):
        application = accept(db, make_application(db, week, make.user(), wanted), team)
        save_needs(db, week.id, application.user_id, needs, consents=True, now=NOW)
        db.commit()
    return week


@both
def test_the_sheet_counts_beds_a_night_and_needs_a_meal(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = fill(db, make, team)
    client.sign_in(team)
    page = text_of(client.get(f"/semaines/{week.id}/internat"))
    assert "Déjeuner : 3" in page
    assert "2 × végétarien" in page
    assert "1 × sans fruits à coque (allergie)" in page
    assert "Provisoire : elle s’arrête le lundi 15 février 2027 à 12 h" in page
    answer = client.get(f"/semaines/{week.id}/internat.csv")
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[:5] == [
        ["date", "quoi", "detail", "combien"],
        ["2027-03-01", "déjeuner", "", "3"],
        ["2027-03-01", "déjeuner", "végétarien", "2"],
        ["2027-03-01", "déjeuner", "sans fruits à coque (allergie)", "1"],
        ["2027-03-01", "nuit", "", "2"],
    ]
    team.language = "en"
    db.commit()
    english = client.get(f"/semaines/{week.id}/internat.csv").get_data(as_text=True)
    head, first = (line.split(";") for line in english.splitlines()[:2])
    assert (head[1], first[1]) == ("what", "lunch")


@pytest.mark.usefixtures("drawn_outside")
def test_the_paper_says_what_the_page_says(
    db: Session, make: Factory, team: User, client: LookingClient, tmp_path: Path
) -> None:
    week = fill(db, make, team)
    answer = client.sign_in(team).get(f"/semaines/{week.id}/internat.pdf")
    words = plain(words_of(answer.data, tmp_path))
    assert "Déjeuner : 3" in words
    assert "2 × végétarien" in words
    assert "Personne" not in words  # every person of these tests is called so


@both
def test_at_the_cut_off_the_sheet_is_frozen_and_mailed_once(
    db: Session, make: Factory, team: User
) -> None:
    week = fill(db, make, team)
    assert run_job(db, week.cutoff_at - timedelta(minutes=1)) == 0
    assert run_job(db, week.cutoff_at) == 1
    assert run_job(db, week.cutoff_at + timedelta(hours=1)) == 0
    (mail,) = mails(db)
    assert mail.recipient == "internat@example.org"
    assert "déjeuner du lundi 1er mars, végétarien : 2" in [plain(x) for x in mail.context["lines"]]
    assert [one["filename"] for one in mail.attachments] == ["internat.pdf", "internat.csv"]


def test_after_the_cut_off_a_mail_says_what_changed_and_nothing_when_nothing_did(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = fill(db, make, team)
    run_job(db, week.cutoff_at)
    late = accept(db, make_application(db, week, make.user(name="Alix")), team)
    after = week.cutoff_at + timedelta(hours=20)
    page = text_of(client.sign_in(team).get(f"/semaines/{week.id}/internat"))
    assert "nuit du lundi 1er au mardi 2 mars : 3 au lieu de 2" in page
    assert "Déjeuner : 3" in page  # the sheet itself stays as it was told
    assert run_job(db, after) == 1
    changes = [plain(line) for line in mails(db)[-1].context["lines"]]
    assert changes == [
        "déjeuner du lundi 1er mars : 4 au lieu de 3",
        "nuit du lundi 1er au mardi 2 mars : 3 au lieu de 2",
        "nuit du mardi 2 au mercredi 3 mars : 2 au lieu de 1",
        "nuit du mercredi 3 au jeudi 4 mars : 2 au lieu de 1",
    ]
    withdraw(db, late.id, now=after, actor_id=late.user_id)
    db.commit()
    assert run_job(db, after + timedelta(days=1)) == 1
    assert run_job(db, after + timedelta(days=2)) == 0
    assert db.scalars(select(BoardingSheet.number).order_by(BoardingSheet.number)).all() == [
        1,
        2,
        3,
    ]


@both
@pytest.mark.usefixtures("drawn_outside")
@pytest.mark.parametrize("departure", [1, 3], ids=["before the last day", "after it"])
def test_changes_are_told_until_the_last_day_and_the_departure(
    db: Session, make: Factory, team: User, departure: int
) -> None:
    week = make_week(db, team, nights_until=MONDAY + timedelta(days=departure))
    application = accept(db, make_application(db, week, make.user(), stay([NIGHTS[0]])), team)
    run_job(db, week.cutoff_at)
    application.meals[0].is_taken = False  # however it came about
    db.commit()
    last = datetime.combine(week.ends_on, datetime.min.time()).replace(hour=10)
    assert run_job(db, clock.to_utc(last)) == 1
    assert run_job(db, clock.to_utc(last + timedelta(days=1))) == 0


def test_no_mail_to_the_boarding_school_names_anybody(
    app: object, db: Session, make: Factory, team: User
) -> None:
    week = fill(db, make, team)
    run_job(db, week.cutoff_at)
    (mail,) = mails(db)
    settings = app.config["TIERSLIEU"]  # type: ignore[attr-defined]
    text = str(make_email(mail, settings).get_body(("plain",)))
    assert "Bonjour Mme Roux" in text
    assert "Personne Num" not in text


def test_needs_that_change_before_the_cut_off_change_the_sheet(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    one = accept(db, make_application(db, week, make.user()), team)
    save_needs(db, week.id, one.user_id, Needs(Diet.VEGAN), consents=True, now=NOW)
    save_needs(db, week.id, one.user_id, Needs(Diet.NO_PORK), consents=True, now=NOW)
    db.commit()
    page = text_of(client.sign_in(team).get(f"/semaines/{week.id}/internat"))
    assert "végétalien" not in page
    assert "1 × sans porc" in page


def test_only_who_is_accepted_is_counted(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    make_application(db, week, make.user())
    page = text_of(client.sign_in(team).get(f"/semaines/{week.id}/internat"))
    assert "Déjeuner : 0" in page


def test_changes_are_told_in_the_order_of_the_sheet() -> None:
    before = {f"{MONDAY}|night|": 2, f"{MONDAY}|{Meal.LUNCH.value}|": 3}
    after = {f"{MONDAY}|night|": 1, f"{MONDAY}|{Meal.LUNCH.value}|": 3}
    assert [plain(line) for line in list_changes(before, after)] == [
        "nuit du lundi 1er au mardi 2 mars : 1 au lieu de 2"
    ]
