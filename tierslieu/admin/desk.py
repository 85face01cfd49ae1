"""Where the place is run from: the blueprint, and what its pages take from the place."""

from __future__ import annotations

from flask import Blueprint, current_app

from tierslieu.house import House

blueprint = Blueprint("admin", __name__)


def house() -> House:
    """Every feature's offers."""
    found: House = current_app.extensions["tierslieu.house"]
    return found
