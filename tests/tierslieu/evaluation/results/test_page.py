"""The page of results and its paper: the figures are those of other tools, or hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas
import pingouin
import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.evaluation import T0, make_participants
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.papers import assert_is_tagged, said_by, spoken_by
from tests.support.results import (
    ITEMS,
    LATER,
    answer_waves,
    draw_answers,
    make_empty_study,
    make_known_study,
)
from tests.support.sessions import plain
from tests.support.surveys import make_own_study, settings
from tests.support.tongues import is_english, is_french
from tierslieu import clock
from tierslieu.evaluation.results.words import between, decimal, signed
from tierslieu.evaluation.statistics.change import measure_change
from tierslieu.people.models import ROLES
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import key_file
from tierslieu.surveys.studies.designing import begin_study


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


def words_in(page: str) -> str:
    """What a page shows, without its markup nor what is said in place of a drawing."""
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    main = re.sub(r"<(title|desc)>.*?</\1>", " ", main, flags=re.DOTALL)
    return plain(re.sub(r"<[^>]+>", " ", main))


def read(client: LookingClient, make: Factory, study: Study) -> str:
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}/resultats")
    assert page.status_code == 200
    return words_in(page.text)


def turned(answers: Sequence[Mapping[str, str] | None]) -> pandas.DataFrame:
    """The items as numbers, the reversed one turned round, by hand."""
    frame = pandas.DataFrame([{k: (one or {}).get(k) for k in ITEMS} for one in answers]).astype(
        float
    )
    frame["sure_d"] = 6 - frame["sure_d"]
    return frame


def table_row(words: str, *cells: str) -> bool:
    """Whether these cells follow each other."""
    return plain(" ".join(cells)) in words


@pytest.mark.both_databases
def test_scores_and_alpha_are_those_of_pandas_and_pingouin(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people, before, after = make_known_study(db, make)
    words = read(client, make, study)
    for answers in (before, [one for one in after if one]):
        frame = turned(answers)
        scores = frame.mean(axis=1)
        whole = frame.dropna()
        assert len(whole) < len(frame)
        alpha = pingouin.cronbach_alpha(whole)[0]
        assert table_row(
            words,
            "Assurance, de 1 à 5",
            str(len(scores)),
            decimal(scores.mean()),
            decimal(scores.std(ddof=1)),
            decimal(alpha),
            str(len(whole)),
            "4",
        )


def test_the_change_is_that_of_the_same_people(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people, before, after = make_known_study(db, make)
    words = read(client, make, study)
    first, last = turned(before[8:]).mean(axis=1), turned(after[8:]).mean(axis=1)
    pairs = [(round(a, 4), round(b, 4)) for a, b in zip(first, last, strict=True)]
    d_av = pingouin.compute_effsize(last, first, paired=True, eftype="cohen")
    found = measure_change(pairs)
    assert table_row(words, "Avant", "32", decimal(first.mean()), "Après", "32")
    assert table_row(
        words,
        "Différence moyenne",
        signed((last - first).mean()),
        between(found.difference_interval),
        "d_av",
        signed(d_av),
        between(found.d_av_interval),
    )
    assert "paires, il en faut" not in words


def test_too_few_pairs_to_conclude_is_said_with_how_many_it_takes(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, *_rest = make_known_study(db, make, left=16)
    words = read(client, make, study)
    assert "n trop petit pour conclure : 24 paires, il en faut 30 au moins." in words
    assert re.search(r"Alpha : n trop petit pour conclure. \d+ personnes", words)


def test_departures_are_counted_by_profile_and_small_groups_are_hidden(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, people, *_rest = make_known_study(db, make, left=12)
    # Women and men in turn: of twenty of each, six left. Five bands of eight: two or three each.
    words = read(client, make, study)
    assert "Parties : 12 personnes sur 40 (30 %)" in words
    assert table_row(words, "Femme", "20", "6", "30 %", "Homme", "20", "6", "30 %")
    assert table_row(words, "15-24 ans", "masqué", "masqué", "masqué")
    assert len(people) == 40


def test_the_paper_says_what_the_page_says(
    client: LookingClient, db: Session, make: Factory, tmp_path: Path
) -> None:
    study, *_rest = make_known_study(db, make, left=12)
    words = read(client, make, study)
    answer = client.get(f"/etudes/{study.id}/resultats.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    paper = said_by(answer.data, tmp_path)
    figures = r"[+−]?\d+,\d\d|\b\d+(?:,\d)? %"
    assert len(re.findall(figures, words)) > 20
    assert set(re.findall(figures, words)) == set(re.findall(figures, paper))
    tags = assert_is_tagged(answer.data, f"Résultats\u00a0: {study.title}")
    assert "/Figure" in tags


def test_fewer_than_ten_people_are_told_nothing_of(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, *_rest = make_known_study(db, make, left=0, count=9)
    words = read(client, make, study)
    assert "Masqué : moins de 10 personnes en tout" in words
    assert not re.search(r"\d,\d\d", words)
    assert "Tout à fait" not in words


def test_fewer_than_ten_pairs_hide_the_change_and_not_the_scores(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, *_rest = make_known_study(db, make, left=31)
    words = read(client, make, study)
    assert table_row(words, "Assurance, de 1 à 5", "40")
    assert "Différence moyenne :" not in words
    assert words.split("Évolution des mêmes personnes", 1)[1].count("moins de 10 personnes") == 2


def test_who_does_not_consent_is_in_the_rate_alone(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study = make_empty_study(db)
    people = make_participants(make, 20)
    people += make_participants(make, 20, consenting=False)
    answer_waves(db, people, ("before", draw_answers(40, 0, 1)))
    words = read(client, make, study)
    assert table_row(words, "Avant", "40", "40", "100 %")
    assert table_row(words, "Assurance, de 1 à 5", "20")
    assert "20 personnes, chacune par sa dernière réponse" in words


def test_a_second_sheet_takes_the_place_of_the_first(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, people = make_empty_study(db), make_participants(make, 12)
    once, twice = ({**dict.fromkeys(ITEMS, value), "sure_d": "3"} for value in ("1", "5"))
    answer_waves(db, people, ("before", [once] * 12), ("before", [twice] * 12))
    words = read(client, make, study)
    assert table_row(words, "Assurance, de 1 à 5", "12", decimal(4.5), decimal(0))


@pytest.mark.parametrize("role", ROLES)
def test_only_who_researches_reads_results(
    client: LookingClient, db: Session, make: Factory, role: str
) -> None:
    study = make_empty_study(db)
    client.sign_in(make.user(role))
    expected = 200 if role == "researcher" else 403
    for end in ("resultats", "resultats.pdf"):
        assert client.get(f"/etudes/{study.id}/{end}").status_code == expected


def test_the_results_of_a_study_are_for_those_who_run_it(
    client: LookingClient, db: Session, make: Factory
) -> None:
    mine, other = make.user("researcher"), make.user("researcher")
    study = make_own_study(db, mine, now=T0)
    for who, status in ((mine, 200), (other, 404)):
        client.sign_in(who)
        for end in ("resultats", "resultats.pdf"):
            assert client.get(f"/etudes/{study.id}/{end}").status_code == status
    assert f"/etudes/{study.id}/resultats" in client.sign_in(mine).get(f"/etudes/{study.id}").text


@pytest.mark.parametrize("waves", [0, 1, 2])
def test_a_study_without_answers_says_so(
    client: LookingClient, db: Session, make: Factory, waves: int
) -> None:
    study = make_empty_study(db)
    del study.waves[waves:]
    db.commit()
    words = read(client, make, study)
    assert client.get(f"/etudes/{study.id}/resultats.pdf").status_code == 200
    if waves == 0:
        assert "n’a encore aucune vague" in words
    else:
        assert words.count("Aucune réponse pour l’instant") == 2 * waves
    if waves < 2:
        assert "Il faut deux vagues" in words
        assert "Aucune échelle n’est dans deux vagues" in words
    else:
        assert "Personne n’est encore dans ce cas" in words


def test_a_draft_says_that_nobody_answered(
    client: LookingClient, db: Session, make: Factory
) -> None:
    researcher = make.user("researcher")
    study = begin_study(db, "Brouillon", researcher.id, now=T0)
    db.commit()
    page = client.sign_in(researcher).get(f"/etudes/{study.id}/resultats")
    assert "n’est pas encore ouverte" in words_in(page.text)
    assert client.get(f"/etudes/{study.id}/resultats.pdf").status_code == 200


def test_without_its_key_a_study_keeps_its_rates_and_departures(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, *_rest = make_known_study(db, make, left=12)
    path = path_of(settings().keys, key_file(study.slug))
    kept = path.read_bytes()
    path.unlink()
    try:
        words = read(client, make, study)
        assert client.get(f"/etudes/{study.id}/resultats.pdf").status_code == 200
    finally:
        path.write_bytes(kept)
    assert "La clé de cette étude n’est plus là" in words
    assert "Parties : 12 personnes sur 40" in words
    assert table_row(words, "Avant", "40", "40", "100 %")
    assert "Alpha" not in words


def test_the_paper_in_english_says_of_what_the_study_says_that_it_is_french(
    client: LookingClient, db: Session, make: Factory, tmp_path: Path
) -> None:
    study, *_rest = make_known_study(db, make, left=12)
    study.title = "Une étude sur ce que l’on apprend"
    db.commit()
    client.sign_in(make.user("researcher"))
    english = {"Accept-Language": "en-GB"}
    answer = client.get(f"/etudes/{study.id}/resultats.pdf", headers=english)
    said = spoken_by(answer.data, tmp_path)
    assert ("fr", study.title) in said
    assert ("en", "Response rate") in said
    assert not [words for language, words in said if language == "en" and is_french(words)]
    assert not [words for language, words in said if language == "fr" and is_english(words)]
