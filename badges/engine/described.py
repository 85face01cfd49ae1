"""One thing, described in one place.

JSON-LD merges all objects that bear the same identifier: the statements `(badge, validUntil, …)`
are the same wherever in the document an object named like the badge says so. A signature over the
statements therefore still holds when the end of a badge, or its status, is moved into another
object of its name (an endorsement's subject, a piece of evidence), where no reader looks. So what
decides about a badge is refused a second description: elsewhere, its name may only be mentioned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .shape import as_list

#: What an object may say besides the name of a badge, or of what it certifies, that it mentions:
#: an endorsement's subject, criteria that have the address of the achievement, related editions.
_MENTION = frozenset({"id", "type", "endorsementComment"})
_MENTION_OF_ACHIEVEMENT = _MENTION | {"narrative", "inLanguage", "version"}
#: A holder may be named elsewhere, as an issuer too: but what they are said to have achieved, and
#: how one knows them, stands with the subject alone.
_ONLY_OF_SUBJECT = frozenset(
    {
        "achievement",
        "identifier",
        "result",
        "creditsEarned",
        "activityStartDate",
        "activityEndDate",
        "licenseNumber",
        "role",
        "source",
        "term",
    }
)


def said_elsewhere(document: dict[str, Any]) -> str | None:
    """The member by which an object that only shares the name of the document, of its subject or of
    its achievement describes it, if there is one.

    The document must have passed `documents.check_tree`.
    """
    subjects = _objects(document.get("credentialSubject"))
    achievements = [a for subject in subjects for a in _objects(subject.get("achievement"))]
    if "credentialSubject" not in document:  # an achievement published by itself
        achievements.append(document)
    names: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    roots = [document] if subjects else []
    for rank, some in enumerate((roots, subjects, achievements)):
        for one in some:
            name = one.get("id")
            if isinstance(name, str):
                names.setdefault(name, []).append((rank, one))
    for other in _all(document) if names else ():
        name = other.get("id")
        for rank, one in names.get(name, ()) if isinstance(name, str) else ():
            # The same said twice over hides nothing.
            if other is not one and other != one:
                told = _excess(rank, other)
                if told is not None:
                    return told
    return None


def _excess(rank: int, one: dict[str, Any]) -> str | None:
    if rank == 1:
        found = one.keys() & _ONLY_OF_SUBJECT
    else:
        found = one.keys() - (_MENTION_OF_ACHIEVEMENT if rank == 2 else _MENTION)
    return min(found) if found else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in as_list(value) if isinstance(one, dict)]


def _all(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    stack: list[Any] = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
