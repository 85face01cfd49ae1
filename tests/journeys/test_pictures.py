"""The pictures of the documentation show pages that still say what is cited beside them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from documentation.building import DOCS
from documentation.pictures import FOLDER, PICTURES, page_of
from tests.support.served import ServedPlace

FIRST_STEPS = sorted(p for folder in ("fr", "en") for p in (DOCS / folder).glob("*.md"))
CITED = re.compile(r"«\u202f([^»]+)\u202f»|“([^”]+)”")


def test_each_picture_is_there_small_and_shown_where_it_is_said_to_be() -> None:
    for page in FIRST_STEPS:
        name = str(page.relative_to(DOCS))
        shown = set(re.findall(r"\]\(\.\./pictures/([\w-]+)\.webp\)", page.read_text("utf-8")))
        assert shown == {p.name for p in PICTURES if name in p.pages}, name
    sizes = [(FOLDER / f"{picture.name}.webp").stat().st_size for picture in PICTURES]
    assert max(sizes) < 60_000
    assert sum(sizes) < 1_000_000


@pytest.mark.parametrize("name", [str(p.relative_to(DOCS)) for p in FIRST_STEPS])
def test_what_a_page_cites_is_still_on_the_pages_it_shows(
    browser: Browser, place: ServedPlace, name: str
) -> None:
    text = (DOCS / name).read_text("utf-8")
    cited = {next(filter(None, words)) for words in CITED.findall(text)}
    said = ""
    for picture in PICTURES:
        if name in picture.pages:
            with page_of(browser, place.url, picture) as page:
                said += page.inner_text("body")
    assert cited
    assert [words for words in sorted(cited) if words not in said] == []
