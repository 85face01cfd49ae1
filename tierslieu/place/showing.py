"""What the place says of itself, for whoever is drawing a page, a mail or a paper."""

from __future__ import annotations

from typing import cast

from flask import current_app, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from tierslieu.db import db
from tierslieu.place.queries import read_place
from tierslieu.place.said import Place, place_of
from tierslieu.settings import Settings

_KEPT = "tierslieu.place"


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
