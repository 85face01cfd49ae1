"""What the place says of itself, for whoever is drawing a page, a mail or a paper."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import cast

from flask import current_app, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from tierslieu.db import db
from tierslieu.place.queries import read_picture, read_place
from tierslieu.place.said import Place, place_of
from tierslieu.settings import Settings

_KEPT = "tierslieu.place"
_KINDS = {"svg": "image/svg+xml", "png": "image/png"}
_TALL, _WIDE = 22.0, 130.0  # pt: what the head of a paper has room for


@dataclass(frozen=True)
class PrintedLogo:
    """The logo for the head of a paper: its content as an address, its size in points.

    ``alone``: it says the name itself.
    """

    address: str
    width: float
    height: float
    alone: bool


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
