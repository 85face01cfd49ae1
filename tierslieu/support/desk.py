"""Where following a person is shown: one blueprint for all its rooms."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.settings import Settings

blueprint = Blueprint("support", __name__)


def settings() -> Settings:
    """What this place is told from outside."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found
