"""The register says of every column why it is there; what it promises, something does."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table

from tests.support.badges import house_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.base import Base
from tierslieu.house import Job, PersonalData, Treatment
from tierslieu.house_kept import Retention
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.register.drawing import declared, draw_register
from tierslieu.register import kept, list_gaps, of_nobody

pytestmark = pytest.mark.usefixtures("db")
# Files of the disk; and seats, each given to the next in line at once.
NO_DRY_RUN = {"uploads_sweep", "invitations_over"}
A_TERM = re.compile(r"\b(an|ans|mois|jours?|heures?)\b")


def test_every_column_of_every_table_says_why_it_exists() -> None:
    said = declared()
    tables = Base.metadata.sorted_tables
    assert [gap for table in tables for gap in list_gaps(table, said.get(table.name))] == []
    for table in tables:
        for column in table.columns:
            assert said[table.name].why(column).strip(), column
    consent = Base.metadata.tables["consent"]
    assert said["consent"].why(consent.c.given_at) == "Savoir quand, et quand effacer"
    assert said["consent"].why(consent.c.user_id).startswith("La personne")


def test_a_column_nobody_declared_is_told_and_so_is_text_without_a_sentence() -> None:
    metadata = MetaData()
    Table("user_account", metadata, Column("id", String(), primary_key=True))
    table = Table(
        "secret",
        metadata,
        Column("id", String(), primary_key=True),
        Column("user_id", ForeignKey("user_account.id")),
        Column("words", String()),
    )
    assert list_gaps(table, None)
    assert list_gaps(table, kept("account", plain="user_id", says={"id": "x"})) == [
        "secret.words: not declared"
    ]
    assert list_gaps(table, kept("account", plain="user_id words", says={"id": "x"})) == [
        "secret.words: holds text, and has no sentence of its own"
    ]
    assert list_gaps(table, kept("account", plain="user_id gone", says={"id": "x", "words": "y"}))
    assert list_gaps(table, of_nobody("nothing", "id user_id words")) == [
        "secret: says it is of nobody, and names people in ['user_id']"
    ]


def test_what_a_table_holds_is_exported_and_erased_under_an_offer_of_a_treatment() -> None:
    house = house_here()
    offers = {offer.name: offer for offer in house.all(PersonalData)}
    keys = {one.key for one in house.all(Treatment)}
    used = {name for said in declared().values() for name in said.offers}
    assert used - set(offers) == set()
    assert set(offers) - used == set(), "an offer that no table names"
    for offer in offers.values():
        assert offer.treatment in keys, offer.name
        assert offer.grounds, offer.name
    assert {offer.treatment for offer in offers.values()} == keys


def test_the_article_that_the_notice_names_is_the_one_of_the_register() -> None:
    for offer in house_here().all(PersonalData):
        for article in re.findall(r"article (\d\.\d\.\w)", str(offer.basis)):
            assert article in {basis.value for basis in offer.grounds}, offer.name


def test_a_term_that_is_promised_is_kept_by_a_job_that_a_dry_run_knows() -> None:
    jobs = {job.name for job in house_here().all(Job)}
    rules = house_here().all(Retention)
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.job for rule in rules} <= jobs
    promised = {name for offer in house_here().all(PersonalData) for name in offer.swept_by}
    assert promised - {rule.job for rule in rules} == NO_DRY_RUN
    for offer in house_here().all(PersonalData):
        assert set(offer.swept_by) <= jobs, offer.name
        if A_TERM.search(str(offer.how_long)):
            assert offer.swept_by, f"{offer.name} promises a term that no job keeps"


def test_everybody_reads_the_register_and_finds_it_from_the_notice(client: LookingClient) -> None:
    assert "/donnees-personnelles/registre" in client.get("/donnees-personnelles").text
    page = client.get("/donnees-personnelles/registre").text
    for entry in draw_register(house_here()):
        assert str(entry.treatment.title) in page
        assert all((entry.people, entry.grounds, entry.places)), entry.treatment.key
    assert "registre.csv" not in page


def test_who_runs_the_place_keeps_the_register_as_a_table(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user(ADMINISTRATOR))
    assert "registre.csv" in client.get("/donnees-personnelles/registre").text
    answer = client.get("/donnees-personnelles/registre.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 1 + len(house_here().all(PersonalData))
    assert {len(row) for row in rows} == {13}
    assert all(cell for row in rows[1:] for cell in (row[0], row[2], row[3], row[6], row[7]))
