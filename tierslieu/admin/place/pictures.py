"""A logo handed in: what is taken, made harmless, and the sentences for what is not. Pure."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from dataclasses import dataclass

from flask_babel import gettext as _
from PIL import Image, ImageOps

from badges.designs.own_pictures import refuse_svg
from badges.designs.pictures import to_png
from badges.designs.png_cleaning import shows_nothing
from badges.designs.svg_cleaning import NotDrawable, clean_svg
from tierslieu.errors import Refused

MAX_BYTES = 1024 * 1024  # of the file handed in
MAX_PIXELS = 25_000_000  # known before it is unpacked
MOST = (1200, 400)  # pixels kept, wide and high
SHOWN_HIGH = 400  # px: what an SVG says of its own height
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, struct.error)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BOX = re.compile(r' width="240" height="240" viewBox="\S+ \S+ (\S+) (\S+)"')


@dataclass(frozen=True)
class Drawn:
    """A harmless picture, by what it shows: ``suffix`` is ``svg`` or ``png``; pixels."""

    suffix: str
    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """What names it."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def media_type(self) -> str:
        """As it is sent."""
        return {"svg": "image/svg+xml", "png": "image/png"}[self.suffix]


def clean_logo(data: bytes, field: str) -> Drawn:
    """An SVG written anew, or the pixels of a PNG or JPEG, told by content.

    Raises :class:`Refused` (422, beside ``field``) with what to do about it.
    """
    if len(data) > MAX_BYTES:
        raise _refused(_("Ce logo pèse plus d’un mégaoctet. Enregistrez-le plus petit."), field)
    if data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return _clean_svg(data, field)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_many(field)
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            upright.thumbnail(MOST)
            buffer = io.BytesIO()
            # A new sheet takes the pixels alone: nothing of the file's own words goes with them.
            sheet = Image.new("RGBA", upright.size)
            sheet.paste(upright)
            sheet.save(buffer, "PNG", optimize=True)
            return Drawn("png", buffer.getvalue(), *upright.size)
    except _BOMB:
        raise _too_many(field) from None
    except (*_BROKEN, zlib.error, EOFError, MemoryError):
        raise _refused(
            _("Ce fichier n’est pas une image SVG, PNG ou JPEG que l’on sache lire."), field
        ) from None


def _clean_svg(data: bytes, field: str) -> Drawn:
    try:
        cleaned = clean_svg(data)
        if shows_nothing(to_png(cleaned.svg)):
            raise NotDrawable("empty")
    except NotDrawable as error:
        raise refuse_svg(error.code, field) from None
    except ValueError:
        raise refuse_svg("not_svg", field) from None
    if cleaned.left_out:
        # A badge is seen before it is published; a logo would be on every page at once.
        raise refuse_svg("left_out", field)
    found = _BOX.search(cleaned.svg)
    assert found is not None  # the cleaner wrote it
    width = max(1, round(SHOWN_HIGH * float(found[1]) / float(found[2])))
    size = f' width="{width}" height="{SHOWN_HIGH}"'
    svg = cleaned.svg.replace(' width="240" height="240"', size, 1)
    return Drawn("svg", svg.encode(), width, SHOWN_HIGH)


def _too_many(field: str) -> Refused:
    return _refused(_("Ce logo a plus de 25 millions de pixels. Enregistrez-le plus petit."), field)


def _refused(message: str, field: str) -> Refused:
    return Refused(message, code="logo_refused", field=field, status=422)
