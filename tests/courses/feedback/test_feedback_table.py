"""The CSV of the course team."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.feedback.queries import Filter, list_reports
from courses.feedback.rules import change_state, report
from courses.feedback.table import COLUMNS, HEADS, write_csv
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_path, steps_of
from tests.support.factories import Factory
from tierslieu.web.sheets import DELIMITER, harmless

ROOT = Path(__file__).parents[3]


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=DELIMITER))


def exported(db: Session) -> list[dict[str, str]]:
    return read("".join(write_csv(list_reports(db, Filter()))))


def made(db: Session, make: Factory, body: str) -> CourseFeedback:
    step = steps_of(db, make_path(db))[0]
    found = report(
        db,
        make.user(name="Samira Haddad", email="samira@example.org").id,
        step.id,
        kind=FeedbackKind.UNCLEAR,
        body=body,
        unit="Unité 1",
        location="https://example.org/page",
        now=NOW,
    )
    db.commit()
    return found


def test_a_report_says_where_what_and_what_was_done(db: Session, make: Factory) -> None:
    found = made(db, make, "Ligne une ;\n« ligne deux »")
    change_state(
        db,
        found.id,
        FeedbackState.SENT,
        actor_id=make.user("facilitator").id,
        now=NOW + timedelta(days=1),
        word="Transmis.",
    )
    db.commit()
    assert exported(db) == [
        {
            "id": str(found.id),
            "recu_le": "2026-11-20T11:00",
            "parcours": "essai",
            "version": "1",
            "etape_code": "A",
            "etape": "Étape A",
            "unite": "Unité 1",
            "endroit": "https://example.org/page",
            "genre": "unclear",
            "genre_libelle": "Ce n’est pas clair",
            "etat": "sent",
            "etat_libelle": "transmis",
            "texte": "Ligne une ;\n« ligne deux »",
            "repondu_le": "2026-11-21T11:00",
            "reponse": "Transmis.",
            "moi_aussi": "0",
            "suivi": "",
            "reunis": "",
            "capture": "non",
        }
    ]


def test_nobody_is_named_in_it(db: Session, make: Factory) -> None:
    made(db, make, "Une remarque sur le quiz.")
    text = "".join(write_csv(list_reports(db, Filter())))
    assert "Samira" not in text
    assert "samira@" not in text


def test_a_file_without_reports_still_has_its_header(db: Session) -> None:
    assert "".join(write_csv([])) == "\ufeff" + DELIMITER.join(COLUMNS) + "\r\n"


def test_its_columns_and_our_words_in_it_are_in_the_language_of_the_reader(
    client: LookingClient, db: Session, make: Factory
) -> None:
    made(db, make, "Une remarque sur le quiz.")
    client.sign_in(make.user("facilitator"))
    answer = client.get("/retours.csv", headers={"Accept-Language": "en-GB"})
    (row,) = read(answer.data.decode())
    assert list(row) == list(HEADS["en"])
    assert (row["kind"], row["kind_label"]) == ("unclear", "It is not clear")
    assert (row["text"], row["screenshot"]) == ("Une remarque sur le quiz.", "no")
    (row,) = read(client.get("/retours.csv", headers={"Accept-Language": "fr"}).data.decode())
    assert list(row) == list(COLUMNS)
    assert row["capture"] == "non"


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+33 4 00",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1+1",
        "\u00a0=1",
        "\uff1d1+1",
        '=HYPERLINK("http://x")',
    ],
)
def test_what_a_spreadsheet_would_run_is_kept_as_text(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Une phrase = une idée", "3 - 2", "a@b.fr"])
def test_what_is_harmless_is_left_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text())
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert not harmless(cell).lstrip(" \u00a0").startswith(("=", "+", "-", "@"))


def test_every_column_is_documented() -> None:
    text = (ROOT / "docs" / "feedback.md").read_text("utf-8")
    missing = [column for column in COLUMNS if f"`{column}`" not in text]
    missing += [column for column in HEADS["en"] if f"`{column}`" not in text]
    assert missing == []
