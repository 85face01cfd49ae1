"""Where awards are made and shown: the blueprint, and what its pages take from the application."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask_babel import gettext as _

from badges.awards.keys import KeyUnreadable, Signer, load_signer
from badges.engine.publickeys import Kind
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.house import House
from tierslieu.settings import Settings

blueprint = Blueprint("awards", __name__)
api_blueprint = Blueprint("awards_api", __name__, url_prefix="/api/v1")  # for programs

SCOPE = "awards:write"  # what a program's key must allow


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


def signer(kind: Kind = "Ed25519") -> Signer:
    """What signs with a key of this kind; a sentence for people when nothing can."""
    try:
        return load_signer(db.session(), settings(), kind)
    except KeyUnreadable as error:
        current_app.logger.error("no signature possible: %s", error)
        raise Refused(
            _(
                "La clé de signature du lieu n’est pas lisible : rien n’a été écrit. Prévenez "
                "l’administration."
            ),
            code="no_key",
            status=503,
        ) from error
