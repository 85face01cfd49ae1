"""Who runs the place chooses its colour: seen first, kept only if it can be read, taken back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.tierslieu.admin.test_place import acts, numbers
from tierslieu.place.colours import nearest

pytestmark = pytest.mark.both_databases
PLACE = "/administration/lieu"
COLOURS = f"{PLACE}/couleurs"
GREEN, YELLOW = "#1a6b3c", "#ffff00"


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def sheet_of(client: LookingClient) -> str | None:
    """The address of the stylesheet of the place's colour, as a page names it."""
    found = re.search(r'href="(/lieu/couleurs/[0-9a-f]{16}\.css)"', client.get("/lieu").text)
    return found[1] if found else None


def test_a_colour_chosen_is_on_every_page_by_a_stylesheet_that_may_be_kept(
    db: Session, admin: LookingClient
) -> None:
    assert sheet_of(admin) is None
    assert admin.get("/lieu/couleurs/0123456789abcdef.css").status_code == 404
    assert (
        admin.post(COLOURS, data={"seen": 0, "accent": " 1A6B3C ", "shown": ""}).status_code == 302
    )
    address = sheet_of(admin)
    assert address is not None
    answer = admin.get(address)
    assert f"--accent: {GREEN};" in answer.text
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = admin.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    # A page drawn before the last change names an address that nobody shall keep for a year.
    old = admin.get("/lieu/couleurs/0123456789abcdef.css")
    assert old.headers["Cache-Control"] == "public, no-cache"
    assert acts(db) == ["place_changed"]


def test_a_colour_that_cannot_be_read_is_not_kept_and_the_nearest_is_one_button_away(
    db: Session, admin: LookingClient
) -> None:
    answer = admin.post(COLOURS, data={"seen": 0, "accent": YELLOW, "shown": ""})
    assert answer.status_code == 422
    offered = nearest(YELLOW)
    assert "trop claire" in answer.text
    assert f'name="take" value="{offered}"' in answer.text
    assert numbers(db) == []
    taken = {"seen": 0, "accent": YELLOW, "shown": YELLOW, "picked": YELLOW, "take": offered}
    assert admin.post(COLOURS, data=taken).status_code == 302
    address = sheet_of(admin)
    assert address is not None
    assert f"--accent: {offered};" in admin.get(address).text


def test_a_preview_shows_both_schemes_and_keeps_nothing(db: Session, admin: LookingClient) -> None:
    answer = admin.post(COLOURS, data={"seen": 0, "accent": GREEN, "shown": "", "do": "preview"})
    assert answer.status_code == 200
    assert f'href="{COLOURS}/1a6b3c.css"' in answer.text
    assert f'value="{GREEN}"' in answer.text
    sample = admin.get(f"{COLOURS}/1a6b3c.css")
    assert ".scheme-dark" in sample.text
    assert f"--accent: {GREEN};" in sample.text
    assert admin.get(f"{COLOURS}/rouge.css").status_code == 404
    assert admin.get(f"{COLOURS}/maison.css").status_code == 200
    assert numbers(db) == []


def test_of_the_palette_and_the_field_the_one_that_was_changed_counts(
    db: Session, admin: LookingClient
) -> None:
    house = "#a8401f"
    nothing = {"seen": 0, "accent": "", "shown": "", "picked": house}
    page = admin.post(COLOURS, data=nothing, follow_redirects=True).text
    assert "Rien n’a changé" in page
    assert admin.post(COLOURS, data={**nothing, "picked": GREEN}).status_code == 302
    assert f"Couleur choisie\u00a0: {GREEN}" in admin.get(PLACE).text
    other = {"seen": 1, "accent": "#0e5a6d", "shown": GREEN, "picked": GREEN}
    assert admin.post(COLOURS, data=other).status_code == 302
    assert "#0e5a6d" in admin.get(PLACE).text
    emptied = {"seen": 2, "accent": "", "shown": "#0e5a6d", "picked": "#0e5a6d"}
    assert admin.post(COLOURS, data=emptied).status_code == 302
    assert sheet_of(admin) is None


def test_what_is_no_colour_is_refused_beside_its_field(db: Session, admin: LookingClient) -> None:
    for wrong in ("rouge", "#12345", "#1234567", "url(x)", "#ggg;}"):
        answer = admin.post(COLOURS, data={"seen": 0, "accent": wrong, "shown": ""})
        assert answer.status_code == 422
        assert "six chiffres" in answer.text
    admin.post(COLOURS, data={"seen": 0, "take": "};a{"})
    assert numbers(db) == []


def test_the_colour_is_taken_back_like_everything_else_the_place_says(
    db: Session, admin: LookingClient
) -> None:
    admin.post(COLOURS, data={"seen": 0, "accent": GREEN, "shown": ""})
    other = {"seen": 0, "accent": "#0e5a6d", "shown": ""}
    assert admin.post(COLOURS, data=other).status_code == 409  # somebody was faster
    assert admin.post(f"{PLACE}/annuler", data={"seen": 1}).status_code == 302
    assert sheet_of(admin) is None
    assert acts(db) == ["place_changed", "place_taken_back"]
