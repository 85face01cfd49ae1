"""Where the roll and its papers are shown: their blueprint."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
