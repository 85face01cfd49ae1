"""What the place says of itself, for whoever is drawing a page, a mail or a paper."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from flask import current_app, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from tierslieu.db import db
from tierslieu.place.queries import read_picture, read_place
from tierslieu.place.said import Logo, Place, place_of
from tierslieu.settings import Settings

_KEPT = "tierslieu.place"
_KINDS = {"svg": "image/svg+xml", "png": "image/png"}
_TALL, _WIDE = 22.0, 130.0  # pt: what the head of a paper has room for
_MAIL_TALL, _MAIL_WIDE = 36, 220  # px: what the head of a mail has room for on a phone
_FINE = 2  # pixels drawn for each that is asked for: screens are finer


@dataclass(frozen=True)
class PrintedLogo:
    """The logo for the head of a paper: its content as an address, its size in points.

    ``alone``: it says the name itself.
    """

    address: str
    width: float
    height: float
    alone: bool


@dataclass(frozen=True)
class MailedLogo:
    """The logo for the head of a mail: a PNG, which every mail program shows, twice as fine as
    ``width`` by ``height`` pixels. ``alone``: it says the name itself."""

    data: bytes
    width: int
    height: int
    alone: bool

    @property
    def part(self) -> str:
        """The name of the part of a mail that holds it (RFC 2392), the same for the same content:
        its HTML says ``cid:`` and that, and nothing is fetched."""
        return f"logo.{hashlib.sha256(self.data).hexdigest()[:16]}@place.invalid"

    @property
    def address(self) -> str:
        """Its content as an address, for a page that shows a mail."""
        return f"data:image/png;base64,{b64encode(self.data).decode()}"


def the_place() -> Place:
    """What the place says of itself: read once a request. Needs an application context.

    Where the database is gone, what the settings say: the page that says so needs a name too.
    """
    settings: Settings = current_app.config["TIERSLIEU"]
    if not has_request_context():
        return read_place(db.session(), settings)
    if (kept := request.environ.get(_KEPT)) is not None:
        return cast(Place, kept)
    try:
        place = read_place(db.session(), settings)
    except SQLAlchemyError:
        return place_of(0, {}, settings)
    request.environ[_KEPT] = place
    return place


def printed_logo() -> PrintedLogo | None:
    """The logo of the place for its papers; None while it has none. Needs an application context.

    The one for light pages: paper is light. Two short queries, before anything is drawn.
    """
    logo = the_place().logo
    data = read_picture(db.session(), logo.light.digest) if logo else b""
    if logo is None or not data:
        return None
    ratio = logo.light.width / logo.light.height
    height = min(_TALL, _WIDE / ratio)
    address = f"data:{_KINDS[logo.light.suffix]};base64,{b64encode(data).decode()}"
    return PrintedLogo(address, round(height * ratio, 2), round(height, 2), logo.alone)


def mailed_logo(logo: Logo | None) -> MailedLogo | None:
    """The logo of the place as its mails bear it; None while it has none. Needs an application
    context.

    The one for light pages, which lies on a light ground of its own where a mail is read in the
    dark: a mail program that darkens a letter does not ask for another picture.
    """
    data = read_picture(db.session(), logo.light.digest) if logo else b""
    if logo is None or not data:
        return None
    ratio = logo.light.width / logo.light.height
    height = max(1, round(min(_MAIL_TALL, _MAIL_WIDE / ratio)))
    width = max(1, round(height * ratio))
    return MailedLogo(_in_pixels(data, logo.light.suffix, width, height), width, height, logo.alone)


@lru_cache(maxsize=4)
def _in_pixels(data: bytes, suffix: str, width: int, height: int) -> bytes:
    size = (width * _FINE, height * _FINE)
    if suffix == "svg":
        import resvg_py

        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=data.decode(), width=size[0], height=size[1], skip_system_fonts=True
            )
        )
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        picture.convert("RGBA").resize(size).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
