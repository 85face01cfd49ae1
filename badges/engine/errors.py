"""The one error family of the engine.

`code` is stable and meant for programs (a product maps it to its own sentences), `params` carries
the facts of the case, and the message is an English default.
"""

from __future__ import annotations

from collections.abc import Mapping


class EngineError(Exception):
    """Something the engine was given cannot be used; `code` says what, `params` the details."""

    def __init__(
        self, code: str, message: str, params: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params: dict[str, str | int] = dict(params or {})


class MalformedError(EngineError):
    """The input itself is wrong: broken JSON, an undefined term, a bad signature encoding…"""


class UnsupportedError(EngineError):
    """The input may be right, but this engine does not check such things, or declines to."""


class FetchRefused(EngineError):
    """A `Fetch` will not go to that address (private network, wrong scheme, not allowed)."""

    def __init__(self, message: str = "the address was refused", address: str = "") -> None:
        super().__init__("fetch_refused", message, {"address": address})


class FetchFailed(EngineError):
    """A `Fetch` went to that address and got nothing usable (offline, 404, too large)."""

    def __init__(self, message: str = "nothing came back", address: str = "") -> None:
        super().__init__("fetch_failed", message, {"address": address})


class FetchSpent(FetchFailed):
    """A `Fetch` that counts did not go there: this credential has been to enough addresses.

    Says nothing about the address, so it is not remembered for the next one that names it.
    """


class FetchGone(FetchFailed):
    """That address says that what was there was withdrawn (HTTP 410); `body` is what it answers.

    A `Fetch` that cannot tell raises `FetchFailed`: then a withdrawn Open Badge 2.0 is merely out
    of reach.
    """

    def __init__(self, body: bytes = b"", address: str = "") -> None:
        super(FetchFailed, self).__init__(
            "fetch_gone", "what was there was withdrawn", {"address": address}
        )
        self.body = body
