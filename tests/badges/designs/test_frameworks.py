"""The competency frameworks shipped, and finding an item in them."""

from __future__ import annotations

import pytest

from badges.designs.frameworks import find_skill, list_skills, search_skills


def test_every_item_has_an_address_and_a_key_of_its_own() -> None:
    skills = list_skills()
    assert len(skills) > 100
    assert len({skill.key for skill in skills}) == len(skills)
    assert all(skill.url.startswith(("https://", "http://data.europa.eu/")) for skill in skills)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("crcn 3.4", "CRCN:3.4"),
        ("CRCN Programmer", "CRCN:3.4"),
        ("édu évaluer certifier", "CRCN_EDU:5.2"),
        ("edu evaluer certifier", "CRCN_EDU:5.2"),
        ("python", "ESCO:ccd0a1d9"),
        ("SNT Seconde", "PROGRAMMES:SNT-2nde"),
        ("d'information", "CRCN:1.1"),
    ],
)
def test_an_item_is_found_by_word_or_code_with_or_without_accents(typed: str, first: str) -> None:
    assert search_skills(typed)[0].key == first


def test_nothing_typed_or_nothing_alike_finds_nothing() -> None:
    assert search_skills("") == []
    assert search_skills("   ") == []
    assert search_skills("macramé") == []
    assert find_skill("CRCN:99") is None


def test_an_item_of_esco_is_named_without_its_number() -> None:
    skill = find_skill("ESCO:ccd0a1d9")
    assert skill is not None
    assert skill.label == "ESCO Python (computer programming)"
    assert skill.url == "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("CRCN 1.2", "CRCN:1.2"),
        ("CRCN Édu 1.2", "CRCN_EDU:1.2"),
        ("DigComp 3.4", "DIGCOMP:3.4"),
        ("DigCompEdu 3.4", "DIGCOMPEDU:3.4"),
        ("ESCO 21d2f96d", "ESCO:21d2f96d"),
        ("UNESCO IA 1.1", "UNESCO_AI_CFT:1.1"),
    ],
)
def test_each_framework_is_there_and_named_it_comes_before_those_that_resemble_it(
    typed: str, first: str
) -> None:
    assert search_skills(typed)[0].key == first
