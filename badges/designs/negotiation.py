"""Which form of a document the asker wants: a page or JSON."""

from __future__ import annotations

from flask import request

JSON_TYPES = ("application/vc", "application/ld+json", "application/vc+ld+json", "application/json")


def json_asked() -> str | None:
    """The JSON media type asked for by ``Accept``, or None when a page is wanted."""
    accept = request.accept_mimetypes
    best = accept.best_match(["text/html", *JSON_TYPES])
    if best is None or best == "text/html" or accept[best] <= accept["text/html"]:
        return None
    return best


def document_type() -> str:
    """The media type of a signed document: what was asked for, what a browser shows, or a VC."""
    asked = json_asked()
    if asked:
        return asked
    return "application/json" if "text/html" in request.accept_mimetypes.values() else JSON_TYPES[0]
