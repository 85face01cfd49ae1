"""Words on a picture, as outlines of our own font: the same in every reader, without any font."""

from __future__ import annotations

import io
import threading
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

MAX_LETTERS = 18
MAX_LINES = 3
SMALLEST = 14.0  # units of 240: what can still be read on a badge of 3 cm
_FONTS = Path(__file__).parents[2] / "tierslieu" / "static" / "fonts"
_FILES = ("bricolage-grotesque-latin-wght-normal.woff2",
          "bricolage-grotesque-latin-ext-wght-normal.woff2")  # fmt: skip
_WEIGHT = {"wght": 700}
_LEADING = 1.06  # of the size, from line to line
# A font is unpacked piece by piece, by one thread only.
_ONE_AT_A_TIME = threading.Lock()
_SPACE = {" ", "\u00a0", "\u202f"}


class _Face(NamedTuple):
    glyphs: Any  # fontTools' glyph set at our weight
    names: dict[int, str]  # code point → glyph
    units: int  # in one em
    capital: float  # height of a capital, in ems


class _Glyph(NamedTuple):
    strokes: list[tuple[str, Any]]  # a pen's moves, in units of the font, upwards
    advance: float  # in ems
    units: int


class Lettering(NamedTuple):
    """Words laid out: the outlines (an SVG path), and the size they came out at."""

    path: str
    size: float


@cache
def _faces() -> tuple[_Face, ...]:
    faces = []
    for name in _FILES:
        font = TTFont(io.BytesIO((_FONTS / name).read_bytes()), lazy=True)
        units = font["head"].unitsPerEm
        capital = font["OS/2"].sCapHeight / units
        faces.append(_Face(font.getGlyphSet(location=_WEIGHT), font.getBestCmap(), units, capital))
    return tuple(faces)


def unknown_letters(text: str) -> list[str]:
    """The characters of ``text`` that our font does not draw."""
    return [c for c in dict.fromkeys(text) if c not in _SPACE and _glyph(c) is None]


@lru_cache(maxsize=1024)
def _glyph(letter: str) -> _Glyph | None:
    """A letter as the font draws it, None if it does not."""
    with _ONE_AT_A_TIME:
        for face in _faces():
            name = face.names.get(ord(letter))
            if name is not None:
                pen = DecomposingRecordingPen(face.glyphs)
                face.glyphs[name].draw(pen)
                return _Glyph(pen.value, face.glyphs[name].width / face.units, face.units)
    return None


def _advance(letter: str) -> float:
    """The width of a letter, in ems."""
    glyph = _glyph(" " if letter in _SPACE else letter)
    return glyph.advance if glyph is not None else 0.0


@cache
def _capital() -> float:
    """The height of a capital, in ems."""
    with _ONE_AT_A_TIME:
        return _faces()[0].capital


def _width(line: str) -> float:
    return sum(_advance(letter) for letter in line)


def lay_out(
    text: str, *, centre: tuple[float, float], width: float, height: float, largest: float
) -> Lettering:
    """Draw ``text`` as large as fits a box around ``centre``, cut at its spaces where that helps.

    Units are those of the picture. Characters unknown to the font are left out: refuse them
    before (:func:`unknown_letters`).
    """
    words = unicodedata.normalize("NFC", text).replace("\u202f", "\u00a0").split(" ")
    words = [word for word in words if word]
    if not words:
        return Lettering("", largest)
    sized = [(_size(lines, width, height, largest), lines) for lines in _cuts(words)]
    size, lines = max(sized, key=lambda pair: (round(pair[0], 3), -len(pair[1])))
    capital = _capital() * size
    block = capital + (len(lines) - 1) * size * _LEADING
    baseline = centre[1] - block / 2 + capital
    pieces = []
    for number, line in enumerate(lines):
        x = centre[0] - _width(line) * size / 2
        pieces.append(_outline(line, x, baseline + number * size * _LEADING, size))
    return Lettering("".join(pieces), size)


def _cuts(words: list[str]) -> list[list[str]]:
    """Every way to cut these words into one to three lines."""
    count = len(words)
    cuts = [[" ".join(words)]]
    cuts += [[" ".join(words[:a]), " ".join(words[a:])] for a in range(1, count)]
    cuts += [
        [" ".join(words[:a]), " ".join(words[a:b]), " ".join(words[b:])]
        for a in range(1, count)
        for b in range(a + 1, count)
    ]
    return [lines for lines in cuts if len(lines) <= MAX_LINES]


def _size(lines: list[str], width: float, height: float, largest: float) -> float:
    widest = max(_width(line) for line in lines)
    across = width / widest if widest else largest
    down = height / (_capital() + (len(lines) - 1) * _LEADING)
    return min(across, down, largest)


def _outline(line: str, x: float, baseline: float, size: float) -> str:
    pieces = []
    for letter in line:
        glyph = None if letter in _SPACE else _glyph(letter)
        if glyph is not None:
            scale = size / glyph.units
            path = SVGPathPen(None, ntos=_short)
            # A font counts upwards, a picture downwards.
            pen = TransformPen(path, (scale, 0, 0, -scale, x, baseline))
            for move, points in glyph.strokes:
                getattr(pen, move)(*points)
            pieces.append(path.getCommands())
        x += _advance(letter) * size
    return "".join(pieces)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
