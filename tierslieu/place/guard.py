"""A part of the house that is switched off answers nobody, in no language of machines either."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from tierslieu.errors import Refused
from tierslieu.place.parts import Part, part_of, part_of_card
from tierslieu.place.showing import the_place


def is_on(key: str) -> bool:
    """Whether that part is on."""
    return key not in the_place().off


def is_open(part: Part | None) -> bool:
    """Whether what belongs to this part (None: to what is always on) is to be shown."""
    return part is None or is_on(part.key)


def leads_on(path: str) -> bool:
    """Whether a page of ours stands at this path now: not one of a part that is off."""
    if not the_place().off:
        return True
    adapter = current_app.url_map.bind("")
    try:
        endpoint, _values = adapter.match(urlsplit(path).path, method="GET")
    except HTTPException:  # a redirection too
        return True  # nothing that a part closes
    return is_open(part_of(str(endpoint)))


def install(app: Flask) -> None:
    """Let ``app`` close what is switched off, and show none of its cards."""
    found = {rule.endpoint: part_of(rule.endpoint) for rule in app.url_map.iter_rules()}
    app.extensions["tierslieu.shows_card"] = lambda template: is_open(part_of_card(template))

    @app.before_request
    def close() -> None:
        part = found.get(request.endpoint or "")
        if not is_open(part):
            assert part is not None
            raise Refused(
                _(
                    "« %(part)s » est éteint ici : l’équipe ne l’ouvre pas en ce moment. Ce qui y "
                    "était reste gardé.",
                    part=part.label,
                ),
                code="switched_off",
                status=404,
            )
