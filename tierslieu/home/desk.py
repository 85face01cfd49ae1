"""Where a person's first page and their timeline are shown: one blueprint."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.house import House
from tierslieu.settings import Settings

blueprint = Blueprint("home", __name__)


def the_house() -> House:
    """Every offer of every feature."""
    house: House = current_app.extensions["tierslieu.house"]
    return house


def settings() -> Settings:
    """What this place is told from outside."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found
