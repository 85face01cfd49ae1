"""How a body that says it is JSON is read where no call of the API reads it (``api.py``)."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest


class HouseRequest(Request):
    """A request of which JSON that is nested deeper than Python reads is no JSON, rather than a
    failure of ours."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """What the body says, as Flask reads it."""
        try:
            return super().get_json(force, silent, cache)
        except RecursionError:
            if silent:
                return None
            raise BadRequest("nested too deep") from None
