"""A secret that a form makes, shown by the page after it, once: loading that page anew makes no
second one.

On its way to that page it lies in the browser's session, sealed, for a few minutes; never in an
address, which histories and journals keep, and never in the database, which holds its hash alone.
"""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app, session
from flask_security import current_user

from tierslieu import clock

KEPT = 600  # seconds; whoever was cut off on the way makes another one


def _fernet() -> Fernet:
    key = hashlib.sha256(b"shown once\0" + str(current_app.config["SECRET_KEY"]).encode())
    return Fernet(base64.urlsafe_b64encode(key.digest()))


def _name(what: str) -> str:
    return f"once_{what}"


def _now() -> int:
    return int(clock.now().timestamp())


def hand_over(what: str, **words: str) -> None:
    """Give ``words`` to the page that shows ``what`` to this person."""
    written = json.dumps([current_user.get_id(), words]).encode()
    session[_name(what)] = _fernet().encrypt_at_time(written, _now()).decode()


def take(what: str) -> dict[str, str] | None:
    """What was handed over, this once; None where it was shown already, or nothing was made."""
    sealed = session.pop(_name(what), None)
    if sealed is None:
        return None
    try:
        read = json.loads(_fernet().decrypt_at_time(str(sealed).encode(), KEPT, _now()))
    except InvalidToken:
        return None
    person_id, words = read
    return dict(words) if person_id == current_user.get_id() else None
