"""Challenges in the session: a few at a time, for a page each, five minutes. The session is signed,
and a challenge serves once for a passkey (``last_asked_at``), whatever cookie is shown again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from flask import current_app, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tierslieu import clock
from tierslieu.db import db
from tierslieu.people.models import Passkey, User
from tierslieu.people.passkeys import ceremonies
from tierslieu.people.passkeys.ceremonies import Asked
from tierslieu.people.passkeys.party import Party, find_party
from tierslieu.people.passkeys.queries import count_passkeys, list_passkeys
from tierslieu.place.showing import the_place
from tierslieu.settings import Settings

KEY = "passkeys"  # in the session; it goes with the sign-in
MOST = 4  # pages open at once, in as many tabs
ENTER, SECOND = "enter", "second"  # what a challenge is for; a new passkey: whose, beside


def here() -> Party | None:
    """The place as browsers know it; None where there can be no passkeys."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return find_party(settings, the_place().name_here)


def ask_to_add(user: User) -> str:
    """What a device is told to make one, as JSON; empty where it cannot."""
    party = here()
    if party is None:
        return ""
    known = list_passkeys(db.session(), user.id)
    return _keep(adding(user), *ceremonies.ask_to_make(party, user, known))


def ask_to_enter(purpose: str = ENTER, known: Sequence[Passkey] = ()) -> str:
    """What a device is told to sign, as JSON; empty where it cannot."""
    party = here()
    return _keep(purpose, *ceremonies.ask_to_sign(party, known)) if party is not None else ""


def ask_for_second() -> str:
    """The same for the person who just gave a password; empty for who has no passkey."""
    user = pending()
    known = list_passkeys(db.session(), user.id) if user is not None else ()
    return ask_to_enter(SECOND, known) if known else ""


def awaits_one() -> bool:
    """Whether a password was given a moment ago by somebody who has a passkey."""
    user = pending()
    return user is not None and count_passkeys(db.session(), user.id) > 0


def adding(user: User) -> str:
    """The purpose of a challenge for a new passkey: of this person alone."""
    return f"add {user.id}"


def pending() -> User | None:
    """Whose password was right a moment ago, and whose second factor is awaited."""
    from flask_security.proxies import _datastore

    mark = session.get("tf_user_id")
    found = _datastore.find_user(fs_uniquifier=mark) if mark and "tf_state" in session else None
    return cast("User | None", found)


def _keep(purpose: str, options: str, challenge: bytes) -> str:
    kept: list[dict[str, Any]] = session.get(KEY, [])[1 - MOST :]
    made = {
        "for": purpose,
        "challenge": bytes_to_base64url(challenge),
        "at": clock.now().isoformat(),
    }
    session[KEY] = [*kept, made]
    return options


def take(purpose: str, answer: str) -> Asked | None:
    """The challenge of this browser that an answer signs; it stands no longer. None: there is no
    such one, or it was for something else."""
    challenge = ceremonies.read_challenge(answer)
    for one in session.get(KEY, []):
        if one["for"] == purpose and base64url_to_bytes(one["challenge"]) == challenge:
            session[KEY] = [other for other in session[KEY] if other != one]
            return Asked(base64url_to_bytes(one["challenge"]), datetime.fromisoformat(one["at"]))
    return None
