"""A picture handed in, drawn anew from its pixels: no place, no date, no device, nothing hidden."""

from __future__ import annotations

import io
import struct
import zlib

from flask_babel import gettext as _
from PIL import Image, ImageOps

from tierslieu.errors import Refused
from tierslieu.uploads.rules import MAX_SIZE

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 25_000_000  # a phone's photograph has 12; unpacked, these take 75 MB
MAX_SIDE = 2000  # pixels kept: a screen, readable
MAX_PNG = 1_500_000  # bytes; above, it is rather a photograph, and becomes a JPEG
# What Pillow raises for files that are cut, false or made to hurt.
_BROKEN = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, struct.error)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def clean_picture(data: bytes) -> tuple[str, bytes]:
    """A PNG, JPEG or WebP drawn anew, upright, 2,000 pixels a side at most: the end of its new name
    (``.png``, ``.jpg``) and its bytes. Asks nothing of the database; call it in no transaction.

    Raises :class:`Refused` (field ``picture``): ``picture_empty``, ``picture_too_big`` (over 10 MB
    or 25 megapixels, known before it is unpacked), ``picture_unreadable``.
    """
    if not data:
        raise _refusal(_("Cette image est vide : choisissez-en une autre."), "picture_empty")
    if len(data) > MAX_SIZE:
        raise _too_big()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_big()
            picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is unpacked no larger than needed
            return _encode(_draw_anew(picture), is_photograph=picture.format == "JPEG")
    except _BOMB:
        raise _too_big() from None
    except (*_BROKEN, zlib.error, EOFError, MemoryError):
        raise _refusal(
            _(
                "Ce fichier n’est pas une image PNG, JPEG ou WebP que l’on sache lire. Refaites "
                "la capture, ou enregistrez-la dans l’un de ces formats."
            ),
            "picture_unreadable",
        ) from None


def _draw_anew(picture: Image.Image) -> Image.Image:
    """The pixels alone, on white where they were transparent, as the eye sees them upright."""
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    layer = upright.convert("RGBA")
    drawn = Image.new("RGB", layer.size, "white")
    drawn.paste(layer, mask=layer)
    return drawn


def _encode(drawn: Image.Image, *, is_photograph: bool) -> tuple[str, bytes]:
    if not is_photograph:
        buffer = io.BytesIO()
        drawn.save(buffer, "PNG", optimize=False)
        if buffer.tell() <= MAX_PNG:
            return ".png", buffer.getvalue()
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=85)
    return ".jpg", buffer.getvalue()


def _too_big() -> Refused:
    message = _(
        "Cette image est trop grande : 10 Mo et 25 millions de pixels au plus. Recadrez-la sur "
        "l’endroit à montrer."
    )
    return _refusal(message, "picture_too_big")


def _refusal(message: str, code: str) -> Refused:
    return Refused(message, code=code, field="picture", status=422)
