"""What several pages are made of is laid out on each of them; shares are said as one
writes them in the language of the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, get_template_attribute
from flask_babel import force_locale

ROOT = Path(__file__).parents[3]
TEMPLATES, CSS = ROOT / "templates", ROOT / "tierslieu" / "static" / "css"


def test_what_lays_out_the_roll_of_a_desk_on_a_phone_is_on_every_page_that_has_one() -> None:
    pages = [path.name for path in TEMPLATES.rglob("*.html") if "roll desk" in path.read_text()]
    assert pages
    rule = ".roll.desk > li > .who"
    assert rule in (CSS / "parts.css").read_text("utf-8"), "every page links the parts"
    assert [path.name for path in CSS.glob("pages/*.css") if rule in path.read_text()] == []


@pytest.mark.parametrize(
    ("locale", "said"), [("fr_FR", "45,3\xa0%"), ("en_GB", "45.3%")]
)  # fmt: skip
def test_a_share_that_is_drawn_is_written_as_its_language_does(
    app: Flask, locale: str, said: str
) -> None:
    with app.test_request_context("/"), force_locale(locale):
        bars = get_template_attribute("_parts/charts.html", "bars")
        drawn = str(bars([("A", 45.3)], "Part", "%"))
        days = str(bars([("A", 3)], "Jours", "j"))
    assert drawn.count(said) == 3
    assert "3\xa0j" in days
