"""The tab of a page and the browser around it bear the sign and the colour of the place."""

from __future__ import annotations

import re

import pytest

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.tierslieu.admin.test_logo import picture, send
from tierslieu.place import colours
from tierslieu.web.contrast import contrast

pytestmark = pytest.mark.both_databases
COLOURS = "/administration/lieu/couleurs"
ICON = re.compile(r'<link rel="icon" href="([^"]+)"(?: type="[^"]+")?(?: media="([^"]+)")?>')
THEME = re.compile(r'<meta name="theme-color" media="[^"]*(light|dark)\)" content="([^"]+)">')
LIGHT, DARK = "(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def icons(client: LookingClient) -> dict[str, str]:
    return {media: address for address, media in ICON.findall(client.get("/agenda").text)}


def theme(client: LookingClient) -> dict[str, str]:
    return dict(THEME.findall(client.get("/agenda").text))


def test_until_a_place_chooses_both_are_those_of_the_house(admin: LookingClient) -> None:
    assert icons(admin) == {"": "/static/img/favicon.svg"}
    tokens = colours.house_tokens()
    assert theme(admin) == {one: tokens[one]["paper"] for one in ("light", "dark")}


def test_the_colour_of_the_place_is_that_of_its_sign_in_both_schemes(admin: LookingClient) -> None:
    assert admin.post(COLOURS, data={"seen": 0, "accent": "#0e5a6d"}).status_code == 302
    found = icons(admin)
    assert set(found) == {LIGHT, DARK}
    for scheme, media in (("light", LIGHT), ("dark", DARK)):
        tone = colours.tones("#0e5a6d", scheme)
        answer = admin.get(found[media])
        assert answer.mimetype == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert f'fill="{tone.accent}"' in answer.text
        assert f'stroke="{tone.ink}"' in answer.text
        assert contrast(tone.accent, tone.ink) >= 3
        again = admin.get(found[media], headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert theme(admin) == {one: colours.tones("#0e5a6d", one).wash for one in ("light", "dark")}
    old = admin.get("/lieu/icone/light/0123456789abcdef.svg")
    assert old.headers["Cache-Control"] == "public, no-cache"


def test_a_logo_that_fits_a_small_square_is_the_sign_and_a_wide_one_is_not(
    admin: LookingClient,
) -> None:
    assert admin.get("/lieu/icone/light/0123456789abcdef.svg").status_code == 404
    assert send(admin, 0, light=picture(size=(600, 200))) == 302
    assert icons(admin) == {"": "/static/img/favicon.svg"}
    assert send(admin, 1, light=picture(size=(200, 200))) == 302
    ((media, address),) = icons(admin).items()
    assert media == ""
    assert re.fullmatch(r"/lieu/logo/[0-9a-f]{64}\.png", address)
    assert send(admin, 2, dark=picture(size=(200, 210))) == 302
    both = icons(admin)
    assert set(both) == {LIGHT, DARK}
    assert both[LIGHT] == address != both[DARK]
    assert admin.get(both[DARK]).mimetype == "image/png"
