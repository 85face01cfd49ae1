"""What an instrument may be, and what may be answered to it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask

from tierslieu.surveys.instruments.checking import BadAnswers, check_answers
from tierslieu.surveys.instruments.items import ItemKind
from tierslieu.surveys.instruments.reading import (
    check_names,
    content_hash,
    load_shipped,
    read_questionnaire,
)
from tierslieu.surveys.studies.opening import WAVES

SHIPPED = {content["slug"]: content for content in load_shipped()}


@pytest.fixture(autouse=True)
def _sentences(app: Flask) -> None:
    """Sentences are in the place's language: they need the application."""


@pytest.fixture
def session_page() -> tuple[Any, ...]:
    return read_questionnaire(SHIPPED["apres-seance"]).pages[1].items


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_every_shipped_instrument_is_whole_and_says_its_licence(slug: str) -> None:
    content = SHIPPED[slug]
    questionnaire = read_questionnaire(content)
    assert all(content[fact] for fact in ("licence", "source", "scoring"))
    assert all(item.text and item.label for item in questionnaire.items())
    for item in questionnaire.items():
        if item.kind is ItemKind.LIKERT:
            assert [option.value for option in item.options] == [1, 2, 3, 4, 5]
            assert all(option.label for option in item.options)


def test_the_ai_literacy_scale_is_the_one_its_authors_kept() -> None:
    """Table 2 of Laupichler et al. (2023): 39 items less the eight that were eliminated."""
    content = SHIPPED["snail"]
    rows = [row for page in content["pages"] for item in page["items"] for row in item["rows"]]
    eliminated = {3, 7, 9, 10, 11, 26, 27, 38}
    kept = [number for number in range(1, 40) if number not in eliminated]
    assert [row["name"] for row in rows] == [f"v{number:02d}" for number in kept]
    scales = {
        scale["name"]: {int(name[-2:]) for name in scale["items"]} for scale in content["scales"]
    }
    assert {name: len(items) for name, items in scales.items()} == {
        "technical": 14,
        "critical": 10,
        "practical": 7,
    }
    assert sorted(number for items in scales.values() for number in items) == kept
    assert {14, 17, 30, 5} < scales["technical"]
    assert {35, 34, 25, 32} < scales["critical"]
    assert {37, 2, 31, 19} < scales["practical"]
    assert content["validated_languages"] == ["en"]
    assert "non validée" in content["pages"][0]["intro"]["fr"]


def test_free_text_is_preceded_by_a_warning_about_names() -> None:
    for content in SHIPPED.values():
        for page in read_questionnaire(content).pages:
            if any(item.kind is ItemKind.TEXT for item in page.items):
                assert "sans nommer personne" in page.intro


def test_every_item_of_every_wave_has_a_name_that_files_accept() -> None:
    for wave in WAVES:
        check_names(read_questionnaire(SHIPPED[wave.instrument]), wave.slug)
    with pytest.raises(ValueError, match="trop long"):
        check_names(read_questionnaire(SHIPPED["apres-seance"]), "a_wave_with_a_very_long_name")
    named_n = copy.deepcopy(SHIPPED["apres-seance"])
    named_n["pages"][0]["items"][0]["name"] = "n"
    with pytest.raises(ValueError, match="compte les questionnaires"):  # n_<wave> is the count
        check_names(read_questionnaire(named_n), "t1")


def test_one_letter_changed_is_another_content() -> None:
    changed = copy.deepcopy(SHIPPED["apres-seance"])
    changed["pages"][0]["items"][0]["text"] += "."
    assert content_hash(changed) != content_hash(SHIPPED["apres-seance"])
    assert content_hash(dict(reversed(changed.items()))) == content_hash(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Nom"}, "ne convient pas"),
        ({"label": "x" * 81}, "80 caractères"),
        ({"options": [{"value": 1, "label": "oui"}]}, "deux réponses possibles"),
        (
            {"options": [{"value": 1, "label": ""}, {"value": 2, "label": "b"}]},
            "un libellé et un",
        ),
    ],
)
def test_an_ill_made_instrument_is_refused(change: dict[str, Any], message: str) -> None:
    content = copy.deepcopy(SHIPPED["apres-seance"])
    content["pages"][0]["items"][0].update(change)
    with pytest.raises(ValueError, match=message):
        read_questionnaire(content)


def test_an_item_that_stands_twice_is_refused() -> None:
    content = copy.deepcopy(SHIPPED["apres-seance"])
    content["pages"][1]["items"][0]["name"] = "usefulness"
    with pytest.raises(ValueError, match="déjà"):
        read_questionnaire(content)


def test_preferring_not_to_answer_is_not_the_same_as_leaving_empty(
    session_page: tuple[Any, ...],
) -> None:
    kept = check_answers(session_page, {"welcome": "-98", "practice_min__refus": "y"})
    assert kept["welcome"] == "-98"
    assert kept["practice_min"] == "-98"
    assert kept["ease"] is None


def test_numbers_are_read_as_people_write_them(session_page: tuple[Any, ...]) -> None:
    assert check_answers(session_page, {"practice_min": " 045 "})["practice_min"] == "45"


@pytest.mark.parametrize(
    "values",
    [
        {"welcome": "6"},
        {"welcome": "0"},
        {"welcome": "-97"},
        {"welcome": "-99"},
        {"welcome": "quatre"},
        {"took_part": "4"},
        {"practice_min": "481"},
        {"practice_min": "-1"},
        {"practice_min": "12,5"},
        {"practice_min": "²"},
        {"practice_min": "9" * 40},
        {"unknown": "1"},
        {"welcome__refus": "y", "__refus": "y"},
    ],
)
def test_an_impossible_answer_is_refused_with_a_sentence(
    session_page: tuple[Any, ...], values: dict[str, str]
) -> None:
    with pytest.raises(BadAnswers) as refused:
        check_answers(session_page, values)
    assert set(refused.value.faults) <= set(values)
    assert all(sentence.endswith(".") for sentence in refused.value.faults.values())


def test_every_fault_of_a_page_is_told_at_once(session_page: tuple[Any, ...]) -> None:
    with pytest.raises(BadAnswers) as refused:
        check_answers(session_page, {"welcome": "9", "practice_min": "mille"})
    assert set(refused.value.faults) == {"welcome", "practice_min"}


def test_text_too_long_or_with_invisible_characters_is_refused() -> None:
    items = read_questionnaire(SHIPPED["apres-seance"]).pages[2].items
    assert check_answers(items, {"keeps": "é" * 1000})["keeps"] == "é" * 1000
    for text in ("é" * 1001, "zéro\x00"):
        with pytest.raises(BadAnswers):
            check_answers(items, {"keeps": text})


def test_a_required_item_may_wait_only_while_one_is_not_done() -> None:
    items = read_questionnaire(SHIPPED["apres-seance"]).pages[0].items
    assert set(check_answers(items, {}, partial=True).values()) == {None}
    with pytest.raises(BadAnswers) as refused:
        check_answers(items, {"usefulness": "-98", "clarity": "3"})
    assert set(refused.value.faults) == {"pace"}
