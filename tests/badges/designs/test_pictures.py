"""The pictures of badges, drawn here."""

from __future__ import annotations

import hashlib
import io
import itertools
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
import weasyprint
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from badges.designs import lettering
from badges.designs.lettering import MAX_LETTERS, SMALLEST, unknown_letters
from badges.designs.pictures import (
    COLOURS,
    ICONS,
    NO_ICON,
    OWN,
    PNG_SIDE,
    SHAPES,
    Drawing,
    draw,
    draw_png,
    letter,
    to_png,
)
from badges.designs.rules import check_drawing
from tierslieu.errors import Refused
from tierslieu.web.contrast import contrast
from tierslieu.web.markdown import render_markdown

COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
LETTERS = "abcdefghijklmnopqrstuvwxyzéèêàçœùïABCDEFGHIJKLMNOPQRSTUVWXYZÉÀŒŁ0123456789 -’.&"


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


def test_what_was_drawn_before_texts_and_free_colours_came_is_drawn_the_same() -> None:
    every = itertools.product(SHAPES, COLOURS, ICONS)
    text = "".join(draw(Drawing(*one)) for one in every)
    known = "b8aaf4a5a0eecca5ba741d050a89d5c6e9283d4dea731356c08f1b0e1005749e"
    assert hashlib.sha256(text.encode()).hexdigest() == known


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#767676", "#ffffff", 4.54),  # the grey that just passes
        ("#777777", "#ffffff", 4.48),
        ("#0a4656", "#0a4656", 1.0),
    ],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(COLOUR, COLOUR)
def test_contrast_does_not_depend_on_which_comes_first(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_the_ready_pairs_can_be_read() -> None:
    for name in COLOURS:
        silent = Drawing("circle", name, "code").palette
        worded = Drawing("circle", name, "code", "SNT").palette
        assert contrast(silent.deep, silent.light) >= 3
        assert contrast(worded.deep, worded.light) >= 4.5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ground=COLOUR, mark=COLOUR, text=st.sampled_from(["", "SNT"]))
@example(ground="#777777", mark="#ffffff", text="SNT")  # 4.48: rounded, it would read 4.5
def test_two_colours_too_near_are_refused_with_their_ratio(
    app: Flask, ground: str, mark: str, text: str
) -> None:
    least = 4.5 if text else 3.0
    drawing = Drawing("circle", OWN, "code", text, ground, mark)
    if contrast(ground, mark) >= least:
        check_drawing(drawing)
        return
    with pytest.raises(Refused) as refused:
        check_drawing(drawing)
    assert (refused.value.code, refused.value.field) == ("contrast_low", "mark")
    told = float(refused.value.message.split("est de ")[1].split(" ")[0].replace(",", "."))
    assert told < least, "what falls short must not read as enough"


@pytest.mark.parametrize(
    ("drawing", "code"),
    [
        (Drawing("circle", "mer", NO_ICON), "text_missing"),
        (Drawing("circle", "mer", "code", "a" * (MAX_LETTERS + 1)), "text_too_long"),
        (Drawing("shield", "mer", "code", "Wwwwwwwwwwwwwwwwww"), "text_too_small"),
        (Drawing("circle", "mer", "code", "日本"), "text_unknown"),
        (Drawing("circle", "mer", "code", "a😀"), "text_unknown"),
        (Drawing("circle", OWN, "code", "", "red", "#000000"), "picture"),
        (Drawing("circle", OWN, "code", "", '"/><script>', "#000000"), "picture"),
        (Drawing("circle", "rose", "code"), "picture"),
        (Drawing("triangle", "mer", "code"), "picture"),
        (Drawing("circle", "mer", "passwd"), "picture"),
    ],
)
def test_a_picture_that_could_not_be_read_is_refused(
    app: Flask, drawing: Drawing, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_drawing(drawing)
    assert refused.value.code == code


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(SHAPES)),
    st.sampled_from(["code", NO_ICON]),
    st.text(LETTERS, max_size=MAX_LETTERS),
)
def test_any_text_is_outlines_inside_its_band(shape: str, icon: str, text: str) -> None:
    """Never a letter that needs a font."""
    assert not unknown_letters(text)
    drawing = Drawing(shape, "mer", icon, text)
    tree = ElementTree.fromstring(draw(drawing))
    assert {e.tag.rpartition("}")[2] for e in tree.iter()} <= {"svg", "path", "g", "circle"}
    laid = letter(drawing)
    assert bool(laid.path) == bool(text.strip())
    assert laid.size <= 54


@pytest.mark.parametrize(("shape", "icon"), list(itertools.product(SHAPES, ["code", NO_ICON])))
def test_the_longest_words_stay_inside_the_shape(shape: str, icon: str) -> None:
    """What differs from the picture without words lies within the inner line."""
    inside = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" width="240" height="240">'
        f'<path d="{SHAPES[shape](86)}"/></svg>'
    )
    within = Image.open(io.BytesIO(to_png(inside))).getchannel("A")
    for text in ("Programmer Python", "Apprendre ensemble", "ÉVALUER ÇÀ", "gpqy gpqy gpqy"):
        words = Image.open(io.BytesIO(draw_png(Drawing(shape, "mer", icon, text)))).convert("RGB")
        silent = Image.open(io.BytesIO(draw_png(Drawing(shape, "mer", icon)))).convert("RGB")
        changed = ImageChops.difference(words, silent).convert("L").point(lambda v: 255 * (v > 8))
        outside = ImageChops.multiply(changed, ImageChops.invert(within))
        assert outside.getbbox() is None, text


def test_many_who_draw_at_once_all_draw_the_same() -> None:
    """The font's file is read bit by bit: two readers at once would spoil it for each other."""
    words = [Drawing("circle", "mer", "code", f"{a}{b} {b}{a}") for a in "ÀÉÏŁŹ" for b in "œçßğŵ"]
    lettering._faces.cache_clear()
    lettering._glyph.cache_clear()
    draw.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(draw, words * 4))
    draw.cache_clear()
    assert together == [draw(one) for one in words * 4]


def test_words_that_can_be_cut_are_larger_than_one_that_cannot() -> None:
    long = letter(Drawing("shield", "mer", "code", "Apprendreensemble")).size
    cut = letter(Drawing("shield", "mer", "code", "Apprendre ensemble")).size
    assert cut > long
    assert cut > SMALLEST


def test_a_picture_is_the_same_on_paper_as_on_a_page(tmp_path: Path) -> None:
    """Drawn by WeasyPrint and read by Poppler, beside what resvg draws."""
    drawing = Drawing("flower", OWN, "robot", "Œuvre à Łódź", "#5b2a86", "#ffe9a8")
    (tmp_path / "badge.svg").write_text(draw(drawing), "utf-8")
    page = (
        "<style>@page{size:240px 240px;margin:0}body{margin:0;background:#fff}</style>"
        '<img src="badge.svg" style="width:240px;height:240px;display:block">'
    )
    weasyprint.HTML(string=page, base_url=f"{tmp_path.as_uri()}/").write_pdf(tmp_path / "a.pdf")
    subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-scale-to", "480", tmp_path / "a.pdf", tmp_path / "a"],
        check=True,
    )
    paper = Image.open(tmp_path / "a.png").convert("RGB")
    drawn = Image.open(io.BytesIO(draw_png(drawing))).convert("RGBA").resize(paper.size)
    page_ = Image.new("RGB", paper.size, "#fff")
    page_.paste(drawn, mask=drawn)
    difference = ImageStat.Stat(ImageChops.difference(paper, page_)).mean
    assert max(difference) < 4, "of 255, on average: edges are softened otherwise, no more"


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
