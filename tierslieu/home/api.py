"""The description of the API, for programs and for whoever writes them."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from tierslieu.settings import Settings
from tierslieu.web.access import public
from tierslieu.web.api import answer
from tierslieu.web.openapi import build

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """What every call takes and gives, as an OpenAPI 3.1 document."""
    settings: Settings = current_app.config["TIERSLIEU"]
    response = answer(build(current_app._get_current_object(), settings.base_url))  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
