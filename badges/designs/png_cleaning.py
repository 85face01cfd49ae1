"""A PNG handed in, reduced to its pixels: no text, no place, no date, nothing hidden behind.

PNG 1.2 (ISO/IEC 15948), sections 4, 5 and 11. The pixels are unpacked to their exact size and
packed anew, so that nothing of the file survives but what one sees.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from badges.engine import png
from badges.engine.errors import MalformedError

MAX_BYTES = 1024 * 1024
LEAST_SIDE, MOST_SIDE = 90, 1200  # pixels
MAX_RAW = 8 * MOST_SIDE * MOST_SIDE + MOST_SIDE  # bytes: 16 bits each of four channels
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_PASSES = (  # Adam7: first column, first row, step across, step down
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
    (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip


class _Header(NamedTuple):
    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlace: int


class WrongSize(Exception):
    """A picture too small, too large, or not square; ``width`` and ``height`` in pixels."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} × {height}")
        self.width, self.height = width, height


def clean_png(data: bytes) -> bytes:
    """The same picture, pixel for pixel, without anything else.

    Raises :class:`WrongSize`; MalformedError for what is not a sound PNG.
    """
    if not data.startswith(png.SIGNATURE) or len(data) > MAX_BYTES:
        raise _broken("not a PNG, or too large")
    header: _Header | None = None
    palette, clear, packed = b"", b"", []
    for kind, content in png.chunks(data):
        if kind == b"IHDR":
            if header is not None:
                raise _broken("two headers")
            header = _read_header(content)
        elif kind == b"PLTE":
            palette = content
        elif kind == b"tRNS":
            clear = content
        elif kind == b"IDAT":
            packed.append(content)
        elif kind != b"IEND" and not kind[0] & 0x20:
            raise _broken("a critical part of an unknown kind")
    assert header is not None  # png.chunks insists that it comes first
    _check_palette(header, palette, clear)
    raw = png.inflate(b"".join(packed), MAX_RAW)
    _check_rows(header, raw)
    pieces = [png.SIGNATURE, png.chunk(b"IHDR", struct.pack(">IIBBBBB", *header))]
    if palette and header.colour == 3:
        pieces.append(png.chunk(b"PLTE", palette))
    if clear:
        pieces.append(png.chunk(b"tRNS", clear))
    pieces += [png.chunk(b"IDAT", zlib.compress(raw, 6)), png.chunk(b"IEND", b"")]
    return b"".join(pieces)


def shows_nothing(data: bytes) -> bool:
    """Whether a picture that we drew (8 bits, with transparency) is wholly transparent."""
    chunks = list(png.chunks(data))
    header = _read_header(chunks[0][1], own=True)
    raw = png.inflate(b"".join(c for kind, c in chunks if kind == b"IDAT"), MAX_RAW)
    row = 1 + 4 * header.width
    return not any(raw[start + 1 : start + row].strip(b"\0") for start in range(0, len(raw), row))


def _read_header(content: bytes, *, own: bool = False) -> _Header:
    if len(content) != 13:
        raise _broken("the header is damaged")
    header = _Header(*struct.unpack(">IIBBBBB", content))
    width, height = header.width, header.height
    if not own and (
        min(width, height) < LEAST_SIDE or max(width, height) > MOST_SIDE
        or 10 * abs(width - height) > max(width, height)
    ):  # fmt: skip
        raise WrongSize(width, height)
    if header.depth not in _DEPTHS.get(header.colour, ()) or header.interlace > 1:
        raise _broken("the header names what does not exist")
    if header.compression or header.filtering:
        raise _broken("packed in an unknown way")
    return header


def _check_palette(header: _Header, palette: bytes, clear: bytes) -> None:
    entries, rest = divmod(len(palette), 3)
    if header.colour == 3 and (rest or not 1 <= entries <= 1 << header.depth):
        raise _broken("the palette is damaged")
    wanted = {0: len(clear) == 2, 2: len(clear) == 6, 3: 0 < len(clear) <= entries}
    if clear and not wanted.get(header.colour, False):
        raise _broken("the transparency is damaged")


def _check_rows(header: _Header, raw: bytes) -> None:
    """Every row begins with a known filter, and the pixels fill the picture exactly."""
    position = 0
    for width, height in _sizes(header):
        row = 1 + (width * _CHANNELS[header.colour] * header.depth + 7) // 8
        end = position + row * height
        if any(kind > 4 for kind in raw[position:end:row]):
            raise _broken("a row is damaged")
        position = end
    if position != len(raw):
        raise _broken("more or fewer pixels than the header says")


def _sizes(header: _Header) -> list[tuple[int, int]]:
    """The picture, or the small ones that an interlaced picture is made of."""
    if not header.interlace:
        return [(header.width, header.height)]
    found = []
    for column, row, across, down in _PASSES:
        width = (header.width - column + across - 1) // across
        height = (header.height - row + down - 1) // down
        if width > 0 and height > 0:
            found.append((width, height))
    return found


def _broken(message: str) -> MalformedError:
    return MalformedError("file_damaged", message)
