"""What the pages and calls of studies take from the application."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.kept.rules import open_package
from tierslieu.evaluation.models import ResearchPackage
from tierslieu.evaluation.rules import note_download
from tierslieu.house import House
from tierslieu.settings import Settings

blueprint = Blueprint("evaluation", __name__)
api_blueprint = Blueprint("evaluation_api", __name__, url_prefix="/api/v1")


def settings() -> Settings:
    """What this instance is told from outside."""
    told: Settings = current_app.config["TIERSLIEU"]
    return told


def house() -> House:
    """Every offer of every feature."""
    gathered: House = current_app.extensions["tierslieu.house"]
    return gathered


def wake(job: str) -> None:
    """Have the worker do this now rather than at its next tick."""
    if not current_app.testing:
        current_app.extensions["tierslieu.wake"](job)


def hand_over(db: Session, package: ResearchPackage, user_id: object) -> Response:
    """The bytes of a package, once it is written down that they leave; commit before sending.

    Asked with HEAD nothing leaves, and nothing is written down.

    Raises as :func:`open_package`.
    """
    found, content = open_package(db, settings().packages, package.id)
    if request.method != "HEAD":
        note_download(db, found, user_id=user_id, now=clock.now())  # type: ignore[arg-type]
    return Response(
        content,
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{found.name}.zip"',
            "Cache-Control": "no-store",
        },
    )
