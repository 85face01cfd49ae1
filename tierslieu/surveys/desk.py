"""The blueprint that answering questionnaires, writing them and studies share, and what their
pages take from the application."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.house import House, Occasion
from tierslieu.settings import Settings

blueprint = Blueprint("surveys", __name__)


def settings() -> Settings:
    """What this instance is told from outside."""
    told: Settings = current_app.config["TIERSLIEU"]
    return told


def occasions() -> dict[str, Occasion]:
    """What the house may be asked about, by key."""
    house: House = current_app.extensions["tierslieu.house"]
    return {one.key: one for one in house.all(Occasion)}
