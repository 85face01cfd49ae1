"""Whatever colour a place chooses, what is drawn in its tones can be read."""

from __future__ import annotations

import pytest
from coloraide import Color
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tierslieu.place.colours import (
    SCHEMES,
    grounds,
    house_accent,
    house_tokens,
    is_readable,
    nearest,
    samples,
    stylesheet,
    tones,
)
from tierslieu.web.contrast import contrast, mix

AWKWARD = ("#ffff00", "#ffd1dc", "#000000", "#0000ff", "#ffffff", "#808080", "#00ff00", "#d88002")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def any_colour(test: object) -> object:
    """Any of the sixteen millions, and always the awkward ones."""
    for colour in AWKWARD:
        test = example(colour)(test)  # type: ignore[arg-type]
    return settings(max_examples=60, deadline=None)(given(COLOURS)(test))  # type: ignore[arg-type]


def hue(colour: str) -> tuple[float, float]:
    _lightness, chroma, angle = Color(colour).convert("oklch").coords(nans=False)
    return chroma, angle


@any_colour
def test_words_and_controls_in_the_tones_of_any_colour_can_be_read_in_every_scheme(
    colour: str,
) -> None:
    for scheme in SCHEMES:
        made, house = tones(colour, scheme), house_tokens()[scheme]
        washes = [value for name, value in house.items() if name.endswith("-wash")]
        assert len(washes) == 4
        under = [mix(house[name], house["ink"], 0.06) for name in ("paper", "card")]  # the pointer
        for ground in (house["paper"], house["card"], made.wash, *washes, *under):
            assert contrast(made.accent, ground) >= 4.5  # words; controls need 3
        assert contrast(made.ink, made.accent) >= 4.5
        assert contrast(made.ink, mix(made.accent, house["ink"], 0.12)) >= 4.5  # under the pointer
        for word in ("ink", "soft", "mer", "olive", "terra"):
            assert contrast(house[word], made.wash) >= 4.5


@any_colour
def test_the_nearest_colour_that_can_be_read_keeps_its_hue_and_goes_no_further_than_it_must(
    colour: str,
) -> None:
    found = nearest(colour)
    assert is_readable(found)
    assert nearest(found) == found
    if is_readable(colour):
        assert found == colour
        return
    # At the edge: the darkest ground is read at hardly more than 4.5.
    assert min(contrast(found, ground) for ground in grounds("light")) < 4.75
    (was_chroma, was), (chroma, angle) = hue(colour), hue(found)
    if min(was_chroma, chroma) > 0.03:  # a grey has no hue to keep
        turned = abs(was - angle) % 360
        assert min(turned, 360 - turned) < 3  # what 256 steps a channel leave of a pale colour


def test_the_colour_stands_as_it_was_chosen_on_light_pages_where_it_can_be_read() -> None:
    assert house_accent() == "#a8401f"
    for colour in (house_accent(), "#000000", "#0000ff", "#0e5a6d"):
        assert tones(colour, "light").accent == colour
    for colour in ("#ffff00", "#ffd1dc", "#ffffff"):
        assert not is_readable(colour)


@pytest.mark.parametrize("colour", AWKWARD)
def test_the_stylesheet_names_every_tone_for_light_dark_and_paper(colour: str) -> None:
    sheet = stylesheet(colour)
    for name in ("--accent:", "--accent-ink:", "--accent-wash:", "--link:"):
        assert sheet.count(name) == 3
    assert sheet.index("prefers-color-scheme: dark") < sheet.index("print")
    assert "--paper: #141a24" in samples(colour)
