"""The one family of errors that is shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A rule says no, with a sentence for the person who asked.

    ``code`` is stable and for machines (``already_booked``); ``message`` is in the person's
    language and says what happened, why, and what they can do; ``field`` names the form field
    the sentence belongs beside, if any; ``status`` is the HTTP status the answer gets; ``more``
    are facts a machine may want beside the code.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "refused",
        field: str | None = None,
        status: int = 409,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code
        self.field = field
        self.status = status
        self.more = dict(more or {})


class NotYours(Refused):
    """The object does not exist, or not for this person: both answer 404 alike."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message, code="not_found", status=404)
