"""The colours of badges: ready pairs, or two of one's own that can be told apart."""

from __future__ import annotations

import re
from typing import NamedTuple

OWN = "libre"  # two colours chosen freely
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: letters
SIGN_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: a sign
_HEX = re.compile(r"#[0-9a-f]{6}")


class Palette(NamedTuple):
    """The picture's own colours: the same on a light page, a dark one and on paper.

    ``ground`` is the rim, ``deep`` what lies under the sign, ``light`` the sign.
    """

    ground: str
    deep: str
    light: str


# The tokens of tierslieu/static/css/tokens.css (light); «deep» is the ground, one tone down.
COLOURS = {
    "mer": Palette("#0e5a6d", "#0a4656", "#dfeef0"),
    "terra": Palette("#a8401f", "#8a3217", "#f8e6dc"),
    "olive": Palette("#4a6122", "#3a4d19", "#e8eeda"),
    "soleil": Palette("#f2b84b", "#e3a02a", "#5b3d00"),
    "nuit": Palette("#3a4963", "#1b2433", "#f1ebe0"),
}
# Where letters are read, the sun's brown is a tone deeper; without, it stays as it ever was.
_WITH_TEXT = {"soleil": Palette("#f2b84b", "#e3a02a", "#4c3300")}


def is_colour(text: str) -> bool:
    """Whether this is ``#rrggbb`` in small letters."""
    return _HEX.fullmatch(text) is not None


def palette_of(name: str, ground: str = "", mark: str = "", *, has_text: bool = False) -> Palette:
    """A ready pair by its name, or two colours of one's own.

    Raises KeyError for an unknown name, or colours not written ``#rrggbb``.
    """
    if name != OWN:
        return _WITH_TEXT.get(name, COLOURS[name]) if has_text else COLOURS[name]
    if not (is_colour(ground) and is_colour(mark)):
        raise KeyError(ground)
    # The rim leans a little towards the mark, so that the shape has an edge.
    return Palette(_mix(ground, mark, 0.14), ground, mark)


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, from 1 to 21 (WCAG 2.2, «contrast ratio»)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2), 0 for black, 1 for white."""
    red, green, blue = (
        value / 12.92 if (value := channel / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


class Print(NamedTuple):
    """What a badge lends to the sheet it is printed on."""

    tint: str  # under dark text: contrast with it of 4.5 and much more
    accent: str  # letters and dots on paper: contrast of 4.5 and more


PAPER = "#fffdf9"
INK = "#1b2433"
_TINTS = {  # the light ground of each colour in tokens.css
    "mer": "#dfeef0",
    "terra": "#f8e6dc",
    "olive": "#e8eeda",
    "soleil": "#fdf0d2",
    "nuit": "#f1ebe0",
}


def print_of(palette: Palette, name: str = OWN) -> Print:
    """The tint and the accent that go with a badge's colours.

    The accent is the first of its own colours that can be read on paper; where none can, its
    ground, darkened until it can.
    """
    tint = _TINTS.get(name) or _mix(palette.ground, PAPER, 0.86)
    for colour in (palette.ground, palette.deep, palette.light):
        if _reads(colour, tint):
            return Print(tint, colour)
    accent = palette.ground
    while not _reads(accent, tint):
        accent = _mix(accent, INK, 0.1)
    return Print(tint, accent)


def _reads(colour: str, tint: str) -> bool:
    return min(contrast(colour, PAPER), contrast(colour, tint)) >= TEXT_CONTRAST
