"""The colours of badges: ready pairs, or two of one's own that can be told apart."""

from __future__ import annotations

from typing import NamedTuple

from tierslieu.web.contrast import TEXT, contrast, is_colour, mix

OWN = "libre"  # two colours chosen freely


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


def palette_of(name: str, ground: str = "", mark: str = "", *, has_text: bool = False) -> Palette:
    """A ready pair by its name, or two colours of one's own.

    Raises KeyError for an unknown name, or colours not written ``#rrggbb``.
    """
    if name != OWN:
        return _WITH_TEXT.get(name, COLOURS[name]) if has_text else COLOURS[name]
    if not (is_colour(ground) and is_colour(mark)):
        raise KeyError(ground)
    # The rim leans a little towards the mark, so that the shape has an edge.
    return Palette(mix(ground, mark, 0.14), ground, mark)


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
    tint = _TINTS.get(name) or mix(palette.ground, PAPER, 0.86)
    for colour in (palette.ground, palette.deep, palette.light):
        if _reads(colour, tint):
            return Print(tint, colour)
    accent = palette.ground
    while not _reads(accent, tint):
        accent = mix(accent, INK, 0.1)
    return Print(tint, accent)


def _reads(colour: str, tint: str) -> bool:
    return min(contrast(colour, PAPER), contrast(colour, tint)) >= TEXT
