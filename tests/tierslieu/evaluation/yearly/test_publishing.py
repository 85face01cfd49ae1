"""A published report is public, large, rounded, the same everywhere, and never changes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support.at_once import at_once
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, said_by
from tests.support.sessions import make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import Series
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.evaluation.disclosure import (
    PUBLIC,
    publish_count,
    publish_share,
    publish_table,
    round_count,
)
from tierslieu.evaluation.yearly.figures import roll_up
from tierslieu.evaluation.yearly.queries import find_report
from tierslieu.evaluation.yearly.rules import Words, write_words
from tierslieu.people.models import Gender, User

NEXT_YEAR = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
LATE = datetime(2026, 12, 3, 14, 0)  # noqa: DTZ001 - wall time
counts = st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NEXT_YEAR):
        yield


def come(db: Session, people: list[User], title: str, series: Series | None = None) -> None:
    """These people were at a session of last December."""
    session = make_session(db, title=title, starts=LATE, onsite=len(people), series=series)
    for person in people:
        db.add(
            Attendance(
                session_id=session.id,
                user_id=person.id,
                day=LATE.date(),
                half=Half.AFTERNOON,
                presence=Presence.PRESENT,
                mode=session.pools[0].mode,
                noted_at=NEXT_YEAR,
            )
        )
    db.commit()


@pytest.fixture
def crowd(db: Session, make: Factory) -> list[User]:
    """Eighteen women and fourteen men, who all came; of a second session only six."""
    people = []
    for number in range(32):
        person = make.user()
        assert person.profile is not None
        person.profile.gender = Gender.WOMAN if number < 18 else Gender.MAN
        people.append(person)
    db.commit()
    come(db, people, "Initiation à Python")
    come(db, people[:6], "Atelier rare")
    return people


def publish(client: LookingClient, revision: int = 0, year: int = 2026, **more: Any) -> Any:
    return client.post(f"/rapports/{year}/publier", data={"revision": revision}, **more)


def published(client: LookingClient, make: Factory, revision: int = 0) -> None:
    client.sign_in(make.user("coordinator"))
    assert publish(client, revision).location == "/rapports/2026"
    client.sign_out()


@settings(deadline=None)
@given(counts)
def test_no_count_of_fewer_than_eleven_is_published_and_none_is_exact(cells: list[int]) -> None:
    shown = publish_table(cells)
    for count, cell in zip(cells, shown.cells, strict=True):
        assert cell is None or cell == round_count(count)
        assert cell is None or count == 0 or count >= PUBLIC.cell
        assert cell is None or cell % 5 == 0


@settings(deadline=None)
@given(counts)
def test_what_is_hidden_is_not_had_by_subtraction(cells: list[int]) -> None:
    """An attacker has the total, every shown cell, the rounding and the thresholds."""
    shown = publish_table(cells)
    hidden = [i for i, cell in enumerate(shown.cells) if cell is None]
    if shown.total is None or not hidden:
        return
    # Two at least are hidden together, and they are large together: none is the difference.
    assert len(hidden) >= 2
    assert sum(cells[i] for i in hidden) >= PUBLIC.cell


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_is_that_of_its_rounded_numbers(part: int, rest: int) -> None:
    share = publish_share(part, part + rest)
    if share.percent is not None:
        assert share.part is not None
        assert share.whole is not None
        assert share.percent == 100 * share.part / share.whole
        assert part == 0 or part >= PUBLIC.cell
        assert rest == 0 or rest >= PUBLIC.cell
    assert publish_count(part) in (None, round_count(part))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from("uvwxyz")),
        st.integers(1, 40),
        max_size=14,
    )
)
def test_small_sessions_go_with_their_series_and_nobody_is_lost(
    present: dict[tuple[str, str], int],
) -> None:
    lines = roll_up(present)
    assert sum(count for _label, count in lines) == sum(present.values())
    small = [line for line in lines if line[1] < PUBLIC.cell]
    assert len(small) <= 1
    assert not small or small == [lines[-1]]


def test_a_small_session_of_a_series_is_told_with_the_others_of_it() -> None:
    lines = roll_up({("s", "Mardi"): 6, ("s", "Jeudi"): 7, ("", "Seule"): 3, ("", "Grande"): 20})
    assert [count for _label, count in lines] == [20, 13, 3]
    assert lines[-1][0] == "Autres séances"


def test_page_paper_and_file_say_the_same(
    client: LookingClient, make: Factory, crowd: list[User], tmp_path: Path
) -> None:
    published(client, make)
    page = text_of(client.get("/rapports/2026"))  # by anybody
    pdf = client.get("/rapports/2026.pdf").data
    assert_is_tagged(pdf, "Rapport 2026")
    paper = said_by(pdf, tmp_path)
    rows = list(csv.DictReader(io.StringIO(client.get("/rapports/2026.csv").text)))
    by_line = {(row["table"], row["line"]): row for row in rows}
    assert by_line["gender", "Femme"]["value"] == "20"  # eighteen
    assert by_line["gender", "Homme"]["value"] == "15"  # fourteen
    assert by_line["gender", "total"]["value"] == "30"
    assert ("sessions", "Atelier rare") not in by_line
    assert "Atelier rare" not in page + paper
    for words in ("Initiation à Python", "arrondis à 5", "Masqué"):
        assert words in page
        assert words in paper.replace("\n", " ")
    assert "18" not in {row["value"] for row in rows}


def test_what_is_published_does_not_change_whatever_happens_after(
    client: LookingClient, db: Session, make: Factory, crowd: list[User]
) -> None:
    published(client, make)
    before = [client.get(f"/rapports/2026{kind}").data for kind in (".csv", ".pdf")]
    come(db, [make.user() for _ in range(13)], "Venus depuis")
    assert crowd[0].profile is not None
    crowd[0].profile.gender = Gender.MAN
    db.commit()
    assert [client.get(f"/rapports/2026{kind}").data for kind in (".csv", ".pdf")] == before
    client.sign_in(make.user("coordinator"))
    again = publish(client, follow_redirects=True)
    assert "il ne change plus" in text_of(again)
    words = {"revision": "0", "summary": "Autre chose"}
    assert client.post("/rapports/2026/preparer", data=words).location == "/rapports/2026"
    assert [client.get(f"/rapports/2026{kind}").data for kind in (".csv", ".pdf")] == before


def test_a_report_published_by_who_reads_english_is_said_in_the_language_of_the_place(
    client: LookingClient, db: Session, make: Factory, crowd: list[User]
) -> None:
    client.sign_in(make.user("coordinator"))
    assert publish(client, headers={"Accept-Language": "en-GB"}).location == "/rapports/2026"
    report = find_report(db, 2026)
    assert report is not None
    assert report.snapshot is not None
    labels = [one["label"] for one in report.snapshot["indicators"]]
    assert "Remplissage des séances" in labels
    assert "Seats taken in sessions" not in labels


def test_a_year_is_published_only_once_it_is_over(
    client: LookingClient, make: Factory, crowd: list[User]
) -> None:
    client.sign_in(make.user("coordinator"))
    with clock.fixed_at(NEXT_YEAR - timedelta(days=10)):
        refused = publish(client, follow_redirects=True)
        assert "n’est pas finie" in text_of(refused)
        assert client.get("/rapports/2026/apercu").status_code == 200
    client.sign_out()
    assert client.get("/rapports/2026").status_code == 404
    assert client.get("/rapports/2026.pdf").status_code == 404


def test_a_draft_is_for_who_coordinates_and_two_at_once_do_not_overwrite(
    client: LookingClient, make: Factory, crowd: list[User]
) -> None:
    assert client.get("/rapports/2026/apercu").status_code in (302, 401)
    client.sign_in(make.user("facilitator"))
    assert client.get("/rapports/2026/preparer").status_code == 403
    client.sign_in(make.user("coordinator"))
    words = {
        "revision": "0",
        "summary": "**Une année** <script>alert(1)</script>",
        "obstacles": "Le chauffage.",
        "target-half_days": "=1+1",
    }
    assert client.post("/rapports/2026/preparer", data=words).status_code == 302
    stale = client.post("/rapports/2026/preparer", data={**words, "summary": "Écrasé"})
    assert stale.status_code == 422
    assert "pendant que vous écriviez" in text_of(stale)
    page = client.get("/rapports/2026/apercu").text
    assert "<strong>Une année</strong>" in page
    assert "<script>alert" not in page
    assert "Le chauffage." in page
    unread = publish(client, 0, follow_redirects=True)  # not the words that stand now
    assert "rien n’est publié" in text_of(unread)
    published(client, make, 1)
    rows = list(csv.DictReader(io.StringIO(client.get("/rapports/2026.csv").text)))
    [line] = [row for row in rows if row["line"] == "half_days"]
    assert line["target"] == "'=1+1"


def test_who_writes_as_somebody_else_does_keeps_their_words_reads_the_others_and_decides(
    client: LookingClient, make: Factory, crowd: list[User]
) -> None:
    page = "/rapports/2026/preparer"
    client.sign_in(make.user("coordinator"))
    first = {"revision": "0", "summary": "La leur", "obstacles": "Pareil.", "target-half_days": "9"}
    assert client.post(page, data=first).status_code == 302
    mine = {"revision": "0", "summary": "La mienne", "obstacles": "Pareil.", "levers": "Le café."}
    mine["target-half_days"] = ""
    refused = client.post(page, data=mine)
    said = text_of(refused)
    assert refused.status_code == 422
    assert "vos mots sont toujours ci-dessous" in said
    others = said.partition("Ce que quelqu’un a gardé")[2].partition("<form")[0]
    assert "La leur" in others
    assert "Pareil." not in others, "what both wrote is not told again"
    assert "Cible" in others
    assert re.search(r'<textarea[^>]*name="summary"[^>]*>\s*La mienne', refused.text)
    assert re.search(r'<textarea[^>]*name="levers"[^>]*>\s*Le café.', refused.text)
    seen = re.search(r'name="revision"[^>]*value="(\d+)"', refused.text)
    assert seen is not None
    again = client.post(page, data={**mine, "revision": seen[1]})
    assert again.status_code == 302
    preview = client.get("/rapports/2026/apercu").text
    assert "La mienne" in preview
    assert "La leur" not in preview
    assert client.post(page, data={**mine, "revision": seen[1]}).status_code == 422


def test_years_in_which_nothing_was_are_not_there(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("coordinator"))
    assert client.get("/rapports/2019/preparer").status_code == 404
    assert client.post("/rapports/2019/publier").status_code == 404
    for year in (1, 10**15):
        for page in ("", ".pdf", ".csv", "/preparer", "/apercu"):
            assert client.get(f"/rapports/{year}{page}").status_code == 404, page
        assert client.post(f"/rapports/{year}/publier").status_code == 404
    assert client.get("/rapports").status_code == 200


def test_what_was_published_of_the_year_before_is_said_again(
    client: LookingClient, db: Session, make: Factory, crowd: list[User]
) -> None:
    published(client, make)
    db.execute(update(Attendance).values(presence=Presence.ABSENT))  # corrected since
    db.commit()
    with clock.fixed_at(NEXT_YEAR + timedelta(days=370)):
        client.sign_in(make.user("coordinator"))
        assert publish(client, year=2027).location == "/rapports/2027"
        lines = {
            row["line"]: row
            for year in (2026, 2027)
            for row in csv.DictReader(io.StringIO(client.get(f"/rapports/{year}.csv").text))
            if row["table"] == "indicators" and row["line"] == "half_days" and year == 2027
        }
        first = list(csv.DictReader(io.StringIO(client.get("/rapports/2026.csv").text)))
    [then] = [row for row in first if row["line"] == "half_days"]
    assert lines["half_days"]["baseline"] == then["value"] != "0"


@pytest.mark.both_databases
def test_two_who_begin_a_report_at_once_lose_nothing(
    app: Flask, db: Session, make: Factory, crowd: list[User]
) -> None:
    words = Words("Bref", "", "", {})

    def write(mine: Session, number: int) -> object:
        return write_words(mine, 2026, words, revision=0, now=NEXT_YEAR)

    got = at_once(app, write)
    assert sorted(set(got)) == ["changed_meanwhile", "done"]
    assert got.count("done") == 1
