"""Who acts, and from where: read once here, so that no rule has to be told.

The kind of device is enough to ask somebody «was that you, on your phone?». The network's address
is not kept: everybody in the room has the same one, and elsewhere it tells where a person lives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from flask import g, has_request_context, request

from tierslieu.logbook.acts import Via
from tierslieu.web.access import current_person_or_none
from tierslieu.web.api import Caller

_at_work: ContextVar[bool] = ContextVar("tierslieu_at_work", default=False)


@dataclass(frozen=True)
class Whence:
    """By which way an act came, by which access key, and whose hand it was."""

    via: Via
    ref: str = ""
    actor_id: UUID | None = None


@contextmanager
def at_work() -> Iterator[None]:
    """What is done meanwhile is done by the place itself, in the background."""
    token = _at_work.set(True)
    try:
        yield
    finally:
        _at_work.reset(token)


def whence() -> Whence:
    """By which way what happens now came."""
    if not has_request_context():
        return Whence(Via.WORKER if _at_work.get() else Via.COMMAND)
    caller: Caller | None = g.get("tierslieu_caller")
    if caller is not None:
        return Whence(Via.API, str(caller.token_id), caller.person_id)
    person = current_person_or_none()
    # What phones say of themselves, and tablets that are held like one.
    is_phone = "mobi" in (request.user_agent.string or "").lower()
    return Whence(Via.PHONE if is_phone else Via.COMPUTER, "", person.id if person else None)
