"""The picture of a badge: drawn by us from a shape, two colours, a sign and a text, or its own.

One rule for every place that shows it: :func:`svg_of` and :func:`png_of`.
"""

from __future__ import annotations

import base64
import struct
from functools import lru_cache
from typing import NamedTuple

import resvg_py

from badges.designs.colours import COLOURS, OWN, Palette, palette_of
from badges.designs.lettering import Lettering, lay_out
from badges.designs.models import BadgeClass
from badges.designs.shapes import ICONS, SHAPES

__all__ = ["COLOURS", "ICONS", "NO_ICON", "OWN", "SHAPES", "Drawing", "draw", "png_of", "svg_of"]

PNG_SIDE = 640  # pixels
NO_ICON = "aucun"  # the text alone

# How wide a text may be at the height where it stands, under a sign and alone.
_WIDTHS = {
    "hexagon": (136, 136),
    "circle": (136, 144),
    "square": (138, 138),
    "shield": (112, 128),
    "flower": (134, 132),
}


class Drawing(NamedTuple):
    """What a picture is drawn from. ``ground`` and ``mark`` count when ``colour`` is OWN."""

    shape: str
    colour: str
    icon: str
    text: str = ""
    ground: str = ""
    mark: str = ""

    @property
    def palette(self) -> Palette:
        """Its colours. Raises KeyError for colours not known here."""
        return palette_of(self.colour, self.ground, self.mark, has_text=bool(self.text))


def drawing_of(badge: BadgeClass) -> Drawing:
    """What this badge's picture is drawn from, whether or not it has one of its own."""
    return Drawing(badge.shape, badge.colour, badge.icon, badge.text, badge.ground, badge.mark)


def svg_of(badge: BadgeClass) -> bytes:
    """The badge's picture as SVG; one handed in as PNG stands inside an SVG."""
    own = badge.own_picture
    if own is None:
        return draw(drawing_of(badge)).encode()
    return own.svg.encode() if own.svg is not None else wrap_png(own.png)


def png_of(badge: BadgeClass) -> bytes:
    """The badge's picture in pixels."""
    own = badge.own_picture
    return draw_png(drawing_of(badge)) if own is None else own.png


def letter(drawing: Drawing) -> Lettering:
    """Its text laid out where it stands. Raises KeyError for a shape not drawn here."""
    under, alone = _WIDTHS[drawing.shape]
    if drawing.icon == NO_ICON:
        return lay_out(drawing.text, centre=(120, 114), width=alone, height=84, largest=54)
    return lay_out(drawing.text, centre=(120, 147), width=under, height=34, largest=27)


@lru_cache(maxsize=512)
def draw(drawing: Drawing) -> str:
    """The picture as SVG text, 240 units wide. Raises KeyError for a name not drawn here."""
    outline, palette = SHAPES[drawing.shape], drawing.palette
    steps = 184 if drawing.text and drawing.icon != NO_ICON else 178
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240" viewBox="0 0 240 240">'
        f'<path d="{outline(110)}" fill="{palette.ground}" stroke="{palette.ground}"'
        ' stroke-width="6" stroke-linejoin="round"/>'
        f'<path d="{outline(95)}" fill="{palette.deep}" stroke="{palette.light}"'
        ' stroke-width="3.2" stroke-linejoin="round"/>'
        f'<path d="{outline(87)}" fill="none" stroke="{palette.light}" stroke-opacity=".4"'
        ' stroke-width="1.3" stroke-linejoin="round" stroke-dasharray="1.3 6"'
        ' stroke-linecap="round"/>'
        f"{_sign(drawing, palette)}"
        # The line of steps, the house's sign.
        f'<g fill="{palette.deep}" stroke="{palette.light}" stroke-width="2.4">'
        f'<path d="M100 {steps}h40" stroke-linecap="round"/>'
        f'<circle cx="98" cy="{steps}" r="4.6" fill="{palette.light}"/>'
        f'<circle cx="120" cy="{steps}" r="4.6" fill="{palette.light}"/>'
        f'<circle cx="142" cy="{steps}" r="4.6"/></g></svg>\n'
    )


def _sign(drawing: Drawing, palette: Palette) -> str:
    words = ""
    if drawing.text:
        words = f'<path d="{letter(drawing).path}" fill="{palette.light}"/>'
    if drawing.icon == NO_ICON:
        return words
    sign = (
        ICONS[drawing.icon]
        .replace('class="f"', f'fill="{palette.light}" stroke="none"')
        .replace('class="k"', f'fill="{palette.deep}"')
    )
    # Smaller and higher when a text stands under it.
    place = "translate(120 88) scale(.72)" if words else "translate(120 112) scale(.94)"
    return (
        f'<g transform="{place}" fill="none" stroke="{palette.light}"'
        f' stroke-width="7.4" stroke-linecap="round" stroke-linejoin="round">{sign}</g>{words}'
    )


@lru_cache(maxsize=128)
def draw_png(drawing: Drawing) -> bytes:
    """The picture as PNG, transparent around its shape; kept in memory once drawn."""
    return to_png(draw(drawing))


@lru_cache(maxsize=64)
def to_png(svg: str) -> bytes:
    """An SVG in pixels; letters that are not outlines are not drawn, and nothing is fetched.

    Raises ValueError when it cannot be drawn.
    """
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, width=PNG_SIDE, height=PNG_SIDE, skip_system_fonts=True
        )
    )


def wrap_png(data: bytes) -> bytes:
    """An SVG that shows this PNG, for those who want the one and have the other."""
    width, height = struct.unpack_from(">II", data, 16)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240"'
        f' viewBox="0 0 {width} {height}"><image width="{width}" height="{height}"'
        f' href="data:image/png;base64,{base64.b64encode(data).decode()}"/></svg>\n'
    ).encode()
