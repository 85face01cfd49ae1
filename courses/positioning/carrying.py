"""A visitor's answers on their way to the sign-in page and back: in their own browser's cookie,
signed, for an hour, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import session

_NAME = "_positioning"  # what begins so outlives the sign-in (``people/accounts.py``)
LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Carried:
    """Answers to the questions of a path, in that version."""

    version_id: UUID
    answers: Mapping[str, Sequence[str]]


def carry(slug: str, version_id: UUID, answers: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Put answers into this browser's cookie, in the place of others."""
    session[_NAME] = {
        "path": slug,
        "version": str(version_id),
        "answers": {key: list(ticked) for key, ticked in answers.items()},
        "until": (now + LASTS).timestamp(),
    }


def carried(slug: str, user_id: UUID | None, now: datetime) -> Carried | None:
    """What this browser carries for that path. The first person who signs in takes it: on a
    computer that several share, the next finds nothing."""
    said = session.get(_NAME)
    if said is None:
        return None
    is_others = said.get("owner") not in (None, str(user_id))
    if now.timestamp() >= said["until"] or is_others:
        drop()
        return None
    if user_id is not None and "owner" not in said:
        session[_NAME] = {**said, "owner": str(user_id)}
    if said["path"] != slug:
        return None
    return Carried(UUID(said["version"]), said["answers"])


def drop() -> None:
    """Nothing is carried any more."""
    session.pop(_NAME, None)
