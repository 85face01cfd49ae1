"""Where endorsements are asked for and given: the blueprint, and what its pages share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, current_app
from flask_babel import gettext as _

from badges.awards.keys import KeyUnreadable
from tierslieu.errors import Refused
from tierslieu.settings import Settings

blueprint = Blueprint("endorsements", __name__)


def settings() -> Settings:
    """What this instance is told from outside."""
    told: Settings = current_app.config["TIERSLIEU"]
    return told


@contextmanager
def signing() -> Iterator[None]:
    """A sentence for people when the place cannot sign an award again."""
    try:
        yield
    except KeyUnreadable as error:
        current_app.logger.error("no signature possible: %s", error)
        raise Refused(
            _(
                "La clé de signature du lieu n’est pas lisible : rien n’a été écrit. Réessayez "
                "plus tard."
            ),
            code="no_key",
            status=503,
        ) from error
