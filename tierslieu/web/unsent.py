"""What somebody wrote into a form that could not be taken: shown once more, to be copied.

Whoever wrote for an hour and whose session ended meanwhile would lose it all by being sent to sign
in. Nothing of it is kept: it stands in the answer, and there alone.
"""

from __future__ import annotations

import re

from flask import request

LEAST = 40  # characters; what is shorter is typed again as quickly
WORDS = 5  # at least; fewer are no sentence, but what a page has its form carry along
_NEVER = frozenset({"password", "token", "code"})  # as a part of a field's name


def unsent_texts() -> list[str]:
    """The longer texts of the form at hand, each once, as they were typed.

    Only of a form of ours: what another site has a browser send is never shown on a page of the
    place. Passwords and tokens are left out.
    """
    if not _is_our_form():
        return []
    return list(
        dict.fromkeys(
            text
            for name, text in request.form.items(multi=True)
            if len(text) >= LEAST
            and len(text.split(maxsplit=WORDS)) >= WORDS
            and not _NEVER.intersection(re.split(r"[^a-z]+", name.lower()))
        )
    )


def _is_our_form() -> bool:
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said == "same-origin"
    return request.headers.get("Origin", "") == request.host_url.rstrip("/")
