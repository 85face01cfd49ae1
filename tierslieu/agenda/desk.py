"""The blueprint of the agenda's own pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("agenda", __name__)
