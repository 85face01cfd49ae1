"""Asks 1EdTech's validator (PyPI `openbadges`) about badges: one JSON question a line on the
standard input, one JSON answer a line on the standard output.

Runs in a process of its own, with the folder of its packages first in PYTHONPATH: it needs versions
of ten years ago, which cannot live beside ours. Its network is the `web` of the question: address →
[status, content type, base64 of the body].
"""

from __future__ import annotations

import base64
import collections
import collections.abc
import io
import json
import logging
import sys
import warnings
from typing import Any


def main() -> None:
    """Answer until the input ends."""
    warnings.simplefilter("ignore")
    logging.disable()
    for name in ("Iterable", "Mapping"):
        # Python 3.10 took these names away; a package of theirs still looks for them there.
        setattr(collections, name, getattr(collections.abc, name))

    import requests
    from openbadges.verifier import verify
    from openbadges.verifier.openbadges_context import OPENBADGES_CONTEXT_V2_DICT
    from requests.adapters import HTTPAdapter

    context = base64.b64encode(json.dumps(OPENBADGES_CONTEXT_V2_DICT).encode()).decode()
    standard = {"https://w3id.org/openbadges/v2": [200, "application/ld+json", context]}
    web: dict[str, list[Any]] = {}

    def answer(adapter: object, request: Any, **options: Any) -> requests.Response:
        """In the place of going out: what this question says stands there."""
        if request.url not in web:
            raise requests.ConnectionError(f"nothing stands at {request.url}")
        status, kind, body = web[request.url]
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url, request
        response.headers["Content-Type"] = kind
        response.raw = io.BytesIO(base64.b64decode(body))
        response.encoding = "utf-8"
        _ = response.content
        return response

    HTTPAdapter.send = answer  # type: ignore[method-assign,assignment]

    for line in sys.stdin:
        question = json.loads(line)
        web = standard | question["web"]
        source: Any = question.get("text")
        if source is None:
            source = io.BytesIO(base64.b64decode(question["picture"]))
            source.name = question["name"]
        profile = {"email": question["email"]} if "email" in question else None
        try:
            found = verify(source, recipient_profile=profile, use_cache=False, cache_backend=None)
            report = found["report"]
        except Exception as error:
            report = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
