"""Whether somebody typed their own name: the way to sign of who has no phone at hand."""

from __future__ import annotations

from tierslieu.people.models import fold


def is_same_name(written: str, name: str) -> bool:
    """Whether somebody typed their name: accents, capitals, order and a word left out or said by
    its first letter do not matter."""
    typed, known = _words(written), _words(name)
    return (
        bool(typed)
        and any(word in known for word in typed)
        and all(
            any(w == word or (len(word) == 1 and w[0] == word) for w in known) for word in typed
        )
    )


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in fold(text)).split()
