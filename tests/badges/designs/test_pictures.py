"""The pictures of badges, drawn here."""

from __future__ import annotations

import io
import itertools
from xml.etree import ElementTree

import pytest
from PIL import Image

from badges.designs.markdown import render_markdown
from badges.designs.pictures import COLOURS, ICONS, PNG_SIDE, SHAPES, Drawing, draw, draw_png


@pytest.mark.parametrize(("shape", "colour"), list(itertools.product(SHAPES, COLOURS)))
def test_every_shape_in_every_colour_is_a_picture_with_something_on_it(
    shape: str, colour: str
) -> None:
    ElementTree.fromstring(draw(Drawing(shape, colour, "code")))
    picture = Image.open(io.BytesIO(draw_png(Drawing(shape, colour, "code"))))
    assert picture.size == (PNG_SIDE, PNG_SIDE)
    assert picture.getpixel((1, 1))[3] == 0, "transparent around the shape"
    ground = tuple(int(COLOURS[colour].deep[i : i + 2], 16) for i in (1, 3, 5))
    assert picture.getpixel((PNG_SIDE // 2, PNG_SIDE // 4))[:3] == ground


def test_every_sign_is_drawn_differently() -> None:
    assert len({draw_png(Drawing("circle", "mer", icon)) for icon in ICONS}) == len(ICONS)


def test_criteria_are_shown_without_anything_that_acts() -> None:
    html = render_markdown(
        "# Grand\n\n**gras** <script>alert(1)</script> <img src=x onerror=alert(1)>\n\n"
        "[mauvais](javascript:alert(1)) [bon](https://example.org) ![i](https://example.org/i.png)"
    )
    assert "<strong>gras</strong>" in html
    assert "<h3>Grand</h3>" in html
    assert '<a href="https://example.org" rel="noopener nofollow">bon</a>' in html
    for bad in ("<script", "<img", 'href="javascript', "<h1"):
        assert bad not in html
