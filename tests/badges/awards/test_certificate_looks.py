"""Whatever the badge’s colours, a certificate can be read, in the fonts of the pages."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badges.designs.colours import COLOURS, INK, OWN, PAPER, palette_of, print_of
from tests.support.paper_fonts import CUTS, FONTS, cut
from tierslieu.web.contrast import contrast

COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(ground=COLOUR, mark=COLOUR)
def test_words_can_be_read_on_any_badges_colours(ground: str, mark: str) -> None:
    lent = print_of(palette_of(OWN, ground, mark))
    assert contrast(INK, lent.tint) >= 4.5
    assert contrast(lent.accent, lent.tint) >= 4.5
    assert contrast(lent.accent, PAPER) >= 4.5


@pytest.mark.parametrize("name", sorted(COLOURS))
def test_words_can_be_read_on_the_houses_colours(name: str) -> None:
    lent = print_of(palette_of(name), name)
    assert contrast(INK, lent.tint) >= 4.5
    assert min(contrast(lent.accent, ground) for ground in (PAPER, lent.tint)) >= 4.5


@pytest.mark.parametrize("name", sorted(CUTS))
def test_its_fonts_are_those_of_the_pages_at_one_weight(name: str) -> None:
    from fontTools.ttLib import TTFont

    saved = io.BytesIO()
    cut(*CUTS[name]).save(saved)
    shipped, ours = TTFont(FONTS / f"{name}.woff2"), TTFont(saved)
    assert shipped["head"].modified == ours["head"].modified
    assert "fvar" not in shipped
    for glyph in ("A", "e", "eacute", "Lslash"):
        if glyph in ours.getGlyphOrder():
            drawn, expected = shipped["glyf"][glyph], ours["glyf"][glyph]
            assert drawn.getCoordinates(shipped["glyf"]) == expected.getCoordinates(ours["glyf"])
            assert shipped["hmtx"][glyph] == ours["hmtx"][glyph]
